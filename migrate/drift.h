// Drift: the schema is not as the last run left it. Each run keeps the schema that it leaves beside
// the journal, so that the next one can name what somebody else has changed.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/file_system.h"
#include "libcore/catalog/canonical.h"
#include "migrate/history.h"
#include "migrate/traces.h"

namespace belay::migrate {

// What the journal expects to find: as the last run left it, or as it was before that run if that
// was taken back.
struct ExpectedSchema {
  std::string run;
  std::string fingerprint;  // hex
  bool taken_back = false;
};
// Nothing: there was no run, or something else than runs has changed the database since.
std::optional<ExpectedSchema> expected_schema(const History& history);

class SchemaRecords {
 public:
  SchemaRecords(FileSystem& files, const Path& repository)
      : files_(files), directory_(repository / "journal") {}

  // Durable on return. Records of earlier runs in `history` go.
  void write(const std::string& run, const Facts& facts, const History& history);
  // Nothing: there is none, or of another major, which words the same object differently.
  // Error{damaged} for what is no record.
  std::optional<std::vector<catalog::CanonicalObject>> read(const std::string& run,
                                                            int server_major) const;

 private:
  Path path_of(const std::string& run) const { return directory_ / (run + ".schema"); }

  FileSystem& files_;
  const Path directory_;
};

struct Drift {
  std::string what;  // "the schema is not as run R left it"
  std::vector<std::string>
      lines;  // one for each object: "changed  table public.users: columns.mail"
};
// Nothing: the schema is as expected, or nothing is known of it.
std::optional<Drift> find_drift(const SchemaRecords& records, const History& history,
                                const Facts& now);

}  // namespace belay::migrate
