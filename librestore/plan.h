// What a restore will do, decided from the table of contents before anything is created.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/archive/selection.h"
#include "librestore/tablespaces.h"

namespace belay::restore {

struct Options {
  int jobs = 2;
  archive::Selection selection;            // -n -N -t -T
  bool pre_data = true, post_data = true;  // --section; -a: neither
  bool no_owner = false;                   // -O
  bool no_privileges = false;              // -x
  bool schema_only = false;                // -s: no data section
  std::string role;                        // --role: who creates everything; empty: the login role
  Placement placement;
  bool create_roles = false;  // --create-roles
  // Where the database that receives it is, or a new one would be.
  std::string default_tablespace = "pg_default";
  // What the database that receives it holds already; empty: it is a new one.
  archive::Exists exists;
  // Data and user code run under SET SESSION AUTHORIZATION of the owner when the login is a
  // superuser: a guard against accidents.
  bool run_as_owner = true;
  // False in a scratch database: nothing of it is for its users, and it may be beyond the login
  // role.
  bool create_subscriptions = true, database_settings = true;
};

struct Plan {
  std::vector<std::string> missing_roles;  // reported before anything is created
  std::vector<std::string> missing_extensions;
  std::set<std::string> tablespaces;    // that it names
  std::string tablespace;               // of the new database; empty: where the server makes them
  std::vector<std::string> in_the_way;  // what it would create and is there already
  std::vector<std::string> left_out;    // what hangs on the selection and needs more than that
  std::vector<std::string> warnings;
  std::vector<bool> entries, items;  // by index: of which something is done
  // States of these sequences only; nothing: of all.
  std::optional<std::set<QualifiedName>> sequences;
  // Statements in the order in which they run. `entry` indexes Contents::entries; -1: the database
  // itself, whose name stands as the placeholder (see with_database_name).
  struct Step {
    int entry = 0;
    std::string sql;
    std::string run_as;
  };
  std::vector<Step> pre_data, post_data, privileges, last;
  std::vector<Step> database;          // owner, ACL and settings of the database
  std::vector<Step> database_comment;  // apart: until it is published it says that belay made it
};

// `existing_roles` and `available_extensions` are facts of the target server.
Plan make_plan(const archive::Contents& contents, const std::vector<std::string>& existing_roles,
               const std::vector<std::string>& available_extensions, const Options& options);

// For a login role that is no superuser: it can give an object away only to a role that may create
// in the object's schema. The role may have lost that right, and rights come last: here each owner
// is lent it, and gives it back before privileges are granted. `public_too`: the login role may
// grant on schema public of a new database (it may not before server 15, nor is there need to).
void lend_schemas(Plan& plan, const archive::Contents& contents, const std::string& login,
                  bool public_too);

// By index of the data item: what the selection asks for.
std::vector<bool> items_of(const archive::Contents& contents, const Options& options);

// `sql` with every placeholder %DATABASE% replaced by the quoted `name`.
std::string with_database_name(std::string_view sql, std::string_view name);

// For messages: "index public.songs_title".
std::string describe(const archive::Entry& entry);

}  // namespace belay::restore
