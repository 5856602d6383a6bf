#include "tools/backup.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/archive/writer.h"
#include "libcore/base/error.h"
#include "libcore/pg/advisory_lock.h"
#include "tools/rights.h"

namespace belay::tools {
namespace {

// What has a meaning of its own keeps it; everything else is "backup failed".
[[noreturn]] void rethrow(const Error& error) {
  switch (error.kind()) {
    case ErrorKind::usage:
    case ErrorKind::unreachable:
    case ErrorKind::not_permitted:
    case ErrorKind::busy:
    case ErrorKind::lock_timeout:
      throw error;
    default:
      throw Error(error).as(ErrorKind::backup_failed);
  }
}

}  // namespace

Finished write_archive(const pg::ConnectTarget& target, const Reached& reached,
                       BackupRequest& request, Context& context) {
  Environment& environment = context.environment;
  try {
    pg::ConnectOptions connect;
    connect.application_name = "belay backup: lock";
    connect.cancellation = &environment.cancellation;
    pg::Connection connection = pg::Connection::connect(target, connect);
    const std::vector<MissingRight> missing = missing_rights(connection);
    if (!missing.empty()) throw not_permitted(missing, effective_role(connection));

    Finished finished;
    finished.archive = request.file;
    std::unique_ptr<FileSystem::Lock> repository_lock;
    if (request.repository) {
      const Moment now = environment.clock.now();
      repository_lock = request.repository->lock(reached.database);
      for (const Path& left : request.repository->sweep(reached.database, now)) {
        context.output.warning(
            fmt::format("removed what a killed run left behind: {}", left.native()));
      }
      finished.archive = request.repository->new_archive(reached.database, now);
    }
    // A migration takes it exclusively: none begins while this backup runs.
    std::optional<pg::AdvisoryLock> database_lock;
    if (!request.locked_by_caller) {
      database_lock.emplace(connection, pg::kDatabaseLock, pg::LockMode::shared,
                            request.options.lock_timeout, environment.clock,
                            environment.cancellation);
    }
    archive::Publication publication(environment.files, finished.archive, environment.cancellation);
    finished.summary = dump::dump(target, request.options, publication.sink(), environment);
    publication.commit();
    return finished;
  } catch (const Error& error) {
    rethrow(error);
  }
}

void prove(Finished& finished, const pg::ConnectTarget& target, const Reached& reached,
           const BackupRequest& request, Context& context) {
  const bool is_file =
      context.environment.files.status(finished.archive).type == FileStatus::Type::regular;
  if (!request.level || finished.archive == "-" || !is_file) return;
  if (*request.level == archive::Level::compared) {
    restore::DrillOptions options;
    options.restore.jobs = request.options.jobs;
    options.max_size = request.drill_max_size;
    options.keep = request.keep_copy;
    try {
      finished.proof = prove_in(request.scratch, finished.archive, target, reached.server_version,
                                options, context, request.key.get());
    } catch (const Error& error) {
      // What can be proved without a server is proved all the same.
      if (error.kind() == ErrorKind::could_not_run &&
          !context.environment.cancellation.requested()) {
        static_cast<void>(prove_readable(finished.archive, context.environment, request.key.get()));
      }
      throw;
    }
  } else {
    finished.proof = prove_readable(finished.archive, context.environment, request.key.get());
  }
  if (!finished.proof->discrepancies.empty()) {
    throw mismatch_error(*finished.proof, finished.archive);
  }
  if (finished.proof->receipt.archive_sha256 != finished.summary.sha256) {
    throw Error(ErrorKind::damaged, "what was read back is not what was written")
        .object(finished.archive.native());
  }
}

nlohmann::ordered_json backup_object(const Finished& finished) {
  const dump::Summary& summary = finished.summary;
  nlohmann::ordered_json object;
  object["database"] = summary.header.source.database;
  object["archive"] = finished.archive.native();
  object["archive_id"] = summary.header.archive_id;
  object["sha256"] = summary.sha256.hex();
  object["size"] = summary.size;
  object["tables"] = summary.tables;
  object["rows"] = summary.rows;
  object["bytes"] = summary.bytes;
  object["sequences"] = summary.sequences;
  object["large_objects"] = summary.large_objects;
  object["roles"] = summary.roles;
  object["snapshot_at"] = summary.header.source.server_clock;
  object["environment"] = summary.header.source.environment;
  object["left_out"] = summary.manifest.left_out;
  object["seconds"] = summary.seconds;
  object["proof"] =
      finished.proof ? proof_object(*finished.proof) : nlohmann::ordered_json(nullptr);
  return object;
}

}  // namespace belay::tools
