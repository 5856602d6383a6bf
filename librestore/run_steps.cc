#include "librestore/run_steps.h"

#include <algorithm>
#include <map>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "librestore/copy_text.h"
#include "librestore/embedded_sql.h"

namespace belay::restore {
namespace {

// Few enough that the locks of one transaction fit the server's default lock table.
constexpr std::size_t kBatch = 500;

std::string title(const archive::Contents& contents, const Plan::Step& step) {
  if (step.entry < 0) return "properties of the database";
  return describe(contents.entries[static_cast<std::size_t>(step.entry)]);
}

std::string schema_of(const archive::Contents& contents, const Plan::Step& step) {
  return step.entry < 0 ? std::string()
                        : contents.entries[static_cast<std::size_t>(step.entry)].schema;
}

bool is_superuser(const pg::Connection& connection) {
  return connection.parameter("is_superuser") == "on";
}

std::string act(const pg::Connection& connection, const std::string& role) {
  return (is_superuser(connection) ? "SET SESSION AUTHORIZATION " : "SET ROLE ") +
         quote_identifier(role);
}

std::string end_acting(const pg::Connection& connection) {
  return is_superuser(connection) ? "RESET SESSION AUTHORIZATION" : "RESET ROLE";
}

// The provider of a label is a module of the server: where it is not loaded, that says nothing
// about the archive.
Error failed_step(const Error& error, const archive::Contents& contents, const Plan::Step& step) {
  Error told = failed_at(error, title(contents, step));
  if (step.sql.starts_with("SECURITY LABEL ") && error.sqlstate_is("22023")) {
    told.as(ErrorKind::could_not_run).next("load it there: shared_preload_libraries");
  }
  return told;
}

void run_step(pg::Connection& connection, const archive::Contents& contents,
              const Plan::Step& step) {
  try {
    const ActingAs acting(connection, step.run_as);
    connection.query(step.sql);
  } catch (const Error& error) {
    throw failed_step(error, contents, step);
  }
}

void run_batch(pg::Connection& connection, const archive::Contents& contents,
               std::span<const Plan::Step> steps, Batch kind) {
  std::vector<pg::Statement> batch;
  std::vector<const Plan::Step*> step_of;  // by statement; none where it is not a step
  const auto add = [&](std::string sql, const Plan::Step* step = nullptr) {
    batch.push_back({std::move(sql), {}});
    step_of.push_back(step);
  };
  if (kind == Batch::transaction) add("BEGIN");
  std::string role;  // whom the session acts as
  const auto act_as = [&](const std::string& wanted) {
    if (wanted == role) return;
    if (!role.empty()) add(end_acting(connection));
    if (!wanted.empty()) add(act(connection, wanted));
    role = wanted;
  };
  for (const Plan::Step& step : steps) {
    act_as(step.run_as);
    add(step.sql, &step);
  }
  act_as({});
  if (kind == Batch::transaction) add("COMMIT");
  try {
    connection.run_batch(batch);
    return;
  } catch (const pg::BatchError& error) {
    if (error.kind() != ErrorKind::sql || !connection.alive()) throw;
    if (kind == Batch::part) {
      const Plan::Step* failed = step_of.at(error.statement());
      throw failed ? failed_step(error, contents, *failed) : failed_at(error, "the acting role");
    }
  }
  connection.run("ROLLBACK");
  for (const Plan::Step& step : steps) run_step(connection, contents, step);
}

}  // namespace

ActingAs::ActingAs(pg::Connection& connection, const std::string& role) : connection_(connection) {
  if (role.empty()) return;
  const std::string reset = end_acting(connection);  // asked before the session changes
  connection_.run(act(connection, role));
  reset_ = reset;
}

ActingAs::~ActingAs() {
  if (reset_.empty() || !connection_.alive()) return;
  try {
    connection_.run(reset_);
  } catch (const std::exception&) {
    // Only when the statement inside failed: the session is given up then, with the whole restore.
  }
}

Error failed_at(const Error& error, const std::string& title) {
  Error told = error;
  if (error.kind() != ErrorKind::cancelled) told.object(title);
  return told;
}

void run_in_batches(pg::Connection& connection, const archive::Contents& contents,
                    std::span<const Plan::Step> steps, Batch batch, Progress& progress) {
  while (!steps.empty()) {
    const std::size_t count = std::min(steps.size(), kBatch);
    run_batch(connection, contents, steps.first(count), batch);
    progress.advance(title(contents, steps[count - 1]), count, 0);
    steps = steps.subspan(count);
  }
}

void run_one_by_one(pg::Connection& connection, const archive::Contents& contents,
                    std::span<const Plan::Step> steps, Progress& progress) {
  for (const Plan::Step& step : steps) {
    run_step(connection, contents, step);
    progress.advance(title(contents, step), 1, 0);
  }
}

void settle_roles(pg::Connection& connection, const archive::Contents& contents,
                  std::vector<Plan::Step>& steps) {
  if (!is_superuser(connection)) {
    for (Plan::Step& step : steps) step.run_as.clear();
    return;
  }
  // By role and schema. Nothing that acts as a role creates in the schema: looking into it will do.
  std::map<std::pair<std::string, std::string>, bool> capable;
  for (Plan::Step& step : steps) {
    if (step.run_as == connection.user()) step.run_as.clear();
    if (!step.run_as.empty()) capable[{step.run_as, schema_of(contents, step)}] = false;
  }
  if (capable.empty()) return;
  std::vector<std::string> roles, schemas;
  for (const auto& [key, can] : capable) {
    roles.push_back(key.first);
    schemas.push_back(key.second);
  }
  const pg::Result rights = connection.query(sql_for(connection, "step_authority"),
                                             {text_array(roles), text_array(schemas)});
  int row = 0;
  for (auto& [key, can] : capable) can = rights.boolean(row++, 0);
  for (Plan::Step& step : steps) {
    if (!step.run_as.empty() && !capable.at({step.run_as, schema_of(contents, step)}))
      step.run_as.clear();
  }
}

}  // namespace belay::restore
