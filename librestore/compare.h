// Contents against contents: archive or database against database, table by table.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"

namespace belay::restore {

// One side: digests by object. For a database, all its tables, sequences and large objects under
// one snapshot; for an archive, what its end members say.
struct Side {
  std::string title;
  Sha256 fingerprint;
  int server_major = 0;
  std::string encoding, lc_monetary;  // in which text and amounts of money were read
  bool has_contents = true;           // false: an archive of the schema only
  struct Table {
    ContentDigest stored;  // without generated columns
    bool binary = false;
    std::vector<std::string> columns;
    // Partitions under one root with their columns in different orders: a row that came to lie in
    // another one has another digest. Only the numbers of rows can be compared.
    bool rows_only = false;
  };
  // Partitions whose rows may lie elsewhere in a copy stand under their root, as one.
  std::map<QualifiedName, Table> tables;
  std::map<QualifiedName, std::string> sequences;  // "last_value,is_called"; names in `encoding`
  ContentDigest large_objects;
  std::vector<std::string> left_out;  // what it does not hold, and why
  // Tables and sequences that are there and whose contents are not: `left_out` says why.
  std::set<QualifiedName> without_contents;
};

Side side_of_archive(const archive::ArchiveFile& archive);
// `other`: rows are read as they were there (format, encoding), so that digests are comparable.
// Without it, and where the format is not possible, in text.
Side side_of_database(const pg::ConnectTarget& database, const Side* other, int jobs,
                      Environment& environment);

struct Comparison {
  struct Line {
    std::string object, left, right;
    bool equal = false;
  };
  std::vector<Line> lines;                // every table and sequence, then large objects and schema
  std::vector<std::string> not_compared;  // each with its reason
  bool equal = true;
  bool nothing_compared = false;  // no table on either side, or one side has no contents
};
Comparison compare(const Side& left, const Side& right);

}  // namespace belay::restore
