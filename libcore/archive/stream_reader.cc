#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "libcore/archive/documents.h"
#include "libcore/archive/members.h"
#include "libcore/archive/reader.h"
#include "libcore/archive/tar.h"
#include "libcore/archive/toc.h"

namespace belay::archive {
namespace {

using Kind = MemberName::Kind;

struct ItemState {
  std::vector<MemberRef> chunks;
  bool ended = false;
};

bool same(const MemberRef& a, const MemberRef& b) {
  return a.offset == b.offset && a.size == b.size && a.sha256 == b.sha256;
}

bool same(const std::vector<MemberRef>& a, const std::vector<MemberRef>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                    [](const MemberRef& x, const MemberRef& y) { return same(x, y); });
}

}  // namespace

struct StreamReader::State {
  explicit State(ByteSource& source) : tar(source) {}

  struct Member {
    std::string name;
    MemberName parsed;
    Where where() const { return {name, offset}; }
    std::uint64_t offset = 0;
    std::uint64_t size = 0;
  };

  Member next_member() {
    TarHeader tar_header = tar.next();
    const std::optional<MemberName> parsed = parse_member_name(tar_header.name);
    Member member{std::move(tar_header.name), {}, tar.offset(), tar_header.size};
    if (!parsed) throw_damaged(member.where(), "no member of an archive has this name");
    member.parsed = *parsed;
    return member;
  }

  std::string content(const Member& member, std::uint64_t limit, MemberRef& ref) {
    std::string content = tar.content(limit);
    ref = {member.name, member.offset, member.size, belay::sha256(content)};
    return content;
  }

  void read_start() {
    const Member first = next_member();  // refused by the tar layer unless it is the header
    header = read_header(content(first, kMaxHeaderBytes, seen.header), first.where());
    TocReader toc;
    while (!toc.complete()) {
      const Member member = next_member();
      if (member.parsed.kind != Kind::toc || member.parsed.index != toc.pieces() ||
          member.parsed.index >= kMaxTocPieces) {
        throw_damaged(member.where(), fmt::format("{} must come here", toc_name(toc.pieces())));
      }
      const std::string piece =
          content(member, max_compressed(kMaxTocLineBytes), seen.toc.emplace_back());
      toc.add_piece(piece, member.where());
    }
    contents = toc.take();
    items.resize(contents.items.size());
  }

  // The item that a chunk or an end belongs to.
  ItemState& state_of(const Member& member) {
    const int number = member.parsed.number;
    if (number < 1 || static_cast<std::size_t>(number) > items.size()) {
      throw_damaged(member.where(), "the table of contents has no such data item");
    }
    ItemState& state = items[static_cast<std::size_t>(number) - 1];
    if (state.ended) throw_damaged(member.where(), "its data item has ended already");
    return state;
  }

  const DataItem& item_of(const Member& member) const {
    return contents.items[static_cast<std::size_t>(member.parsed.number) - 1];
  }

  Chunk read_chunk(const Member& member) {
    ItemState& state = state_of(member);
    if (static_cast<std::size_t>(member.parsed.index) != state.chunks.size() ||
        member.parsed.index >= kMaxChunks) {
      throw_damaged(member.where(), fmt::format("chunk {} must come here", state.chunks.size()));
    }
    if (member.parsed.compression != item_of(member).compression) {
      throw_damaged(member.where(), "its compression is not its data item's");
    }
    if (state.chunks.empty() && ++open > header.open_tables) {
      throw_damaged(member.where(), "more data items are open than the header announces");
    }
    Chunk chunk;
    chunk.number = member.parsed.number;
    chunk.index = member.parsed.index;
    const std::uint64_t limit = item_of(member).compression == Compression::none
                                    ? kMaxChunkBytes
                                    : max_compressed(kMaxChunkBytes);
    chunk.bytes = content(member, limit, chunk.ref);
    state.chunks.push_back(chunk.ref);
    return chunk;
  }

