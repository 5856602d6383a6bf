#include "librestore/drill.h"

#include <optional>
#include <utility>

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
      for (const std::string_view environment : {"53", "57", "58", "42501", "0A000"}) {
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
      scratch->create(contents.database);
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
    if (options.keep.count() > 0 && result.discrepancies.empty()) {
      result.sealed = seal(*scratch, admin, reader.header(), options.keep, environment);
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
