// One database into one archive: rights, locks, dump, publication, proof.
#pragma once

#include <optional>

#include <nlohmann/json_fwd.hpp>

#include "libdump/dump.h"
#include "tools/proof.h"
#include "tools/repository.h"
#include "tools/scratch.h"
#include "tools/target.h"

namespace belay::tools {

struct BackupRequest {
  dump::Options options;
  Path file;  // empty: into the repository; "-": standard output
  std::optional<Repository> repository;
  std::optional<archive::Level> level;  // proof to take afterwards
  Scratch scratch;
  std::uint64_t drill_max_size = 0;
  std::shared_ptr<const SigningKey> key;  // of receipts; null: they are not signed
  // How long the drill's database stays as a sealed copy; 0: it is dropped. Recording it is the
  // caller's.
  std::chrono::milliseconds keep_copy{0};
  // The caller holds the database's lock exclusively, for longer than this backup.
  bool locked_by_caller = false;
};

struct Finished {
  dump::Summary summary;
  Path archive;
  std::optional<Proof> proof;
};

// Writes one archive and publishes it; on return it is complete and durable. Kinds of errors:
// usage, unreachable, not_permitted, busy, lock_timeout; everything else is backup_failed.
Finished write_archive(const pg::ConnectTarget& target, const Reached& reached,
                       BackupRequest& request, Context& context);

// Takes the proof that was asked for and puts it into `finished`; nothing for what is no regular
// file. Throws what a failed proof means: damaged, mismatch or could_not_run.
void prove(Finished& finished, const pg::ConnectTarget& target, const Reached& reached,
           const BackupRequest& request, Context& context);

// As it stands in JSON objects.
nlohmann::ordered_json backup_object(const Finished& finished);

}  // namespace belay::tools