  DataEnd read_data_end(const Member& member) {
    ItemState& state = state_of(member);
    MemberRef ref;
    const std::string document = content(member, max_end_bytes(state.chunks.size()), ref);
    DataEnd end = read_end(document, item_of(member), member.where());
    require_same(member, end.chunks, state.chunks, "list of chunks");
    if (!state.chunks.empty()) --open;
    state.chunks = {};
    state.ended = true;
    ends[member.parsed.number] = std::move(ref);
    rows += end.stored.rows;
    bytes += end.bytes;
    if (rows > kMaxArchiveBytes || bytes > kMaxArchiveBytes) {
      throw_damaged(member.where(), "it counts more rows or bytes than possible");
    }
    return end;
  }

  void read_manifest_and_tail(const Member& member) {
    for (std::size_t i = 0; i < items.size(); ++i) {
      if (items[i].ended) continue;
      throw_damaged(member.where(),
                    fmt::format("{} must come before it", end_name(static_cast<int>(i) + 1)));
    }
    MemberRef ref;
    const std::string document =
        content(member, max_manifest_bytes(seen.toc.size() + items.size()), ref);
    manifest = read_manifest(document, member.where());
    for (auto& [number, end] : ends) seen.ends.push_back(std::move(end));
    const auto require = [&](bool ok, std::string_view what) {
      if (!ok) throw_damaged(member.where(), fmt::format("it has another {} than was read", what));
    };
    require(manifest.archive_id == header.archive_id, "archive id");
    require(same(manifest.header, seen.header), "header");
    require_same(member, manifest.toc, seen.toc, "table of contents");
    require_same(member, manifest.ends, seen.ends, "list of ends");
    require(manifest.rows == rows, "number of rows");
    require(manifest.bytes == bytes, "number of bytes");
    read_tail_and_end(ref);
  }

  // Names the first that differs: that member is the damaged one, or the one that lists it. (A
  // flipped bit may well decompress to the same rows.)
  static void require_same(const Member& member, const std::vector<MemberRef>& told,
                           const std::vector<MemberRef>& read, std::string_view what) {
    if (same(told, read)) return;
    std::size_t i = 0;
    while (i < told.size() && i < read.size() && same(told[i], read[i])) ++i;
    const std::string name = i < read.size() ? read[i].name : told.at(i).name;
    throw_damaged(member.where(),
                  fmt::format("it has another {} than was read: {} differs", what, name));
  }

  void read_tail_and_end(const MemberRef& manifest_ref) {
    const Member member = next_member();
    if (member.parsed.kind != Kind::tail) throw_damaged(member.where(), "the tail must come here");
    MemberRef ref;
    const Tail tail = read_tail(content(member, kTailBytes, ref), member.where());
    if (!same(tail.manifest, manifest_ref)) {
      throw_damaged(member.where(), "it names another manifest than was read");
    }
    if (tail.archive != tar.before_header()) {
      throw_damaged(member.where(), "its SHA-256 is not that of the bytes before it");
    }
    tar.end();
    whole = tar.sha256();
    complete = true;
  }

  TarReader tar;
  Header header;
  Contents contents;
  Manifest manifest;
  Manifest seen;  // references as they were read
  std::vector<ItemState> items;
  std::map<int, MemberRef> ends;
  int open = 0;
  std::uint64_t rows = 0, bytes = 0;
  Sha256 whole;
  bool complete = false;
};

StreamReader::StreamReader(ByteSource& source) : state_(std::make_unique<State>(source)) {
  state_->read_start();
}

StreamReader::~StreamReader() = default;

std::optional<StreamReader::Event> StreamReader::next() {
  if (state_->complete) return std::nullopt;
  const State::Member member = state_->next_member();
  switch (member.parsed.kind) {
    case Kind::chunk:
      return state_->read_chunk(member);
    case Kind::end:
      return state_->read_data_end(member);
    case Kind::manifest:
      state_->read_manifest_and_tail(member);
      return std::nullopt;
    case Kind::header:
    case Kind::toc:
    case Kind::tail:
      break;
  }
  throw_damaged(member.where(), "this member must not come here");
}

const Header& StreamReader::header() const { return state_->header; }
const Contents& StreamReader::contents() const { return state_->contents; }
const Manifest& StreamReader::manifest() const { return state_->manifest; }
const Sha256& StreamReader::sha256() const { return state_->whole; }
std::uint64_t StreamReader::size() const { return state_->tar.offset(); }

}  // namespace belay::archive
