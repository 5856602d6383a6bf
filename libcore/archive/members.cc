#include "libcore/archive/members.h"

#include <charconv>

#include <fmt/format.h>

#include "libcore/base/name.h"

namespace belay::archive {
namespace {

std::string_view suffix(Compression compression) {
  switch (compression) {
    case Compression::zstd:
      return ".copy.zst";
    case Compression::gzip:
      return ".copy.gz";
    case Compression::none:
      break;
  }
  return ".copy";
}

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

// Leading zeros are found by the caller, who writes the name anew and compares.
bool take_number(std::string_view& text, int& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || number < 0 || number > kMaxNumber) return false;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return true;
}

std::string name_of(const MemberName& member) {
  switch (member.kind) {
    case MemberName::Kind::header:
      return std::string(kHeaderName);
    case MemberName::Kind::toc:
      return toc_name(member.index);
    case MemberName::Kind::chunk:
      return chunk_name(member.number, member.index, member.compression);
    case MemberName::Kind::end:
      return end_name(member.number);
    case MemberName::Kind::manifest:
      return std::string(kManifestName);
    case MemberName::Kind::tail:
      break;
  }
  return std::string(kTailName);
}

std::optional<MemberName> parse_numbered(std::string_view name) {
  MemberName member;
  if (take(name, "toc/")) {
    member.kind = MemberName::Kind::toc;
    if (take_number(name, member.index)) return member;
    return std::nullopt;
  }
  if (!take(name, "data/") || !take_number(name, member.number) || !take(name, "/")) {
    return std::nullopt;
  }
  if (name == "end.json") {
    member.kind = MemberName::Kind::end;
    return member;
  }
  member.kind = MemberName::Kind::chunk;
  if (!take_number(name, member.index)) return std::nullopt;
  if (name == suffix(Compression::gzip)) member.compression = Compression::gzip;
  if (name == suffix(Compression::none)) member.compression = Compression::none;
  return member;
}

}  // namespace

std::string toc_name(int index) { return fmt::format("toc/{}.jsonl.zst", index); }

std::string chunk_name(int number, int index, Compression compression) {
  return fmt::format("data/{}/{}{}", number, index, suffix(compression));
}

std::string end_name(int number) { return fmt::format("data/{}/end.json", number); }

std::optional<MemberName> parse_member_name(std::string_view name) {
  if (name == kHeaderName) return MemberName{.kind = MemberName::Kind::header};
  if (name == kManifestName) return MemberName{.kind = MemberName::Kind::manifest};
  if (name == kTailName) return MemberName{.kind = MemberName::Kind::tail};
  std::optional<MemberName> member = parse_numbered(name);
  if (member && name_of(*member) != name) return std::nullopt;
  return member;
}

std::string_view to_word(CopyFormat format) {
  return format == CopyFormat::binary ? "binary" : "text";
}

std::string_view to_word(Compression compression) {
  switch (compression) {
    case Compression::zstd:
      return "zstd";
    case Compression::gzip:
      return "gzip";
    case Compression::none:
      break;
  }
  return "none";
}

std::string_view to_word(Section section) {
  switch (section) {
    case Section::pre_data:
      return "pre-data";
    case Section::data:
      return "data";
    case Section::post_data:
      break;
  }
  return "post-data";
}

std::string_view to_word(DataKind kind) {
  switch (kind) {
    case DataKind::table:
      return "table";
    case DataKind::sequence_states:
      return "sequence_states";
    case DataKind::planner_statistics:
      return kPlannerStatistics;
    case DataKind::large_objects:
      break;
  }
  return "large_objects";
}

std::string title_of(const DataItem& item) {
  switch (item.kind) {
    case DataKind::sequence_states:
      return "sequence states";
    case DataKind::large_objects:
      return "large objects";
    case DataKind::planner_statistics:
      return "planner statistics";
    case DataKind::table:
      break;
  }
  return "table " + quote_name_pretty({item.schema, item.name});
}

}  // namespace belay::archive
