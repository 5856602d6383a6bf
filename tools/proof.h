// Proofs of an archive: taken, written as a receipt, and said in words.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libcore/archive/receipt.h"
#include "libcore/base/environment.h"
#include "libcore/base/error.h"
#include "libcore/pg/conninfo.h"
#include "librestore/drill.h"

namespace belay::tools {

struct Proof {
  archive::Receipt receipt;
  Path receipt_file;           // empty: none was written (standard input, or it differs)
  bool kept_stronger = false;  // an older receipt of the same bytes says more and was left
  std::uint64_t tables = 0, rows = 0, chunks = 0;
  std::string taken;                                // server clock
  std::optional<restore::SealedCopy> sealed;        // of a drill whose database was kept
  std::vector<restore::Discrepancy> discrepancies;  // not empty: it differs, and nothing is proved
};

// `archive` "-" is the standard input, for which no receipt is written. If the archive turns out to
// be damaged or to differ, a receipt that says otherwise is removed.
// With a key the receipt is signed.
Proof prove_readable(const Path& archive, Environment& environment,
                     const SigningKey* key = nullptr);
// Restores into a scratch database on `server` and compares. `server_version` goes to the receipt.
Proof prove_compared(const Path& archive, const pg::ConnectTarget& server, int server_version,
                     const restore::DrillOptions& options, Environment& environment,
                     const SigningKey* key = nullptr, const std::string& drill_server = {});

// "readable", "compared", "empty".
std::string_view name_of(archive::Level level);
// What was proved and what was not, for people.
std::string proved_text(const Proof& proof);
std::string not_proved_text(const Proof& proof);
// Members of "proof" in JSON objects.
nlohmann::ordered_json proof_object(const Proof& proof);
// Error{mismatch} that names the first discrepancy. Requires: there is one.
Error mismatch_error(const Proof& proof, const Path& archive);

}  // namespace belay::tools
