// Contents against contents: archive or database against database, table by table.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"

namespace belay::restore {

// One side: digests by object. For a database, all its tables, sequences and large objects under one
// snapshot; for an archive, what its end members say.
struct Side {
  std::string title;
  Sha256 fingerprint;
  int server_major = 0;
  struct Table {
    ContentDigest stored;             // without generated columns
    bool binary = false;
    std::vector<std::string> columns;
  };
  std::map<QualifiedName, Table> tables;
  std::map<QualifiedName, std::string> sequences;   // "last_value,is_called"
  ContentDigest large_objects;
};

Side side_of_archive(const archive::ArchiveFile& archive);
// `formats`: for tables named there, whether to read binary, so that digests are comparable with the
// other side; others are read in text.
Side side_of_database(const pg::ConnectTarget& database, const Side* other, int jobs,
                      Environment& environment);

struct Comparison {
  struct Line { std::string object, left, right; bool equal = false; };
  std::vector<Line> lines;            // every table and sequence, then large objects and schema
  bool equal = true;
  bool nothing_compared = false;      // no table on either side
};
Comparison compare(const Side& left, const Side& right);

}  // namespace belay::restore
