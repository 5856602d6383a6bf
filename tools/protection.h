// What migrate relies on, made of a backup and its drill.
#pragma once

#include <optional>

#include "libcore/base/signature.h"
#include "migrate/run.h"
#include "tools/backup.h"

namespace belay::tools {

class ArchiveProtection : public migrate::Protection {
 public:
  // `named`: the one archive to rely on; else those of the database's directory. References must
  // outlive it.
  ArchiveProtection(const pg::ConnectTarget& target, const Reached& reached, Path repository,
                    std::optional<Path> named, BackupRequest request,
                    std::vector<TrustedKey> trusted, Context& context);

  std::vector<std::string> preflight() override;
  std::vector<migrate::Candidate> candidates() override;
  void read_bytes(migrate::Candidate& candidate) override;
  migrate::Protected take(const std::string& run, Level level) override;
  migrate::Protected rely_on(const migrate::Candidate& candidate) override;

 private:
  migrate::Candidate candidate_of(const Stored& stored) const;
  pg::Connection connect() const;
  void check_size() const;

  const pg::ConnectTarget& target_;
  const Reached& reached_;
  const Path root_;
  const std::optional<Path> named_;
  BackupRequest request_;
  const std::vector<TrustedKey> trusted_;  // empty: receipts need not be signed
  Context& context_;
  std::optional<migrate::Event> copy_;  // of the last snapshot that was taken
};

}  // namespace belay::tools
