#include "librestore/drill.h"

#include <optional>
#include <utility>

#include "libcore/base/name.h"
#include "librestore/load.h"
#include "librestore/scratch_comparison.h"
#include "librestore/target_server.h"

namespace belay::restore {
namespace {

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

void check_size(const archive::Contents& contents, std::uint64_t limit) {
  std::uint64_t bytes = 0;
  for (const archive::DataItem& item : contents.items) bytes += item.estimated_bytes;
  if (bytes <= limit) return;
  throw Error(ErrorKind::could_not_run, "the drill is too large")
      .cause("about " + megabytes(bytes) + " of rows, allowed are " + megabytes(limit))
      .next("raise --drill-max-size if the server has the space, or drill on another server");
}

// What could reach beyond the scratch database. Rows are loaded without triggers, so what would
// notify or call somebody is not run.
std::vector<std::string> reaching_outside(const archive::Contents& contents) {
  std::size_t tables = 0, subscriptions = 0;
  for (const archive::Entry& entry : contents.entries) {
    tables += entry.kind == "foreign table" ? 1 : 0;
    subscriptions += entry.kind == "subscription" ? 1 : 0;
  }
  std::vector<std::string> found;
  if (tables > 0) found.push_back(std::to_string(tables) + " foreign tables: not read");
  if (subscriptions > 0) {
    found.push_back(std::to_string(subscriptions) + " subscriptions: not created");
  }
  for (const auto& [name, version] : contents.extensions) {
    for (const std::string_view outward : {"dblink", "http", "pg_cron", "pg_net", "postgres_fdw"}) {
      if (name == outward) found.push_back("extension " + name + ": nothing of it called by belay");
    }
  }
  return found;
}

// Without statistics the first queries after a swap would be planned blindly. A copy that waits
// gets them anew even if the archive brought them: else autovacuum would gather them, and write
// while a migration is being watched.
std::string analyze_statement(const DrillOptions& options,
                              const std::optional<PlannerStatistics>& taken) {
  if (!options.goes_in_at_once || !taken) return "ANALYZE";
  std::string tables;
  for (const QualifiedName& table : taken->analyze)
    tables += (tables.empty() ? "ANALYZE " : ", ") + quote_name(table);
  return tables;
}

Error told(const Error& error, const std::string& remains) {
  Error verdict = error;
  verdict.as(drill_verdict(error));
  if (remains.empty()) return verdict;
  return verdict.cause(verdict.cause().empty() ? remains : verdict.cause() + "; " + remains);
}

}  // namespace

ErrorKind drill_verdict(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::sql:
      for (const std::string_view environment : {"08", "53", "57", "58", "42501", "0A000"}) {
        if (error.sqlstate_is(environment)) return ErrorKind::could_not_run;
      }
      return ErrorKind::mismatch;
    case ErrorKind::restore_failed:  // the server took something else than it was given
      return ErrorKind::mismatch;
    case ErrorKind::unreachable:
    case ErrorKind::not_permitted:
    case ErrorKind::target_exists:
    case ErrorKind::io:
    case ErrorKind::lock_timeout:
    case ErrorKind::preflight:
      return ErrorKind::could_not_run;
    default:
      return error.kind();
  }
}

DrillResult drill(ByteSource& source, const pg::ConnectTarget& server, const DrillOptions& options,
                  Environment& environment) {
  const auto started = environment.clock.steady();
  Options restore = options.restore;
  restore.create_subscriptions = restore.database_settings = false;
  archive::StreamReader reader(source);
  const archive::Contents& contents = reader.contents();
  pg::Connection admin = connect_admin(server, &environment.cancellation);

  std::optional<MadeDatabase> scratch;
  const auto end_scratch = [&] { return scratch ? scratch->discard() : std::string(); };
  const auto named_if_left = [](const std::string& remains) {
    return remains == kNothingLeft ? std::string() : remains;
  };
  try {
    check_size(contents, options.max_size);
    Plan plan =
        plan_for(read_target(admin), reader.header(), contents, restore, ErrorKind::could_not_run);
    try {
      scratch.emplace(admin, server, reader.header().source.database, "drill", reader.header(),
                      environment);
      scratch->create(contents.database, plan.tablespace);
    } catch (const Error& error) {
      // Whatever keeps the server from making an empty database, it is not the archive.
      if (error.kind() == ErrorKind::sql) throw Error(error).as(ErrorKind::could_not_run);
      throw;
    }
    DrillResult result;
    Loaded loaded = load(reader, std::move(plan), scratch->target(), restore, environment);
    if (options.before_compare) options.before_compare(scratch->target());
    compare_scratch(contents, loaded, scratch->target(), restore, environment, result);
    result.restored = std::move(loaded.summary);
    result.kept_away = reaching_outside(contents);
    if (options.keep.count() > 0 && result.discrepancies.empty()) {
      result.sealed = seal(*scratch, admin, reader.header(), options.keep,
                           analyze_statement(options, result.restored.statistics), environment);
    } else if (const std::string left = named_if_left(end_scratch()); !left.empty()) {
      result.restored.warnings.push_back(left);
    }
    result.seconds = std::chrono::duration<double>(environment.clock.steady() - started).count();
    return result;
  } catch (const Error& error) {
    throw told(error, named_if_left(end_scratch()));
  }
}

}  // namespace belay::restore
