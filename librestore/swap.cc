#include "librestore/swap.h"

#include <atomic>
#include <exception>
#include <thread>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/pg/maintenance.h"
#include "librestore/database_settings.h"
#include "librestore/made_database.h"
#include "librestore/obstacles.h"

namespace belay::restore {
namespace {

using namespace std::chrono_literals;

constexpr int kMostAttempts = 6;
constexpr auto kEndSessionsEvery = 50ms;
constexpr std::string_view kName = "belay swap";

class Swap {
 public:
  Swap(const pg::ConnectTarget& server, const SwapPlan& plan, Environment& environment)
      : plan_(plan),
        environment_(environment),
        admin_(pg::connect_maintenance(server, kName, nullptr)),
        ender_(pg::connect_maintenance(server, kName, nullptr)) {}

  SwapResult run();

 private:
  void step(std::string_view name) const { environment_.progress.stage(name, 0, 0); }
  void attempt();
  void check_names();
  void check_ties();
  void rename_away();
  std::string entry_holders();
  void end_sessions();
  void take_over(const DatabaseSettings& wanted);
  void fence(const std::string& owner);

  const SwapPlan& plan_;
  Environment& environment_;
  pg::Connection admin_, ender_;
  SwapResult result_;
  bool committing_ = false;  // from then on a lost connection leaves it open what happened
};

void Swap::check_names() {
  const bool same = database_oid(admin_, plan_.live_name) == plan_.live_oid &&
                    database_oid(admin_, plan_.incoming_name) == plan_.incoming_oid;
  if (same) return;
  throw Error(ErrorKind::other_database, "a database is not the one it was")
      .object(plan_.live_name + ", " + plan_.incoming_name)
      .cause("it was renamed, dropped or made anew");
}

void Swap::check_ties() {
  const std::vector<DatabaseTie> ties = read_ties(admin_, plan_.live_oid);
  if (ties.empty()) return;
  const Obstacle obstacle = obstacle_of(ties.front(), plan_.live_name);
  throw Error(ErrorKind::rollback_failed, "something is tied to the database")
      .object(plan_.live_name)
      .cause(obstacle.what)
      .next(obstacle.mend);
}

// Who keeps the database's entry for itself: ALTER, COMMENT or GRANT ON DATABASE in an open
// transaction, perhaps from another database. Empty: nobody any more.
std::string Swap::entry_holders() {
  const pg::Result rows = ender_.query(
      "SELECT pg_catalog.string_agg(DISTINCT l.pid::text, ', ') FROM pg_catalog.pg_locks l "
      "WHERE l.locktype = 'object' AND l.database = 0 AND l.granted AND l.objid = ANY ($1::oid[]) "
      "AND l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND l.pid <> $2::int",
      {"{" + std::to_string(plan_.live_oid) + "," + std::to_string(plan_.incoming_oid) + "}",
       std::to_string(admin_.backend_pid())});
  return rows.is_null(0, 0) ? "" : rows.string(0, 0);
}

// By OID: after the COMMIT the name means the other database. Workers of autovacuum have no role;
// the server ends them itself for a rename, and only a superuser may.
void Swap::end_sessions() {
  const pg::Result ended = ender_.query(
      "SELECT pg_catalog.pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity "
      "WHERE datid = ANY ($1::oid[]) AND usesysid IS NOT NULL",
      {"{" + std::to_string(plan_.live_oid) + "," + std::to_string(plan_.incoming_oid) + "}"});
  result_.sessions_ended += ended.rows();
}

void Swap::rename_away() {
  std::atomic<bool> done{false};
  std::exception_ptr failure;
  std::jthread renaming([&] {
    try {
      admin_.run("ALTER DATABASE " + quote_identifier(plan_.live_name) + " RENAME TO " +
                 quote_identifier(plan_.outgoing_name));
    } catch (...) {
      failure = std::current_exception();
    }
    done = true;
  });
  std::exception_ptr not_ended;
  while (!done) {
    try {
      if (not_ended == nullptr) end_sessions();
    } catch (const Error&) {
      not_ended = std::current_exception();  // the rename gives up by itself after five seconds
    }
    for (auto slept = 0ms; slept < kEndSessionsEvery && !done; slept += 5ms) {
      environment_.clock.sleep(5ms);
    }
  }
  renaming.join();
  if (failure == nullptr) return;
  std::rethrow_exception(not_ended != nullptr ? not_ended : failure);
}

void Swap::take_over(const DatabaseSettings& wanted) {
  step("take over the name");
  const std::string live = quote_identifier(plan_.live_name);
  admin_.run("ALTER DATABASE " + quote_identifier(plan_.incoming_name) + " RENAME TO " + live);
  admin_.run("ALTER DATABASE " + live + " ALLOW_CONNECTIONS true");
  step("take over what belonged to it");
  apply_settings(admin_, plan_.live_name, plan_.incoming_oid, wanted);
  const std::string lost = first_difference(wanted, read_settings(admin_, plan_.incoming_oid));
  if (lost.empty()) return;
  throw Error(ErrorKind::rollback_failed, "what belonged to the database could not be taken over")
      .object(plan_.live_name)
      .cause(lost);
}

void Swap::fence(const std::string& owner) {
  step("fence the other");
  DatabaseSettings fenced;
  fenced.owner = owner;
  fenced.grants = {{owner, owner, "CONNECT", false},
                   {owner, owner, "CREATE", false},
                   {owner, owner, "TEMPORARY", false}};
  fenced.settings = {{"", "default_transaction_read_only", "on"}};
  fenced.comment = plan_.outgoing_comment;
  apply_settings(admin_, plan_.outgoing_name, plan_.live_oid, fenced);
}

void Swap::attempt() {
  step("begin");
  admin_.run("BEGIN");
  admin_.run("SET LOCAL lock_timeout = '10s'");
  check_names();
  check_ties();
  step("rename away");
  rename_away();
  check_ties();  // from here on nobody can connect and make more
  const DatabaseSettings wanted = read_settings(admin_, plan_.live_oid);
  take_over(wanted);
  fence(wanted.owner);
  step("commit");
  committing_ = true;
  admin_.run("COMMIT");
}

SwapResult Swap::run() {
  for (result_.attempts = 1;; ++result_.attempts) {
    const auto started = environment_.clock.steady();
    try {
      attempt();
      result_.seconds =
          std::chrono::duration<double>(environment_.clock.steady() - started).count();
      return result_;
    } catch (Error& error) {
      if (committing_ && !admin_.alive()) {
        throw error.as(ErrorKind::rollback_failed)
            .object("database " + plan_.live_name)
            .cause("whether the names were exchanged is not known");
      }
      committing_ = false;
      if (admin_.alive()) admin_.run("ROLLBACK");
      // Somebody was quicker; or another session holds the database's entry.
      const bool busy = error.sqlstate_is("55006") || error.sqlstate_is("55P03");
      if (busy && result_.attempts < kMostAttempts) continue;
      if (const std::string pids = busy ? entry_holders() : ""; !pids.empty()) {
        error.cause(
            fmt::format("process {} is changing what belongs to it, and has not ended its "
                        "transaction",
                        pids));
      }
      if (error.kind() == ErrorKind::sql || error.kind() == ErrorKind::unreachable) {
        error.as(ErrorKind::rollback_failed);
      }
      if (error.object().empty()) error.object("database " + plan_.live_name);
      throw error.cause(error.cause().empty() ? "nothing was changed"
                                              : error.cause() + "; nothing was changed");
    }
  }
}

}  // namespace

SwapResult swap(const pg::ConnectTarget& server, const SwapPlan& plan, Environment& environment) {
  return Swap(server, plan, environment).run();
}

}  // namespace belay::restore
