#include "librestore/swap.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <optional>
#include <set>
#include <thread>
#include <utility>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/pg/maintenance.h"
#include "librestore/database_settings.h"
#include "librestore/embedded_sql.h"
#include "librestore/made_database.h"
#include "librestore/obstacles.h"

namespace belay::restore {
namespace {

using namespace std::chrono_literals;

constexpr int kMostAttempts = 6;
constexpr auto kEndSessionsEvery = 50ms;
constexpr auto kAstrayPatience = 1s;
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
  std::string both_oids() const;
  void end_sessions();
  std::optional<Error> session_in_the_way();
  void give_up_unless_passing(Error error);
  void take_over(const DatabaseSettings& wanted);
  void fence(const std::string& owner);
  void find_astray();

  const SwapPlan& plan_;
  Environment& environment_;
  pg::Connection admin_, ender_;
  SwapResult result_;
  DatabaseSettings fenced_;
  // Sessions, by pid: told to end; not to be ended by this role; there after the last attempt.
  std::set<int> ended_, not_permitted_, in_the_way_;
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
      {both_oids(), std::to_string(admin_.backend_pid())});
  return rows.is_null(0, 0) ? "" : rows.string(0, 0);
}

std::string Swap::both_oids() const {
  return fmt::format("{{{},{}}}", plan_.live_oid, plan_.incoming_oid);
}

// By OID: after the COMMIT the name means the other database. Workers of autovacuum have no role;
// the server ends them itself for a rename, and only a superuser may.
void Swap::end_sessions() {
  const pg::Result rows = ender_.query(sql_for(ender_, "swap_sessions"), {both_oids()});
  for (int row = 0; row < rows.rows(); ++row) {
    const int pid = static_cast<int>(rows.integer(row, 0));
    try {
      ender_.query("SELECT pg_catalog.pg_terminate_backend($1::int4)", {std::to_string(pid)});
      ended_.insert(pid);
    } catch (const Error& error) {
      if (!error.sqlstate_is("42501")) throw;
      not_permitted_.insert(pid);
    }
  }
}

// Who comes back is ended again: new sessions queue behind the rename. Who was there at the end of
// the last attempt, too, does not end at all.
std::optional<Error> Swap::session_in_the_way() {
  const std::set<int> before = std::exchange(in_the_way_, {});
  std::optional<Error> stays;
  const pg::Result rows = ender_.query(sql_for(ender_, "swap_sessions"), {both_oids()});
  for (int row = 0; row < rows.rows(); ++row) {
    const int pid = static_cast<int>(rows.integer(row, 0));
    in_the_way_.insert(pid);
    const bool not_permitted = not_permitted_.contains(pid);
    if (stays || !(not_permitted || before.contains(pid))) continue;
    stays = Error(ErrorKind::rollback_failed, not_permitted
                                                  ? "a session in the database may not be ended"
                                                  : "a session in the database does not end")
                .cause(fmt::format("process {} (role {}, {}, {})", pid, rows.string(row, 1),
                                   rows.string(row, 2), rows.string(row, 3)))
                .next(not_permitted
                          ? fmt::format("as a superuser: SELECT pg_terminate_backend({})", pid)
                          : fmt::format("see what keeps process {} of the server", pid));
  }
  return stays;
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
  const DatabaseSettings taken = read_settings(admin_, plan_.incoming_oid);
  if (taken == wanted) return;
  throw Error(ErrorKind::rollback_failed, "what belonged to the database could not be taken over")
      .object(plan_.live_name)
      .cause(first_difference(wanted, taken));
}

void Swap::fence(const std::string& owner) {
  step("fence the other");
  fenced_.owner = owner;
  fenced_.grants = {{owner, owner, "CONNECT", false},
                    {owner, owner, "CREATE", false},
                    {owner, owner, "TEMPORARY", false}};
  fenced_.settings = {{"", "default_transaction_read_only", "on"}};
  fenced_.comment = plan_.outgoing_comment;
  apply_settings(admin_, plan_.outgoing_name, plan_.live_oid, fenced_);
}

// ALTER DATABASE ... SET finds the database by its name, and then waits for the rename to end: what
// came meanwhile is made on the outgoing one, once that is committed.
void Swap::find_astray() {
  const auto until = environment_.clock.steady() + kAstrayPatience;
  const auto at_work = [&] {  // sessions that connect have a stronger lock
    return ender_
        .query(
            "SELECT EXISTS (SELECT 1 FROM pg_catalog.pg_locks l WHERE l.locktype = 'object' AND "
            "l.classid = 'pg_catalog.pg_database'::pg_catalog.regclass AND l.objid = $1::oid AND "
            "l.mode = 'AccessShareLock')",
            {std::to_string(plan_.live_oid)})
        .boolean(0, 0);
  };
  while (at_work() && environment_.clock.steady() < until) {
    environment_.clock.sleep(kEndSessionsEvery);
  }
  for (const DatabaseSettings::Setting& setting : read_settings(admin_, plan_.live_oid).settings) {
    if (std::find(fenced_.settings.begin(), fenced_.settings.end(), setting) !=
        fenced_.settings.end()) {
      continue;
    }
    result_.astray.push_back(setting.name +
                             (setting.role.empty() ? "" : " of role " + setting.role));
  }
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

// Throws what stands in the way for good; returns if another attempt may succeed.
void Swap::give_up_unless_passing(Error error) {
  // Somebody was quicker; or another session holds the database's entry.
  const bool busy = error.sqlstate_is("55006") || error.sqlstate_is("55P03");
  const std::optional<Error> session =
      error.sqlstate_is("55006") ? session_in_the_way() : std::nullopt;
  if (busy && !session && result_.attempts < kMostAttempts) return;
  if (session) {
    error = *session;
  } else if (const std::string pids = busy ? entry_holders() : ""; !pids.empty()) {
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

SwapResult Swap::run() {
  for (result_.attempts = 1;; ++result_.attempts) {
    const auto started = environment_.clock.steady();
    try {
      attempt();
      result_.sessions_ended = static_cast<int>(ended_.size());
      result_.seconds =
          std::chrono::duration<double>(environment_.clock.steady() - started).count();
      break;
    } catch (Error& error) {
      if (committing_ && !admin_.alive()) {
        throw error.as(ErrorKind::rollback_failed)
            .object("database " + plan_.live_name)
            .cause("whether the names were exchanged is not known");
      }
      committing_ = false;
      if (admin_.alive()) admin_.run("ROLLBACK");
      give_up_unless_passing(error);
    }
  }
  find_astray();
  return result_;
}

}  // namespace

SwapResult swap(const pg::ConnectTarget& server, const SwapPlan& plan, Environment& environment) {
  return Swap(server, plan, environment).run();
}

}  // namespace belay::restore
