#include "migrate/adapter.h"

#include <algorithm>
#include <array>
#include <set>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "migrate/embedded_sql.h"
#include "migrate/version_tables.h"

namespace belay::migrate {
namespace {

using Texts = std::vector<std::string>;

struct Adapter {
  std::string_view name, schema, table,
      column;                       // column: what tells the table from others of its name
  std::string_view current, dirty;  // queries of one column; {} is the table
  std::string_view lock_table, locked;
};

constexpr std::array kAdapters = {
    Adapter{"flyway", "", "flyway_schema_history", "installed_rank",
            "SELECT version FROM {} WHERE success AND version IS NOT NULL",
            "SELECT coalesce(version, script) FROM {} WHERE NOT success", "", ""},
    Adapter{"django", "", "django_migrations", "app", "SELECT app || '.' || name FROM {}", "", "",
            ""},
    Adapter{"rails", "", "schema_migrations", "version", "SELECT version::text FROM {}", "", "",
            ""},
    Adapter{"dbmate", "", "schema_migrations", "version", "SELECT version::text FROM {}", "", "",
            ""},
    Adapter{
        "prisma", "", "_prisma_migrations", "migration_name",
        "SELECT migration_name FROM {} WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
        "SELECT migration_name FROM {} WHERE finished_at IS NULL AND rolled_back_at IS NULL", "",
        ""},
    Adapter{"golang-migrate", "", "schema_migrations", "dirty", "SELECT version::text FROM {}",
            "SELECT version::text FROM {} WHERE dirty", "", ""},
    Adapter{"liquibase", "", "databasechangelog", "md5sum", "SELECT author || ':' || id FROM {}",
            "", "databasechangeloglock",
            "SELECT concat_ws(' since ', lockedby, lockgranted) FROM {} WHERE locked"},
    Adapter{"sqitch", "sqitch", "changes", "change_id", "SELECT project || ':' || change FROM {}",
            "", "", ""},
};

constexpr auto kNames = [] {
  std::array<std::string_view, kAdapters.size()> names;
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = kAdapters[i].name;
  return names;
}();

const Adapter& adapter_named(const std::string& name) {
  const auto found = std::find_if(kAdapters.begin(), kAdapters.end(),
                                  [&](const Adapter& one) { return one.name == name; });
  if (found == kAdapters.end()) throw Error(ErrorKind::internal, "no such adapter").object(name);
  return *found;
}

std::string base_name(const std::string& path) { return Path(path).filename().native(); }

bool holds(const Texts& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

// Empty: there is none.
std::string find_table(pg::Connection& connection, std::string_view schema, std::string_view table,
                       std::string_view column) {
  const std::vector<pg::Statement> look = {
      {std::string(kSearchPathOfRole), {}},
      {sql_for(connection, "tool_tables"),
       {pg::Parameter(std::string(table)), pg::Parameter(std::string(column)),
        pg::Parameter(std::string(schema))}},
  };
  const std::vector<pg::Result> answers = connection.run_batch(look);
  const pg::Result& rows = answers.back();
  if (rows.rows() == 0) return "";
  if (rows.rows() > 1 && rows.boolean(0, 2) == rows.boolean(1, 2)) {
    throw Error(ErrorKind::preflight, "several tables could be the migration tool's")
        .object(std::string(table))
        .cause(fmt::format("in the schemas {} and {}", rows.string(0, 0), rows.string(1, 0)))
        .next("set the search_path of the role, or leave the tables unread with --tool none");
  }
  return quote_name({rows.string(0, 0), rows.string(0, 1)});
}

Texts texts_of(pg::Connection& connection, std::string_view query, const std::string& table) {
  const pg::Result rows = connection.query(fmt::format(fmt::runtime(query), table));
  Texts texts;
  for (int row = 0; row < rows.rows(); ++row) texts.push_back(rows.string(row, 0));
  std::sort(texts.begin(), texts.end());
  return texts;
}

// The value of "-path DIR", "-path=DIR"; of several spellings the first that is there.
std::string option_of(const Texts& argv, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    for (std::size_t i = 0; i < argv.size(); ++i) {
      if (argv[i] == name && i + 1 < argv.size()) return argv[i + 1];
      if (argv[i].starts_with(std::string(name) + "=")) return argv[i].substr(name.size() + 1);
    }
  }
  return "";
}

std::string digits_of(const std::string& name) {
  return name.substr(0, name.find_first_not_of("0123456789"));
}

std::optional<Texts> names_in(const Path& directory, const FileSystem& files) {
  if (files.status(directory).type != FileStatus::Type::directory) return std::nullopt;
  return files.list(directory);
}

// VERSION_name.rb, VERSION_name.sql
std::optional<Texts> numbered(const Path& directory, std::string_view end,
                              const FileSystem& files) {
  const std::optional<Texts> names = names_in(directory, files);
  if (!names) return std::nullopt;
  Texts versions;
  for (const std::string& name : *names) {
    if (name.ends_with(end) && !digits_of(name).empty()) versions.push_back(digits_of(name));
  }
  return versions;
}

std::optional<Texts> latest_of_golang(const Texts& argv, const Path& directory,
                                      const FileSystem& files) {
  std::string path = option_of(argv, {"-path", "--path", "-source", "--source"});
  if (path.starts_with("file://")) path.erase(0, 7);
  if (path.empty() || argv.back() != "up") return std::nullopt;
  const std::optional<Texts> versions = numbered(directory / path, ".up.sql", files);
  if (!versions || versions->empty()) return std::nullopt;
  std::uint64_t latest = 0;
  for (const std::string& version : *versions) {
    if (version.size() > 18) return std::nullopt;
    latest = std::max<std::uint64_t>(latest, std::stoull(version));
  }
  return Texts{std::to_string(latest)};
}

// V1_2__what.sql is 1.2. What is repeatable (R__) runs when it has changed: nobody can tell.
std::optional<Texts> of_flyway(const Texts& argv, const Path& directory, const FileSystem& files) {
  std::string place = option_of(argv, {"-locations"});
  if (place.starts_with("filesystem:")) place.erase(0, 11);
  if (place.find_first_of(",:*?") != std::string::npos) return std::nullopt;
  for (const std::string& word : argv) {
    if (word.starts_with("-target") || word.starts_with("-configFiles")) return std::nullopt;
  }
  const std::optional<Texts> names = names_in(directory / (place.empty() ? "sql" : place), files);
  if (!names) return std::nullopt;
  Texts versions;
  for (const std::string& name : *names) {
    const std::size_t end = name.find("__");
    if (end == std::string::npos || !name.ends_with(".sql")) return std::nullopt;
    if (name.front() != 'V') return std::nullopt;
    std::string version = name.substr(1, end - 1);
    std::replace(version.begin(), version.end(), '_', '.');
    versions.push_back(std::move(version));
  }
  return versions;
}

std::optional<Texts> of_prisma(const Path& directory, const FileSystem& files) {
  const Path migrations = directory / "prisma" / "migrations";
  const std::optional<Texts> names = names_in(migrations, files);
  if (!names) return std::nullopt;
  Texts found;
  for (const std::string& name : *names) {
    const Path script = migrations / name / "migration.sql";
    if (files.status(script).type == FileStatus::Type::regular) found.push_back(name);
  }
  return found;
}

// Lines "NAME [DEPENDENCIES] TIME WHO # NOTE" after the pragmas; "@NAME" is a tag. Of a change that
// was reworked there are several of one name: unknown.
std::optional<Texts> of_sqitch(const Path& directory, const FileSystem& files) {
  constexpr std::uint64_t kMostBytes = 16 << 20;
  const Path plan = directory / "sqitch.plan";
  if (files.status(plan).type != FileStatus::Type::regular) return std::nullopt;
  std::string project;
  std::set<std::string> changes;
  const std::string text = read_file(files, plan, kMostBytes);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("%project=")) project = line.substr(9);
    const std::string name = line.substr(0, line.find_first_of(" \t"));
    if (name.empty() || name.find_first_of("%@#") == 0) continue;
    if (!changes.insert(project + ":" + name).second) return std::nullopt;
  }
  return Texts(changes.begin(), changes.end());
}

}  // namespace

