// Small archives in memory, ways to read them, and a forger who fixes every hash he breaks.
#pragma once

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "libcore/archive/chunk.h"
#include "libcore/archive/documents.h"
#include "libcore/archive/members.h"
#include "libcore/archive/reader.h"
#include "libcore/archive/tar.h"
#include "libcore/archive/verify.h"
#include "libcore/archive/writer.h"
#include "libcore/base/error.h"

namespace belay::testing {

using namespace belay::archive;

class StringSink : public ByteSink {
 public:
  void write(std::string_view bytes) override { content += bytes; }
  void sync() override { ++syncs; }
  void close() override {}
  std::string content;
  int syncs = 0;
};

// Gives at most `step` bytes at a time, as pipes do.
class StringSource : public ByteSource {
 public:
  explicit StringSource(std::string_view content, std::size_t step = SIZE_MAX)
      : rest_(content), step_(step) {}
  std::size_t read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min({size, step_, rest_.size()});
    std::memcpy(buffer, rest_.data(), count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
  std::size_t step_;
};

class StringFile : public RandomAccessFile {
 public:
  explicit StringFile(std::string_view content) : content_(content) {}
  std::uint64_t size() const override { return content_.size(); }
  std::size_t read_at(std::uint64_t offset, char* buffer, std::size_t length) const override {
    if (offset >= content_.size()) return 0;
    const std::string_view part = content_.substr(offset, length);
    std::memcpy(buffer, part.data(), part.size());
    return part.size();
  }

 private:
  std::string_view content_;
};

inline Readable verify(std::string_view archive, std::size_t step = SIZE_MAX) {
  StringSource source(archive, step);
  SilentProgress progress;
  const Cancellation cancellation;
  return verify_readable(source, progress, cancellation);
}

// The same through the tail: everything is read, as a restore of all tables would.
inline void verify_as_file(std::string_view archive) {
  const StringFile file(archive);
  const ArchiveFile opened(file);
  for (const DataEnd& end : opened.ends()) {
    const DataItem& item = opened.contents().items[static_cast<std::size_t>(end.number) - 1];
    ContentDigest digest;
    std::uint64_t bytes = 0;
    for (const MemberRef& chunk : end.chunks) {
      std::uint64_t count = 0;
      digest += digest_chunk(opened.read_chunk(chunk), item, nullptr, &count);
      bytes += count;
    }
    check_end(end, digest, bytes);
  }
}

inline Header sample_header(int open_tables = 2) {
  Header header;
  header.archive_id = "00112233445566778899aabbccddeeff";
  header.open_tables = open_tables;
  header.created_by = "belay test";
  header.source = {"7301234567890123456",
                   1,
                   "app",
                   16384,
                   150018,
                   "15.18",
                   "100:100:",
                   "0/1A2B3C4",
                   "2026-11-23T09:31:53.123456Z",
                   "production",
                   false,
                   "2026-11-20T08:00:00.000001Z",
                   "10.0.0.7:5432",
                   "/var/lib/postgresql/data"};
  return header;
}

inline DatabaseProperties sample_database() {
  DatabaseProperties database;
  database.name = "app";
  database.owner = "app_owner";
  database.encoding = "UTF8";
  database.locale_provider = "libc";
  database.lc_collate = database.lc_ctype = database.lc_monetary = "C.UTF-8";
  database.acl = {"GRANT CONNECT ON DATABASE %DATABASE% TO app_reader"};
  return database;
}

inline Entry sample_entry(int number, std::string name) {
  Entry entry;
  entry.number = number;
  entry.kind = "table";
  entry.schema = "public";
  entry.name = std::move(name);
  entry.owner = "app_owner";
  entry.describes = {{"table", "public." + entry.name, R"({"columns":[{"name":"id"}],"x":-1})"}};
  entry.create = {"CREATE TABLE \"public\".\"" + entry.name + "\" (id bigint, title text)"};
  return entry;
}

inline DataItem sample_item(int number, CopyFormat format, Compression compression) {
  DataItem item;
  item.number = item.entry = number;
  item.schema = "public";
  item.name = "t" + std::to_string(number);
  item.columns = {"id", "title"};
  item.format = format;
  item.compression = compression;
  item.encoding = "UTF8";
  return item;
}

// One binary row of one field.
inline std::string binary_row(std::string_view field) {
  std::string row("\0\1", 2);
  for (int shift = 24; shift >= 0; shift -= 8) {
    row += static_cast<char>(field.size() >> shift & 0xff);
  }
  return row.append(field);
}

inline std::string sample_row(CopyFormat format, int n) {
  const std::string text = std::to_string(n) + "\tsong " + std::to_string(n * 7919) + "\n";
  return format == CopyFormat::text ? text : binary_row(text);
}

// Writes chunks of `rows` rows each for one item, and its end.
inline void write_rows(Writer& writer, const DataItem& item, int chunks, int rows) {
  ChunkEncoder encoder(item.format, item.compression, 1);
  DataEnd end;
  end.number = item.number;
  for (int chunk = 0, n = 0; chunk < chunks; ++chunk) {
    for (int i = 0; i < rows; ++i) {
      const std::string row = sample_row(item.format, n++);
      end.stored.add_row(row);
      encoder.add_row(row);
    }
    end.bytes += encoder.bytes();
    writer.append_chunk(item.number, encoder.finish());
  }
  writer.end_data(end);
}

inline Manifest sample_manifest() {
  Manifest manifest;
  manifest.fingerprint = belay::sha256("schema");
  manifest.revisions = {{"public.alembic_version", {"1975ea83b712"}}};
  manifest.ledger = {{"pg_class", {{"emitted", 2}, {"extension", 1}}}};
  manifest.user_relations = 2;
  manifest.left_out = {"rows of public.log: --exclude-table-data"};
  manifest.started = "2026-11-23T09:31:53.123456Z";
  manifest.finished = "2026-11-23T09:31:54.123456Z";
  manifest.activity =
      Activity{7, 3, 1, belay::sha256("files").hex(), belay::sha256("").hex(), "never"};
  return manifest;
}

// One table for each of `formats`, `chunks` chunks of `rows` rows each.
inline std::string sample_archive(const std::vector<std::pair<CopyFormat, Compression>>& formats =
                                      {{CopyFormat::text, Compression::zstd}},
                                  int chunks = 2, int rows = 3) {
  StringSink sink;
  Writer writer(sink, sample_header());
  writer.add_database(sample_database());
  writer.add_role("app_owner");
  std::vector<DataItem> items;
  for (const auto& [format, compression] : formats) {
    items.push_back(sample_item(static_cast<int>(items.size()) + 1, format, compression));
    writer.add_entry(sample_entry(items.back().number, items.back().name));
  }
  for (const DataItem& item : items) writer.add_data_item(item);
  writer.end_toc();
  for (const DataItem& item : items) write_rows(writer, item, chunks, rows);
  writer.finish(sample_manifest());
  return sink.content;
}

// Takes an archive apart and puts it together again with every reference, hash and sum of bytes
// right: what is wrong then is only the meaning.
class Forger {
 public:
  struct Member {
    std::string name, content;
  };

