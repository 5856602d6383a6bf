#include "migrate/dropped_data.h"

#include <algorithm>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "migrate/embedded_sql.h"
#include "migrate/rendered_upgrade.h"
#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kPatience{10000};  // for all counts together
constexpr milliseconds kLongestCount{5000};
constexpr std::uint64_t kMaxFileBytes = 16 << 20;

// Of an upgrade by Alembic, or none.
std::vector<const Revision*> pending(const RunOptions& options, const Look& look) {
  if (!options.project || options.command.action != AlembicAction::upgrade || options.command.sql ||
      !look.pending || !look.expected) {
    return {};
  }
  const RevisionGraph& graph = options.project->graph;
  const std::vector<std::string> all = graph.closure(*look.expected);
  const std::vector<std::string> done = graph.closure(look.revisions.current);
  const std::set<std::string> applied(done.begin(), done.end());
  std::vector<const Revision*> revisions;
  for (const std::string& id : all) {
    if (!applied.contains(id)) revisions.push_back(graph.find(id));
  }
  return revisions;
}

std::string counted(std::int64_t count, const DropStatement& drop) {
  const std::string_view what = drop.column.empty() ? "row" : "value";
  return fmt::format("{} {}{}", count, what, count == 1 ? "" : "s");
}

// Counts, with a limit to the time and to the wait for a lock; the message is for people.
std::string count_of(pg::Connection& connection, const DropStatement& drop,
                     const QualifiedName& table, std::int64_t about, milliseconds limit) {
  const std::string estimate = about > 0 ? fmt::format("about {} rows", about) : "";
  if (limit <= milliseconds(0)) return estimate.empty() ? "what was not counted" : estimate;
  const std::string what = drop.column.empty() ? "*" : quote_identifier(drop.column);
  connection.run(fmt::format("SET lock_timeout = 1000; SET statement_timeout = {}", limit.count()));
  std::string text = estimate.empty() ? "what could not be counted in time" : estimate;
  try {
    const std::int64_t count =
        connection
            .query(fmt::format("SELECT pg_catalog.count({}) FROM {}", what, quote_name(table)))
            .integer(0, 0);
    text = count == 0 ? "" : counted(count, drop);
  } catch (const Error& error) {
    if (!connection.alive() || error.kind() == ErrorKind::cancelled) throw;
    if (error.sqlstate_is("42501")) text = "what this role may not count";
  }
  connection.run("SET statement_timeout = 0; SET lock_timeout = 0");  // they were for this count
  return text;
}

std::string object_of(const DropStatement& drop, const QualifiedName& table) {
  const std::string name = quote_name_pretty(table);
  return drop.column.empty()
             ? "table " + name
             : fmt::format("column {}.{}", name, quote_identifier_pretty(drop.column));
}

}  // namespace

bool may_drop(std::string_view python) {
  std::string text;
  bool counts = true;
  while (!python.empty()) {
    const std::size_t end = std::min(python.find('\n'), python.size());
    const std::string_view line = python.substr(0, end);
    python.remove_prefix(std::min(end + 1, python.size()));
    if (!line.empty() && line[0] != ' ' && line[0] != '\t' && line[0] != ')' && line[0] != '#') {
      counts = !line.starts_with("def downgrade");
    }
    if (!counts) continue;
    for (const char c : line) {
      text += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    text += '\n';
  }
  return std::ranges::any_of(
      std::initializer_list<std::string_view>{"drop", ".sql", "open(", "read_text", "exec("},
      [&](std::string_view word) { return text.find(word) != std::string::npos; });
}

std::vector<std::string> count_dropped(pg::Connection& connection,
                                       const std::vector<DropStatement>& drops, Clock& clock,
                                       milliseconds patience) {
  const auto deadline = clock.steady() + patience;
  std::vector<std::string> losses;
  for (const DropStatement& drop : drops) {
    const std::string name =
        drop.schema.empty() ? quote_identifier(drop.table) : quote_name({drop.schema, drop.table});
    const std::vector<pg::Result> answers = connection.run_batch(std::vector<pg::Statement>{
        {std::string(kSearchPathOfRole), {}},
        {sql_for(connection, "dropped_table"), {pg::Parameter(name), pg::Parameter(drop.column)}},
    });
    const pg::Result& found = answers.back();
    if (found.rows() == 0) continue;  // made by these revisions, or gone already
    const QualifiedName table{found.string(0, 0), found.string(0, 1)};
    const auto left = std::chrono::duration_cast<milliseconds>(deadline - clock.steady());
    const std::string count =
        count_of(connection, drop, table, found.integer(0, 2), std::min(left, kLongestCount));
    if (!count.empty()) {
      losses.push_back(fmt::format("{}, which holds {}", object_of(drop, table), count));
    }
  }
  return losses;
}

std::vector<std::string> pending_that_may_drop(const RunOptions& options, const Look& look,
                                               const FileSystem& files) {
  std::vector<std::string> ids;
  for (const Revision* revision : pending(options, look)) {
    if (may_drop(read_file(files, revision->file, kMaxFileBytes))) ids.push_back(revision->id);
  }
  return ids;
}

DroppedData look_at_dropped_data(const RunOptions& options, const Look& look,
                                 ChildProcesses& processes, Environment& environment) {
  if (pending_that_may_drop(options, look, environment.files).empty()) return {};
  const std::vector<const Revision*> revisions = pending(options, look);
  environment.progress.stage("look at what the revisions drop", 0, 0);
  const RenderedUpgrade rendered =
      render_upgrade(options.command, look.revisions.current, processes, environment);
  DroppedData dropped;
  dropped.not_looked_at = rendered.missing;
  for (const Revision* revision : revisions) {  // an env.py may write elsewhere, or hide an error
    if (!dropped.not_looked_at.empty()) break;
    if (rendered.sql.find("-> " + revision->id) != std::string::npos) continue;
    dropped.not_looked_at = printable(revision->id) + " was not rendered as SQL";
  }
  const std::vector<DropStatement> drops = read_drop_statements(rendered.sql);
  if (drops.empty()) return dropped;
  pg::Connection connection = connect_as_command(options, &environment.cancellation);
  dropped.losses = count_dropped(connection, drops, environment.clock, kPatience);
  return dropped;
}

}  // namespace belay::migrate
