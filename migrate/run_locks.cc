#include "migrate/run_locks.h"

#include "libcore/base/error.h"
#include "libcore/pg/advisory_lock.h"
#include "libcore/pg/maintenance.h"
#include "libcore/pg/snapshot.h"
#include "migrate/embedded_sql.h"
#include "migrate/look.h"
#include "migrate/name_lock.h"

namespace belay::migrate {
namespace {

using namespace std::chrono_literals;

// For the server to notice that the session which it still keeps for us is gone.
constexpr auto kRetake = 3s;

const Cancellation kUndisturbed;

}  // namespace

struct RunLocks::Sessions {
  Sessions(const RunOptions& options, const std::string& name, std::chrono::milliseconds wait,
           Clock& clock, const Cancellation& cancellation)
      : maintenance(pg::connect_maintenance(options.target, kSessionName, nullptr)),
        name_lock(maintenance, name, wait, clock, cancellation),
        database(connect(options, nullptr)),
        lock(database, pg::kDatabaseLock, pg::LockMode::exclusive, wait, clock, cancellation) {}

  pg::Connection maintenance;
  NameLock name_lock;
  pg::Connection database;
  pg::AdvisoryLock lock;
};

RunLocks::RunLocks(const RunOptions& options, const std::string& database, Environment& environment)
    : options_(options), database_(database), environment_(environment) {
  sessions_ = std::make_unique<Sessions>(options, database, options.wait, environment.clock,
                                         environment.cancellation);
  know();
}

RunLocks::~RunLocks() = default;

void RunLocks::know() {
  server_ = pg::read_identity(sessions_->database);
  pids_.clear();
  for (pg::Connection* session : {&sessions_->maintenance, &sessions_->database}) {
    const pg::Result row = session->query(sql_for(*session, "server_start"));
    started_ = row.string(0, 0);
    pids_.insert(static_cast<int>(row.integer(0, 1)));
  }
}

RunLocks::Held RunLocks::look() {
  if (!sessions_) return Held::lost;
  const SourceIdentity server = server_;
  const std::string started = started_;
  try {
    if (sessions_->name_lock.still_held() && sessions_->lock.still_held()) return Held::yes;
  } catch (const Error&) {
    // Taken again below, or lost.
  }
  try {
    // Both anew: what cut off one session may have cut off the other without its knowing.
    sessions_.reset();
    sessions_ =
        std::make_unique<Sessions>(options_, database_, kRetake, environment_.clock, kUndisturbed);
    know();
  } catch (const Error&) {
    return Held::lost;
  }
  return same_database(server, server_) && server.timeline == server_.timeline &&
                 started == started_
             ? Held::yes
             : Held::other_server;
}

}  // namespace belay::migrate
