// The proof of a verification, beside the archive that it names by SHA-256.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/base/file_system.h"
#include "libcore/base/signature.h"

namespace belay::archive {

enum class Level { readable, compared, empty };
std::string_view to_word(Level level);

struct Receipt {
  Sha256 archive_sha256;
  std::uint64_t archive_size = 0;
  std::string archive_id;
  Level level = Level::readable;
  std::string verified_at;  // ISO 8601, clock of the verifying machine
  std::string verified_by;  // "belay 0.1.0"
  SourceIdentity source;
  Sha256 fingerprint;
  int drill_server_version = 0;  // 0 where no server was used
  std::string drill_database;    // kept sealed copy, if any
  std::string drill_server;      // for people: where the drill ran, if not on the database's server
  std::uint64_t tables_compared = 0, rows_compared = 0, sequences_compared = 0,
                large_objects_compared = 0, views_compared = 0;
  std::vector<std::string> not_compared;
  std::vector<std::string> kept_away;  // what reaches outside, and was not used
  double seconds = 0;

  // As it was read; whether it holds only a trusted key tells.
  struct Signature {
    std::string by;     // id of the key
    std::string value;  // hexadecimal digits
    std::string over;   // the lines that are signed
  };
  std::optional<Signature> signature;
};

// True if `key` has signed all of what the receipt says.
bool is_signed_by(const Receipt& receipt, const TrustedKey& key);

// ARCHIVE.receipt.json; beside TIME-ID.belay in a repository: TIME-ID.receipt.json.
Path receipt_path(const Path& archive, bool in_repository);

// Signed if there is a key; Receipt::signature plays no part.
std::string to_json(const Receipt& receipt, const SigningKey* key = nullptr);
Receipt receipt_from_json(std::string_view json);

void write_receipt(FileSystem& files, const Path& path, const Receipt& receipt,
                   const SigningKey* key = nullptr);
// Nothing if there is none; Error{damaged} if it cannot be read.
std::optional<Receipt> read_receipt(const FileSystem& files, const Path& path);

}  // namespace belay::archive
