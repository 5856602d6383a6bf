// What a dump will do, decided before the first byte: `--dry-run` prints it.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/archive/selection.h"
#include "libcore/catalog/contents.h"
#include "libcore/catalog/model.h"

namespace belay::dump {

enum class FormatChoice { automatic, text, binary };

struct Options {
  int jobs = 2;
  FormatChoice format = FormatChoice::automatic;
  archive::Compression compression = archive::Compression::zstd;
  int compression_level = 1;
  bool schema_only = false;
  std::string environment;  // --env label
  std::string created_by;   // "belay 0.1.0"
  std::chrono::milliseconds lock_timeout{30000};
  bool allow_unknown = false;
  bool roles = false;            // --roles: what the roles are that the database names
  bool role_passwords = false;   // with the hashes of their passwords
  archive::Selection selection;  // -n -N -t -T
  std::vector<NamePattern> exclude_table_contents;  // --exclude-table-data
};

// One COPY statement: a whole table, one range of a large one, one batch of sequences or of large
// objects.
struct CopyTask {
  int item = 0;  // archive::DataItem::number
  std::string sql;
  bool binary = false;
  bool in_order = false;  // its rows stand in the archive behind those of all such tasks before it
  int generated = 0;      // that many last fields are compared but not stored
  std::uint64_t estimated_bytes = 0;
};

struct Plan {
  archive::DatabaseProperties database;
  std::vector<archive::Entry> entries;
  std::vector<archive::DataItem> items;
  std::vector<CopyTask> tasks;  // largest items first; all tasks of an item in a row
  int jobs = 1;
  Sha256 fingerprint;  // of the objects that the entries make
  std::vector<std::string> left_out;
  std::uint64_t estimated_bytes = 0;
};

// What the catalog holds and belay cannot carry, one line each: "kind identity: detail".
std::vector<std::string> unsupported_lines(const catalog::Catalog& catalog);

// Throws Error{backup_failed} that lists what the catalog holds and belay cannot carry (every line
// "kind identity: detail"), unless allowed; then they are named in Plan::left_out.
Plan make_plan(const catalog::Catalog& catalog, const catalog::TableFormats& formats,
               const Options& options);

// For people: one line per item, sizes, formats, ranges.
std::string describe(const Plan& plan);

}  // namespace belay::dump
