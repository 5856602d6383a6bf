// The server that receives a restore: what it offers, and the life of a database that belay makes
// there under a derived name.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/base/error.h"
#include "libcore/pg/connection.h"
#include "librestore/plan.h"

namespace belay::restore {

// A session in the maintenance database: postgres, else template1. Without `cancellation` it also
// works, and cleans up, after the user asked to stop.
pg::Connection connect_admin(const pg::ConnectTarget& server, Cancellation* cancellation);

struct TargetFacts {
  int server_version = 0;
  std::string login;
  bool superuser = false;
  std::map<std::string, bool> roles;              // name -> objects may be given to it
  std::vector<std::string> extensions;            // names
  std::vector<std::string> superuser_extensions;  // that only a superuser can create
};
TargetFacts read_target(pg::Connection& connection);

// The plan for this target. Throws Error{`refusal`}, before anything is created, if the server is
// older than the archive's, lacks roles or extensions, or if the login role is too weak.
Plan plan_for(const TargetFacts& target, const archive::Header& header,
              const archive::Contents& contents, const Options& options, ErrorKind refusal);

// CREATE DATABASE for a server of this version; pure.
std::string create_database_statement(std::string_view name,
                                      const archive::DatabaseProperties& properties,
                                      int server_major);

bool database_exists(pg::Connection& admin, std::string_view name);

inline constexpr std::string_view kNothingLeft = "nothing was left behind";

// A database under a derived name that goes away unless it is published, also after a
// cancellation.
class MadeDatabase {
 public:
  // `admin` must outlive it. `purpose`: "loading", "drill"; the name is BASE__belay_PURPOSE_ID. A
  // comment says what it is.
  MadeDatabase(pg::Connection& admin, const pg::ConnectTarget& server, std::string_view base,
               std::string_view purpose, const archive::Header& header,
               const archive::DatabaseProperties& properties, Environment& environment);
  ~MadeDatabase();
  MadeDatabase(const MadeDatabase&) = delete;
  MadeDatabase& operator=(const MadeDatabase&) = delete;

  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; }
  pg::ConnectTarget target() const { return server_.with_database(name_); }

  // Renames it and runs `statements` in the same transaction; from then on it stays.
  void publish(const std::string& final_name, const std::vector<std::string>& statements);
  // Drops it now. Says in words what became of it: kNothingLeft, or its name and why.
  std::string discard() noexcept;

 private:
  pg::Connection& admin_;
  const pg::ConnectTarget server_;
  std::string name_;
  const std::string id_;
  bool exists_ = false;
};

// A name with BASE cut so that the whole fits into PostgreSQL's 63 bytes.
std::string made_name(std::string_view base, std::string_view purpose, std::string_view id);

}  // namespace belay::restore