  explicit Forger(std::string_view archive) {
    StringSource source(archive);
    TarReader tar(source);
    for (std::string name; name != kTailName;) {
      name = tar.next().name;
      members.push_back({name, tar.content(UINT64_MAX)});
    }
    members.pop_back();
  }

  Member& member(std::string_view name) {
    return *std::find_if(members.begin(), members.end(),
                         [&](const Member& member) { return member.name == name; });
  }
  std::size_t index(std::string_view name) {
    return static_cast<std::size_t>(&member(name) - members.data());
  }

  void edit(std::string_view name, const std::function<void(nlohmann::json&)>& change) {
    Member& target = member(name);
    const bool is_header = name == kHeaderName;
    std::string text = target.content;
    if (is_header) text.resize(text.size() - 65);
    nlohmann::json document = nlohmann::json::parse(text);
    change(document);
    target.content = document.dump() + "\n";
    if (is_header) target.content += belay::sha256(target.content).hex() + "\n";
  }

  std::string build() {
    std::string archive;
    nlohmann::json toc = nlohmann::json::array(), ends = nlohmann::json::array(), header, chunks;
    Tail tail;
    for (Member& member : members) {
      const std::optional<MemberName> name = parse_member_name(member.name);
      const std::string item = name ? std::to_string(name->number) : "";
      if (name && fix_references) {
        if (name->kind == MemberName::Kind::end) {
          edit_in_place(member, [&](nlohmann::json& end) {
            end["chunks"] = chunks.value(item, nlohmann::json::array());
          });
        } else if (name->kind == MemberName::Kind::manifest) {
          edit_in_place(member, [&](nlohmann::json& manifest) {
            manifest["toc"] = toc;
            manifest["ends"] = ends;
            manifest["header"] = header;
          });
        }
      }
      append(archive, member);
      const std::string hash = belay::sha256(member.content).hex();
      const std::uint64_t offset =
          archive.size() - padding(member.content.size()) - member.content.size();
      const nlohmann::json ref = nlohmann::json::array({offset, member.content.size(), hash});
      if (!name) continue;
      if (name->kind == MemberName::Kind::header) header = ref;
      if (name->kind == MemberName::Kind::toc) toc.push_back(ref);
      if (name->kind == MemberName::Kind::chunk) chunks[item].push_back(ref);
      if (name->kind == MemberName::Kind::end) ends.push_back(ref);
      if (name->kind == MemberName::Kind::manifest) {
        tail.manifest = {member.name, offset, member.content.size(), Sha256::from_hex(hash)};
      }
    }
    tail.archive = belay::sha256(archive);
    append(archive, {std::string(kTailName), write_tail(tail)});
    return archive.append(2 * kBlock, '\0');
  }

  std::vector<Member> members;  // without the tail
  bool fix_references = true;

 private:
  static void edit_in_place(Member& member, const std::function<void(nlohmann::json&)>& change) {
    nlohmann::json document = nlohmann::json::parse(member.content);
    change(document);
    member.content = document.dump() + "\n";
  }
  static void append(std::string& archive, const Member& member) {
    const std::array<char, kBlock> header = canonical_header(member.name, member.content.size());
    archive.append(header.data(), header.size());
    archive += member.content;
    archive.append(padding(member.content.size()), '\0');
  }
};

// Runs `work` and gives the error that it must throw.
template <typename Work>
Error error_of(Work work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorKind::internal, "nothing was thrown");
}

}  // namespace belay::testing
