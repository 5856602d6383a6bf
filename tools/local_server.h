// A private server for one drill, made of this machine's own programs: it listens on a socket in a
// directory that nobody else can enter, has no network where the kernel lets us take it away, and
// is gone with the drill.
#pragma once

#include <memory>
#include <string>

#include "libcore/archive/reader.h"
#include "libcore/base/child_process.h"
#include "libcore/base/environment.h"
#include "libcore/pg/conninfo.h"

namespace belay::tools {

class LocalServer {
 public:
  // Starts one of the major that the archive is of, with the roles and tablespaces that it names.
  // Throws Error{could_not_run}: the programs are not there, the space is too small, or it does not
  // start.
  LocalServer(const archive::ArchiveFile& archive, std::uint64_t archive_bytes,
              ChildProcesses& processes, Environment& environment);
  ~LocalServer();  // stops it, and removes its directory
  LocalServer(const LocalServer&) = delete;
  LocalServer& operator=(const LocalServer&) = delete;

  const pg::ConnectTarget& target() const { return target_; }
  int server_version() const { return server_version_; }
  // "a private server, PostgreSQL 15.18, run as postgres, without a network".
  const std::string& description() const { return description_; }

 private:
  void initialize(int major);
  void start();
  void make_roles(const archive::Contents& contents);
  void make_tablespaces(const archive::Contents& contents);
  void give_to_account(const Path& directory) const;
  [[noreturn]] void fail(std::string_view what, std::string_view cause) const;
  std::vector<std::string> as_account(bool long_lived) const;
  void run(const std::vector<std::string>& argv, std::string_view what);

  ChildProcesses& processes_;
  Environment& environment_;
  Path programs_, directory_;
  std::string account_;  // whom it runs as, if not as this process
  unsigned account_uid_ = 0, account_gid_ = 0;
  bool without_network_ = false;
  std::unique_ptr<Child> postmaster_;
  pg::ConnectTarget target_;
  int server_version_ = 0;
  std::string description_;
};

// How much room and time a drill of that many bytes of rows takes, roughly: for people.
std::uint64_t drill_room(std::uint64_t row_bytes);
std::string drill_estimate(std::uint64_t row_bytes);

}  // namespace belay::tools
