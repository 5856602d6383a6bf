#include "librestore/made_roles.h"

#include <exception>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "librestore/restore.h"
#include "librestore/target_server.h"

namespace belay::restore {
namespace {

// The server would write hashes of passwords into its log, or beside its statistics. Only a
// superuser can keep it from that.
void be_silent(pg::Connection& admin) {
  if (admin.parameter("is_superuser") != "on") return;
  admin.run(
      "SET LOCAL log_statement = 'none'; SET LOCAL log_min_duration_statement = -1; "
      "SET LOCAL log_min_error_statement = 'panic'; SET LOCAL log_duration = off; "
      "SET LOCAL pg_stat_statements.track_utility = off");
}

void run(pg::Connection& admin, const RolePlan::Step& step, const std::string& sql) {
  if (!step.run_as.empty()) admin.run("SET SESSION AUTHORIZATION " + quote_identifier(step.run_as));
  admin.run(sql);
  if (!step.run_as.empty()) admin.run("RESET SESSION AUTHORIZATION");
}

void make(pg::Connection& admin, const RolePlan& plan) {
  admin.run("BEGIN");
  const RolePlan::Step* step = nullptr;
  try {
    be_silent(admin);
    for (const RolePlan::Step& one : plan.steps) {
      step = &one;
      run(admin, one, one.sql);
    }
    admin.run("COMMIT");
  } catch (Error& error) {
    if (admin.alive()) admin.run("ROLLBACK");  // takes the session's authorization back as well
    if (step != nullptr && error.kind() == ErrorKind::sql)
      error.object("role " + quote_identifier_pretty(step->role)).as(ErrorKind::restore_failed);
    throw;
  }
}

void drop(pg::Connection& admin, const RolePlan& plan) {
  admin.run("BEGIN");
  try {
    for (auto step = plan.steps.rbegin(); step != plan.steps.rend(); ++step) {
      if (!step->undo.empty()) run(admin, *step, step->undo);
    }
    for (auto name = plan.created.rbegin(); name != plan.created.rend(); ++name)
      admin.run("DROP ROLE IF EXISTS " + quote_identifier(*name));
    admin.run("COMMIT");
  } catch (...) {
    if (admin.alive()) admin.run("ROLLBACK");
    throw;
  }
}

}  // namespace

MadeRoles::MadeRoles(pg::Connection& admin, const pg::ConnectTarget& server, RolePlan plan)
    : server_(server), plan_(std::move(plan)) {
  if (!plan_.steps.empty()) make(admin, plan_);
}

MadeRoles::~MadeRoles() {
  if (!kept_) discard();
}

std::string MadeRoles::discard() noexcept {
  if (std::exchange(kept_, true) || plan_.created.empty()) return "";
  try {
    try {
      pg::Connection fresh = connect_admin(server_, nullptr);
      drop(fresh, plan_);
      return "";
    } catch (const Error& error) {
      std::string names;
      for (const std::string& name : plan_.created)
        names += (names.empty() ? "" : ", ") + quote_identifier_pretty(name);
      return "the roles " + names + " could not be dropped and are left behind (" + error.what() +
             ")";
    }
  } catch (const std::exception&) {
    return "roles are left behind";
  }
}

}  // namespace belay::restore
