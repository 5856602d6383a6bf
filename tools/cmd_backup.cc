#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/base/shell_word.h"
#include "tools/backup.h"
#include "tools/compression.h"
#include "tools/keys.h"
#include "tools/object_selection.h"
#include "tools/process.h"
#include "tools/sealed_copies.h"
#include "tools/units.h"
#include "tools/usage.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

BackupRequest request_of(const Command& command, Context& context, std::size_t databases) {
  BackupRequest request;
  dump::Options& options = request.options;
  options.jobs = static_cast<int>(command.count(Option::jobs, 1, 64));
  options.format = static_cast<dump::FormatChoice>(command.choice(Option::format));
  const CompressionChoice compression = parse_compression(command.text(Option::compress));
  options.compression = compression.method;
  options.compression_level = compression.level;
  options.schema_only = command.on(Option::schema_only);
  options.environment = command.text(Option::env);
  options.created_by = version();
  options.lock_timeout = command.duration(Option::wait);
  options.allow_unknown = command.on(Option::allow_unknown);
  options.selection = object_selection(command);
  options.roles = command.on(Option::roles);
  options.role_passwords = command.on(Option::role_passwords);
  if (options.role_passwords && !options.roles) {
    throw Error(ErrorKind::usage, "--role-passwords goes with --roles");
  }
  for (const std::string& pattern : command.texts(Option::exclude_table_data)) {
    options.exclude_table_contents.push_back(NamePattern::of_relation(pattern));
  }
  const std::size_t level = command.choice(Option::verify);
  if (level == 1) request.level = archive::Level::readable;
  if (level == 2) request.level = archive::Level::compared;
  request.drill_max_size = command.size(Option::drill_max_size);
  request.key = signing_key(command, context);
  if (level == 2) request.scratch = scratch_of(command, context);
  request.file = command.text(Option::file);
  if (command.on(Option::dry_run)) return request;
  if (request.file.empty() && !command.given(Option::repo)) {
    throw Error(ErrorKind::usage, "nowhere to write the archive")
        .next("give --repo DIR (or BELAY_REPO), or -f FILE");
  }
  if (!request.file.empty() && databases > 1) {
    throw Error(ErrorKind::usage, "one file cannot hold several databases")
        .object(request.file.native())
        .next("give --repo DIR, or one -d");
  }
  if (request.file == "-" && Process::stdout_is_terminal()) {
    throw Error(ErrorKind::usage, "an archive is not written to a terminal")
        .next("redirect the standard output, or give -f FILE");
  }
  if (request.file.empty()) {
    request.repository.emplace(context.environment.files, command.text(Option::repo));
  }
  request.keep_copy = command.duration(Option::keep_copy);
  if (request.keep_copy.count() > 0 &&
      (level != 2 || !request.repository || !request.scratch.is_same())) {
    throw Error(ErrorKind::usage, "no drill whose database could be kept")
        .object("--keep-copy")
        .next("give --verify compared and --repo DIR with it");
  }
  return request;
}

void print(const Finished& finished, const Command& command, Context& context) {
  const dump::Summary& summary = finished.summary;
  const SourceIdentity& source = summary.header.source;
  Output& output = context.output;
  output.line(fmt::format("backed up: database {}", printable(source.database)));
  const bool piped = finished.archive == "-";
  output.facts(
      {{"archive", fmt::format("{}, {}", piped ? "standard output" : finished.archive.native(),
                               human_bytes(summary.size))},
       {"contents", fmt::format("{}, {}, {}, {}, {}", counted(summary.tables, "table"),
                                counted(summary.rows, "row"), human_bytes(summary.bytes),
                                counted(summary.sequences, "sequence"),
                                counted(summary.large_objects, "large object"))},
       {"roles", summary.roles == 0
                     ? ""
                     : fmt::format("{}{}", counted(summary.roles, "definition"),
                                   command.on(Option::role_passwords) ? ", with passwords" : "")},
       {"snapshot", source.server_clock},
       {"proved", finished.proof ? proved_text(*finished.proof) : "nothing yet"},
       {"not proved", finished.proof ? not_proved_text(*finished.proof) : ""},
       {"sealed copy",
        finished.proof && finished.proof->sealed ? finished.proof->sealed->name : ""},
       {"receipt", finished.proof ? finished.proof->receipt_file.native() : ""},
       {"time", human_seconds(summary.seconds)}});
  for (const std::string& left_out : summary.manifest.left_out) {
    output.line(fmt::format("  left out: {}", printable(left_out)));
  }
  if (command.choice(Option::verify) == 2 || piped) return;
  // A conninfo string may hold a password: only a plain name is repeated.
  const std::vector<std::string> said = command.texts(Option::dbname);
  const bool plain = std::find(said.begin(), said.end(), source.database) != said.end();
  output.next(fmt::format("belay verify {} --level compared -d {}",
                          quote_shell_word(finished.archive.native()),
                          plain ? quote_shell_word(source.database) : "SERVER"));
}

ordered_json plan_object(const std::string& database, const dump::Plan& plan) {
  return {{"database", database},
          {"objects", plan.entries.size()},
          {"items", plan.items.size()},
          {"left_out", plan.left_out},
          {"estimated_bytes", plan.estimated_bytes}};
}

}  // namespace

int run_backup(const Command& command, Context& context) {
  std::vector<pg::ConnectTarget> targets = databases(command, context);
  BackupRequest request = request_of(command, context, targets.size());
  ordered_json results = ordered_json::array();
  int status = 0;
  for (pg::ConnectTarget& target : targets) {
    Finished finished;
    try {
      const Reached reached = reach(target, command, context);
      if (command.on(Option::dry_run)) {
        const dump::Plan plan = dump::plan_only(target, request.options, context.environment);
        context.output.line(dump::describe(plan));
        results.push_back(plan_object(reached.database, plan));
        continue;
      }
      if (request.repository) {
        drop_expired_copies(target, request.repository->root(), context);
      }
      finished = write_archive(target, reached, request, context);
      prove(finished, target, reached, request, context);
      if (finished.proof && request.repository) {
        record_copy(*finished.proof, finished.archive, request.repository->root(), "", context);
      }
      print(finished, command, context);
      results.push_back(backup_object(finished));
    } catch (const Error& error) {
      if (targets.size() == 1) throw;
      // The others are still backed up; the first failure decides the exit status.
      if (status == 0) status = error.exit_status();
      if (context.environment.cancellation.requested()) throw;
      if (!context.output.style().json) context.output.report(error);
      ordered_json failed;
      failed["database"] = name_in(target, context.variables);
      failed["archive"] = finished.archive.native();
      failed["error"] = error_object(error);
      results.push_back(failed);
    }
  }
  ordered_json object;
  object[command.on(Option::dry_run) ? "plans" : "backups"] = results;
  context.output.result(object, status);
  return status;
}

}  // namespace belay::tools
