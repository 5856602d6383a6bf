// The server that receives a restore: what it offers, and whether that is enough.
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
  std::map<std::string, bool> tablespaces;        // name -> the login role may create in it
  std::string of_this, of_new;  // tablespace of the current database, and of a new one
};
TargetFacts read_target(pg::Connection& connection);

// The plan for this target. Throws Error{`refusal`}, before anything is created, if the server is
// older than the archive's, lacks roles, extensions or tablespaces (one report of all), or if the
// login role is too weak.
Plan plan_for(const TargetFacts& target, const archive::Header& header,
              const archive::Contents& contents, const Options& options, ErrorKind refusal);

// CREATE DATABASE for a server of this version; pure. `tablespace` empty: where the server puts it.
std::string create_database_statement(std::string_view name,
                                      const archive::DatabaseProperties& properties,
                                      const std::string& tablespace, int server_major);

}  // namespace belay::restore