std::span<const std::string_view> adapter_names() { return kNames; }

std::string adapter_of(const Texts& argv) {
  Texts words = argv;
  const auto drop = [&](std::initializer_list<std::string_view> prefix) {
    if (words.size() <= prefix.size() || !std::equal(prefix.begin(), prefix.end(), words.begin()))
      return;
    words.erase(words.begin(), words.begin() + static_cast<std::ptrdiff_t>(prefix.size()));
  };
  drop({"bundle", "exec"});
  drop({"npx"});
  if (words.empty()) return "";
  const std::string program = base_name(words[0]);
  const std::string second = words.size() > 1 ? words[1] : "";
  const bool django = program == "django-admin" || program == "manage.py" ||
                      (program.starts_with("python") && base_name(second) == "manage.py");
  if (django) return holds(words, "migrate") ? "django" : "";
  if (program == "rails" || program == "rake") return holds(words, "db:migrate") ? "rails" : "";
  if (program == "prisma") return holds(words, "migrate") ? "prisma" : "";
  if (program == "migrate") {
    return option_of(words, {"-path", "--path", "-source", "--source"}).empty() ? ""
                                                                                : "golang-migrate";
  }
  for (const std::string_view name : {"flyway", "dbmate", "liquibase", "sqitch"}) {
    if (program == name) return std::string(name);
  }
  return "";
}

