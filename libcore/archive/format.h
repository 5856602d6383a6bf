// What an archive holds, as plain values. The bytes are described in docs/archive-format.md; this
// folder knows neither PostgreSQL nor the catalog: statements are opaque text here.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/digest.h"
#include "libcore/base/identity.h"
#include "libcore/base/name.h"

namespace belay::archive {

// Readers accept the same major and any minor; until the first release the major is 0 and golden
// archives of every 0.x stay readable.
inline constexpr int kFormatMajor = 0;
inline constexpr int kFormatMinor = 4;
// The feature of archives that hold an item of that kind: a reader that does not know it would find
// an item that it cannot name.
inline constexpr std::string_view kPlannerStatistics = "planner_statistics";

enum class CopyFormat { text, binary };
enum class Compression { zstd, gzip, none };
enum class Section { pre_data, data, post_data };

struct Header {
  int format_major = kFormatMajor;
  int format_minor = kFormatMinor;
  std::vector<std::string> features;  // a reader that lacks one of them must refuse (12)
  std::string archive_id;             // 32 lower-case hexadecimal digits, random
  int open_tables = 1;                // most data items with a chunk written but no end yet
  std::string created_by;             // "belay 0.1.0"
  SourceIdentity source;
};

// First line of the table of contents.
struct DatabaseProperties {
  std::string name;
  std::string owner;
  std::string encoding;         // pg_encoding_to_char
  std::string locale_provider;  // libc, icu, builtin
  std::string lc_collate, lc_ctype;
  std::string locale;  // of icu and builtin providers; else empty
  std::string icu_rules;
  std::string lc_monetary;  // money is text in this locale
  std::string tablespace;   // its default; empty: pg_default
  int connection_limit = -1;
  bool is_template = false;
  // Statements with the database's name replaced by the placeholder %DATABASE% (quoted by the
  // restore): ACL, comment, security labels, settings.
  std::vector<std::string> acl, comment, label, settings;
  std::vector<std::string> acl_run_as;  // as in Entry
};

// What an object of the schema is, as text that is equal for equal objects.
struct Description {
  std::string kind, identity;
  std::string properties;  // a JSON object, keys sorted, one line
};

// One object. Statements carry no trailing semicolon; each is sent alone.
struct Entry {
  int number = 0;            // 1, 2, 3 ... in the order of the table of contents
  std::string kind;          // "table", "index", "foreign key" ...
  std::string schema, name;  // name is the identity: functions carry their arguments
  Section section = Section::pre_data;
  std::vector<int> depends_on;  // numbers of entries that must exist before
  std::string owner;            // empty where the kind has none
  std::vector<std::string> create;
  std::vector<std::string> set_owner, acl, comment, label;
  // Under which role each statement of `acl` runs, in the same order; "": the owner or the
  // restoring role. Only grants by someone else than the owner have one. Empty as a whole if none
  // has.
  std::vector<std::string> acl_run_as;
  bool last = false;       // after the ACLs: event triggers, refreshes
  std::string tablespace;  // in which `create` makes things; empty: the database's
  // Work that runs code of the owner (refresh, index expressions, checks): under which role.
  std::string run_as;
  // The object that the entry makes, and those that its statements make as well. An archive of
  // version 0.1 has none; in later ones each object of the schema is told once.
  std::vector<Description> describes;
};

enum class DataKind { table, sequence_states, large_objects, planner_statistics };

// One stream of rows: what data/N/ holds. Sequence states are rows (schema, name, last_value,
// is_called), large objects rows (oid, offset, bytes), planner statistics rows as in
// docs/archive-format.md, section 6; all of these in text format.
struct DataItem {
  int number = 0;  // N in data/N, from 1
  DataKind kind = DataKind::table;
  int entry = 0;  // the table's entry; 0 for the other kinds
  std::string schema, name;
  std::string owner;
  std::vector<std::string> columns;    // stored columns in order; empty: COPY without a list
  std::vector<std::string> generated;  // compared (full digest) but not stored
  CopyFormat format = CopyFormat::text;
  Compression compression = Compression::zstd;
  std::string encoding;     // of text and character fields
  bool cut = false;         // read as several ranges: chunks in no row order
  QualifiedName load_root;  // load through this root; empty name: directly
  std::uint64_t estimated_bytes = 0;
};

// Where a member's content lies in the file (behind its 512-byte tar header).
struct MemberRef {
  std::string name;
  std::uint64_t offset = 0;
  std::uint64_t size = 0;
  Sha256 sha256;
};

// data/N/end.json
struct DataEnd {
  int number = 0;
  ContentDigest stored;               // over the rows as they stand in the chunks
  std::optional<ContentDigest> full;  // stored and generated columns, as COPY (SELECT ...) gives
  std::uint64_t bytes = 0;            // decompressed
  std::vector<MemberRef> chunks;      // by K
};

// A populated materialized view, digested under the snapshot: its rows and its query's.
struct ViewDigest {
  std::string schema, name;
  CopyFormat format = CopyFormat::text;
  ContentDigest rows, query;
  std::string not_comparable;  // why not: "volatile", "stale"; empty if it is compared
};

struct Manifest {
  std::string archive_id;
  MemberRef header;
  std::vector<MemberRef> toc;
  std::vector<MemberRef> ends;
  Sha256 fingerprint;
  std::map<std::string, std::vector<std::string>> revisions;  // version table -> heads, sorted
  std::map<std::string, std::map<std::string, std::uint64_t>> ledger;  // catalog -> bucket -> rows
  std::uint64_t user_relations = 0;  // tables, views, sequences ... that the ledger counts
  std::vector<ViewDigest> views;
  std::vector<std::string> left_out;  // what was excluded, and why
  std::vector<std::string> warnings;
  bool schema_only = false;
  std::uint64_t rows = 0, bytes = 0;
  std::string started, finished;     // server clock, ISO 8601
  std::optional<Activity> activity;  // before the snapshot; none in archives before 0.3
};

}  // namespace belay::archive
