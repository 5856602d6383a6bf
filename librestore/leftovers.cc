#include "librestore/leftovers.h"

#include <algorithm>

#include "libcore/base/error.h"
#include "librestore/embedded_sql.h"
#include "librestore/restore.h"

namespace belay::restore {
namespace {

constexpr std::int64_t kHalfDropped = -2;  // DROP DATABASE was interrupted: nobody can connect

Leftover leftover_of(const pg::Result& rows, int row) {
  Leftover leftover;
  leftover.name = rows.string(row, rows.column("name"));
  leftover.oid = rows.oid(row, rows.column("oid"));
  leftover.purpose = purpose_in(leftover.name);
  leftover.mark = mark_of(rows.text(row, rows.column("comment")));
  if (leftover.mark &&
      (leftover.mark->oid != leftover.oid || leftover.mark->purpose != leftover.purpose)) {
    leftover.mark.reset();
  }
  leftover.connection_limit = rows.integer(row, rows.column("connection_limit"));
  leftover.allows_connections = rows.boolean(row, rows.column("allows_connections"));
  leftover.row_version = rows.string(row, rows.column("row_version"));
  leftover.sessions_of_others = rows.integer(row, rows.column("sessions_of_others"));
  return leftover;
}

bool is_unfinished(const Leftover& leftover) {
  const bool purpose = leftover.purpose == "drill" || leftover.purpose == "loading";
  return purpose && (leftover.mark || leftover.connection_limit == kUnfinishedLimit);
}

Decision decide_sealed(const Leftover& leftover, Moment now) {
  if (!leftover.mark->expires) return {false, "its comment does not say until when it is kept"};
  const std::string until = to_iso8601(*leftover.mark->expires);
  if (leftover.allows_connections) return {false, "somebody opened it to connections"};
  if (*leftover.mark->expires > now) return {false, "kept for a rollback until " + until};
  return {true, "it was kept for a rollback until " + until};
}

Decision decide_kept(const Leftover& leftover, const std::string& failed_of) {
  if (failed_of.empty()) return {false, "kept by a rollback, and goes with --failed"};
  const std::string id = leftover.name.substr(leftover.name.rfind('_') + 1);
  if (made_name(failed_of, leftover.purpose, id) != leftover.name) {
    return {false, "kept by a rollback of another database"};
  }
  return {true, "kept by a rollback (" + leftover.mark->of + "), which cannot be undone any more"};
}

}  // namespace

std::vector<Leftover> find_leftovers(pg::Connection& admin) {
  std::vector<Leftover> leftovers;
  const pg::Result rows = admin.query(sql_for(admin, "made_databases"));
  for (int row = 0; row < rows.rows(); ++row) {
    Leftover leftover = leftover_of(rows, row);
    if (!leftover.purpose.empty()) leftovers.push_back(std::move(leftover));
  }
  const pg::Result held =
      admin.query(sql_for(admin, "held_locks"), {std::to_string(pg::kLockClass)});
  std::set<std::uint32_t> keys;
  for (int row = 0; row < held.rows(); ++row) keys.insert(held.oid(row, 0));
  for (Leftover& leftover : leftovers) {
    leftover.in_use = keys.contains(static_cast<std::uint32_t>(key_of_made(leftover.name)));
  }
  return leftovers;
}

Decision decide(const Leftover& leftover, const CollectionRules& rules) {
  if (leftover.in_use) return {false, "a run of belay works with it"};
  if (rules.needed.contains(leftover.name)) {
    return {false, "a rollback that was not finished needs it: belay rollback --resume"};
  }
  if (leftover.connection_limit == kHalfDropped) return {true, "it was half dropped already"};
  if (is_unfinished(leftover)) {
    if (leftover.sessions_of_others > 0) return {false, "sessions that are not belay's are in it"};
    return {true, "left by a run that was killed"};
  }
  if (!leftover.mark) return {false, "only its name says that belay made it"};
  if (leftover.purpose == "sealed") return decide_sealed(leftover, rules.now);
  return decide_kept(leftover, rules.failed_of);
}

bool drop(pg::Connection& admin, const Leftover& leftover, Environment& environment) {
  try {
    const pg::AdvisoryLock lock = lock_made(admin, leftover.name, environment);
    const std::vector<Leftover> now = find_leftovers(admin);
    const bool same = std::any_of(now.begin(), now.end(), [&](const Leftover& one) {
      return one.name == leftover.name && one.oid == leftover.oid &&
             one.row_version == leftover.row_version;
    });
    if (same) drop_database(admin, leftover.name);
    return same;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::lock_timeout) return false;
    throw;
  }
}

}  // namespace belay::restore
