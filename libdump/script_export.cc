#include "libdump/script_export.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/archive/chunk.h"
#include "libcore/archive/compression.h"
#include "libcore/base/error.h"
#include "libcore/catalog/contents.h"
#include "libdump/ddl.h"

namespace belay::dump {
namespace {

constexpr int kLevel = 3;
constexpr std::size_t kFrameBytes = 8u << 20;
constexpr std::size_t kMostNamed = 10;

using archive::DataItem;
using archive::DataKind;

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void refuse_binary(const archive::Contents& contents) {
  std::string names;
  std::size_t count = 0;
  for (const DataItem& item : contents.items) {
    if (item.format != archive::CopyFormat::binary || ++count > kMostNamed) continue;
    names += (names.empty() ? "" : ", ") + quote_name_pretty({item.schema, item.name});
  }
  if (count == 0) return;
  if (count > kMostNamed) names += fmt::format(" and {} more", count - kMostNamed);
  throw Error(ErrorKind::usage, "rows in binary format cannot stand in a script")
      .object(names)
      .next("take the backup with --format text, or restore the archive: belay restore --create");
}

class Script {
 public:
  Script(archive::Compression compression, ByteSink& sink)
      : compression_(compression), sink_(sink) {}

  void add(std::string_view text) {
    pending_ += text;
    bytes_ += text.size();
    if (pending_.size() >= kFrameBytes) flush();
  }
  void flush() {
    if (pending_.empty()) return;
    sink_.write(compression_ == archive::Compression::none
                    ? pending_
                    : archive::compress(pending_, compression_, kLevel));
    pending_.clear();
  }
  std::uint64_t bytes() const { return bytes_; }

 private:
  const archive::Compression compression_;
  ByteSink& sink_;
  std::string pending_;
  std::uint64_t bytes_ = 0;
};

class Export {
 public:
  Export(const archive::ArchiveFile& file, Script& script, Environment& environment)
      : file_(file), contents_(file.contents()), script_(script), environment_(environment) {}

  ScriptSummary run() {
    refuse_binary(contents_);
    std::vector<std::string> copies;  // rendered first: nothing is written if one is refused
    for (const DataItem& item : contents_.items) copies.push_back(copy_statement(item));
    const auto [before, after] = render_script_halves(contents_.database, contents_.entries);
    environment_.progress.stage("export", contents_.items.size(), file_.manifest().bytes);
    script_.add(before);
    add_settings();
    for (std::size_t i = 0; i < contents_.items.size(); ++i) {
      // Beside a script ANALYZE is no trouble, and it may be for an older server.
      if (contents_.items[i].kind == DataKind::planner_statistics) continue;
      add_item(contents_.items[i], copies[i], file_.ends()[i]);
    }
    script_.add(after);
    script_.flush();
    summary_.bytes = script_.bytes();
    return summary_;
  }

 private:
  static std::string copy_statement(const DataItem& item) {
    switch (item.kind) {
      case DataKind::sequence_states:
        return "COPY pg_temp.belay_sequence_states FROM STDIN";
      case DataKind::large_objects:
        return "COPY pg_temp.belay_large_object_pieces FROM STDIN";
      case DataKind::planner_statistics:
        return "";
      case DataKind::table:
        break;
    }
    const QualifiedName own{item.schema, item.name};
    std::string sql = catalog::copy_in_statement(item.load_root.name.empty() ? own : item.load_root,
                                                 item.columns, false);
    if (item.encoding != "UTF8" && item.encoding != "SQL_ASCII" && !is_ascii(sql)) {
      throw Error(ErrorKind::usage, "a script cannot name this table beside its rows")
          .object(quote_name_pretty(own))
          .cause("the rows are in " + item.encoding + ", the names of a script in UTF8")
          .next("restore the archive instead: belay restore --create");
    }
    return sql;
  }

  // Rows were written under these; amounts of money in the locale of the source.
  void add_settings() {
    script_.add("\nSET DateStyle = 'ISO';\nSET IntervalStyle = 'postgres';\n");
    const std::string& locale = contents_.database.lc_monetary;
    const bool money = std::any_of(
        contents_.entries.begin(), contents_.entries.end(), [](const archive::Entry& entry) {
          return std::any_of(entry.create.begin(), entry.create.end(), [](const std::string& sql) {
            return sql.find(" money") != std::string::npos;
          });
        });
    if (money && !locale.empty()) {
      script_.add("SET lc_monetary = " + quote_literal(locale) + ";\n");
    }
  }

  void add_item(const DataItem& item, const std::string& copy, const archive::DataEnd& end) {
    environment_.cancellation.check();
    if (item.kind == DataKind::sequence_states) {
      script_.add(
          "\nCREATE TEMPORARY TABLE belay_sequence_states\n"
          "  (schema text, name text, last_value bigint, is_called boolean);\n");
    } else if (item.kind == DataKind::large_objects) {
      script_.add(
          "\nCREATE TEMPORARY TABLE belay_large_object_pieces (id oid, start bigint, bytes "
          "bytea);\n");
    } else {
      ++summary_.tables;
      summary_.rows += end.stored.rows;
    }
    add_rows(item, copy, end);
    if (item.kind == DataKind::sequence_states) {
      script_.add(
          "SELECT pg_catalog.count(pg_catalog.setval(\n"
          "         pg_catalog.format('%I.%I', schema, name)::pg_catalog.regclass, last_value, "
          "is_called))\n"
          "  FROM pg_temp.belay_sequence_states;\n"
          "DROP TABLE pg_temp.belay_sequence_states;\n");
    } else if (item.kind == DataKind::large_objects) {
      // lo_put gives void, which count() takes as it is.
      script_.add(
          "SELECT pg_catalog.count(*) FROM (SELECT pg_catalog.lo_put(id, start, bytes)\n"
          "  FROM pg_temp.belay_large_object_pieces OFFSET 0) AS put;\n"
          "DROP TABLE pg_temp.belay_large_object_pieces;\n");
    }
  }

  void add_rows(const DataItem& item, const std::string& copy, const archive::DataEnd& end) {
    const bool recode = item.encoding != "UTF8" && item.encoding != "SQL_ASCII";
    script_.add("\n");
    if (recode) script_.add("SET client_encoding = " + quote_literal(item.encoding) + ";\n");
    script_.add(copy + ";\n");
    for (const archive::MemberRef& chunk : end.chunks) {
      environment_.cancellation.check();
      archive::decode_chunk(file_.read_chunk(chunk), item.compression,
                            [&](std::string_view rows) { script_.add(rows); });
      environment_.progress.advance(item.name, 0, chunk.size);
    }
    script_.add("\\.\n");
    if (recode) script_.add("SET client_encoding = 'UTF8';\n");
  }

  const archive::ArchiveFile& file_;
  const archive::Contents& contents_;
  Script& script_;
  Environment& environment_;
  ScriptSummary summary_;
};

}  // namespace

ScriptSummary export_script(const archive::ArchiveFile& file, archive::Compression compression,
                            ByteSink& sink, Environment& environment) {
  Script script(compression, sink);
  return Export(file, script, environment).run();
}

}  // namespace belay::dump
