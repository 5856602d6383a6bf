// Digests of what a database holds, all under one snapshot, over several connections.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "libcore/base/digest.h"
#include "libcore/base/environment.h"
#include "libcore/catalog/contents.h"
#include "libcore/catalog/model.h"
#include "libcore/pg/connection.h"

namespace belay::restore {

// COPY statements whose rows together are one thing to compare.
struct DigestTask {
  std::string object;  // for progress and errors
  std::vector<std::string> statements;
  bool binary = false;
  std::string encoding;  // of the rows; empty: the session's
  std::uint64_t estimated_bytes = 0;
};

// What decides how equal rows are written; an empty one is the database's own.
struct RowSettings {
  std::string encoding, lc_monetary;
};

class SnapshotDigests {
 public:
  // Connects, reads the catalog without locks, and holds its snapshot until destroyed.
  SnapshotDigests(const pg::ConnectTarget& database, int jobs, const RowSettings& settings,
                  Environment& environment);
  ~SnapshotDigests();

  const catalog::Catalog& catalog() const { return catalog_; }
  const catalog::TableFormats& formats() const { return formats_; }
  const std::string& encoding() const { return encoding_; }  // of rows

  // The rows of a table; large ones in several ranges of pages.
  DigestTask table_task(const catalog::Table& table, bool binary, bool with_generated) const;
  // "last_value,is_called" of every sequence that this server has; names in the encoding of rows.
  std::map<QualifiedName, std::string> sequence_states();
  DigestTask large_object_task() const;

  // One digest for each task.
  std::vector<ContentDigest> digest(const std::vector<DigestTask>& tasks);

 private:
  pg::Connection connect() const;

  const pg::ConnectTarget database_;
  const int jobs_;
  const std::string lc_monetary_;
  Environment& environment_;
  pg::Connection main_;
  catalog::Catalog catalog_;
  catalog::TableFormats formats_;
  std::string encoding_;
  std::string snapshot_;
};

// Under which name the rows of a table are compared: its own, or that of the partition root through
// which they must be loaded because they may come to lie in another partition.
QualifiedName comparison_name(const catalog::Catalog& catalog, const catalog::Table& table);

// "12 rows, digest 0123...".
std::string describe(const ContentDigest& digest);

}  // namespace belay::restore