ToolState read_tool_state(pg::Connection& connection, const std::string& name) {
  const Adapter& adapter = adapter_named(name);
  ToolState state;
  state.table = find_table(connection, adapter.schema, adapter.table, adapter.column);
  if (!state.table.empty()) {
    state.current = texts_of(connection, adapter.current, state.table);
    if (!adapter.dirty.empty()) state.dirty = texts_of(connection, adapter.dirty, state.table);
  }
  if (adapter.lock_table.empty()) return state;
  const std::string lock = find_table(connection, adapter.schema, adapter.lock_table, "locked");
  if (lock.empty()) return state;
  const Texts holders = texts_of(connection, adapter.locked, lock);
  if (!holders.empty()) state.locked_by = holders.front().empty() ? "somebody" : holders.front();
  return state;
}

std::optional<Texts> revisions_on_disk(const std::string& name, const Texts& argv,
                                       const Path& directory, const FileSystem& files) {
  std::optional<Texts> found;
  if (name == "rails" && argv.back() == "db:migrate") {
    found = numbered(directory / "db" / "migrate", ".rb", files);
  } else if (name == "dbmate" && (argv.back() == "up" || argv.back() == "migrate")) {
    const std::string place = option_of(argv, {"-d", "--migrations-dir"});
    found = numbered(directory / (place.empty() ? "db/migrations" : place), ".sql", files);
  } else if (name == "golang-migrate") {
    found = latest_of_golang(argv, directory, files);
  } else if (name == "flyway" && holds(argv, "migrate")) {
    found = of_flyway(argv, directory, files);
  } else if (name == "prisma" && argv.back() == "deploy") {
    found = of_prisma(directory, files);
  } else if (name == "sqitch" && argv.back() == "deploy") {
    found = of_sqitch(directory, files);
  }
  if (found && found->empty()) return std::nullopt;
  return found;
}

Texts expected_by_tool(const std::string& name, const Texts& current, const Texts& on_disk) {
  if (name == "golang-migrate") return on_disk;
  std::set<std::string> all(current.begin(), current.end());
  all.insert(on_disk.begin(), on_disk.end());
  return {all.begin(), all.end()};
}

}  // namespace belay::migrate
