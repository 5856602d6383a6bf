#include "tools/doctor.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/snapshot.h"
#include "tools/embedded_sql.h"
#include "tools/rights.h"
#include "tools/units.h"
#include "tools/way_back.h"

namespace belay::tools {
namespace {

constexpr int kOldestMajor = 13, kNewestMajor = 18;
constexpr std::size_t kMostNamed = 50;  // unsupported objects, one line each

Check version_check(const pg::Connection& connection) {
  const int major = connection.server_major();
  const std::string text = fmt::format("PostgreSQL {}", connection.parameter("server_version"));
  if (major < kOldestMajor) {
    return {"server version", Finding::fail, text + ", too old",
            fmt::format("belay serves {} to {}", kOldestMajor, kNewestMajor)};
  }
  if (major > kNewestMajor) {
    return {"server version", Finding::warn,
            text + ", newer than this belay: what it does not know makes a backup fail", ""};
  }
  return {"server version", Finding::ok, text, ""};
}

// A backup makes it, with all that leads to it.
Check repository_check(const Path& repository, std::uint64_t size, const FileSystem& files) {
  try {
    const Path whole = files.resolve(std::filesystem::absolute(repository));
    Path there = whole;
    while (files.status(there).type == FileStatus::Type::none && there != there.parent_path()) {
      there = there.parent_path();
    }
    const bool usable = files.status(there).type == FileStatus::Type::directory;
    if (!usable || ::access(there.c_str(), W_OK | X_OK) != 0) {
      return {"repository", Finding::fail,
              fmt::format("{} {}", there.native(),
                          usable ? "cannot be written to" : "is not a directory"),
              "make it writable, or name another with --repo"};
    }
    const std::uint64_t space = files.free_space(there);
    Check check{"repository", Finding::ok,
                fmt::format("{}, {} free{}", repository.native(), human_bytes(space),
                            there == whole ? "" : "; it will be created"),
                ""};
    if (space < size / 4) {
      check.finding = Finding::warn;
      check.mend = fmt::format("the database has {}", human_bytes(size));
    }
    return check;
  } catch (const Error& error) {
    return {"repository", Finding::fail, error.what(), "name another with --repo"};
  }
}

std::vector<Check> fact_checks(pg::Connection& connection, const DoctorOptions& options,
                               Environment& environment) {
  const pg::Result facts =
      connection.run(pg::select_sql(embedded_sql(), "server_facts", connection.server_major()));
  const auto flag = [&](const char* name) { return facts.boolean(0, facts.column(name)); };
  const auto number = [&](const char* name) {
    return static_cast<std::uint64_t>(
        std::max<std::int64_t>(0, facts.integer(0, facts.column(name))));
  };
  const std::string user = effective_role(connection), role = quote_identifier_pretty(user);
  std::vector<Check> checks;
  if (flag("in_recovery")) {
    checks.push_back({"role of the server", Finding::warn,
                      "a standby: long queries may be cancelled by replication, no drill here",
                      "hot_standby_feedback = on, or back up the primary"});
  }
  if (flag("is_superuser")) {
    checks.push_back({"role", Finding::warn, fmt::format("{} is a superuser", user),
                      "run belay as the database's owner where you can"});
  } else {
    checks.push_back({"role", Finding::ok, user, ""});
  }
  checks.push_back(flag("may_create_databases")
                       ? Check{"drill: create databases", Finding::ok, "permitted", ""}
                       : Check{"drill: create databases", Finding::fail,
                               fmt::format("{} may not create databases", user),
                               fmt::format("ALTER ROLE {} CREATEDB", role)});
  const std::uint64_t size = number("database_size");
  checks.push_back(
      size <= options.drill_max_size
          ? Check{"drill: size", Finding::ok, human_bytes(size), ""}
          : Check{"drill: size", Finding::warn,
                  fmt::format("{}, more than --drill-max-size", human_bytes(size)),
                  "raise --drill-max-size if the server has the room, or drill on another server"});
  // The dump holds one lock for each table; what others hold comes on top.
  const std::uint64_t tables = number("tables"), slots = number("lock_slots");
  checks.push_back(tables < slots
                       ? Check{"locks", Finding::ok,
                               fmt::format("{}, {} locks in the server", counted(tables, "table"),
                                           human_count(slots)),
                               ""}
                       : Check{"locks", Finding::fail,
                               fmt::format("{} need a lock each, the server has {}",
                                           counted(tables, "table"), human_count(slots)),
                               "raise max_locks_per_transaction and restart the server"});
  if (flag("ignores_damage")) {  // a superuser's session has turned it off
    checks.push_back({"damaged pages", Finding::fail, "the server passes over them, and their rows",
                      "reset zero_damaged_pages and ignore_checksum_failure"});
  }
  if (number("free_connections") < 4) {
    checks.push_back({"connections", Finding::warn,
                      fmt::format("{} left", counted(number("free_connections"), "connection")),
                      "a backup with -j N uses N + 2"});
  }
  const std::string locale = fmt::format("{}, {}, {}", facts.text(0, facts.column("encoding")),
                                         facts.text(0, facts.column("lc_collate")),
                                         facts.text(0, facts.column("lc_ctype")));
  bool same_version = true;
  if (connection.server_major() >= 15) {
    const int recorded = facts.column("collation_recorded"),
              actual = facts.column("collation_actual");
    same_version = facts.is_null(0, recorded) || facts.is_null(0, actual) ||
                   facts.text(0, recorded) == facts.text(0, actual);
  }
  checks.push_back(
      same_version ? Check{"locale", Finding::ok, locale, ""}
                   : Check{"locale", Finding::warn,
                           locale + ": the system's collations changed since it was created",
                           fmt::format("REINDEX, then ALTER DATABASE {} REFRESH COLLATION VERSION",
                                       quote_identifier_pretty(connection.database()))});
  if (options.repository) {
    checks.push_back(repository_check(*options.repository, size, environment.files));
  }
  return checks;
}

std::vector<Check> right_checks(pg::Connection& connection) {
  std::vector<Check> checks;
  for (const MissingRight& right : missing_rights(connection)) {
    checks.push_back({"rights", Finding::fail, right.object + " cannot be read", right.mend});
  }
  if (checks.empty()) checks.push_back({"rights", Finding::ok, "everything can be read", ""});
  return checks;
}

std::vector<Check> extension_checks(pg::Connection& connection) {
  const bool superuser = connection.parameter("is_superuser") == "on";
  const pg::Result rows =
      connection.run(pg::select_sql(embedded_sql(), "extensions", connection.server_major()));
  std::vector<Check> checks;
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string name = fmt::format("{} {}", rows.text(row, 0), rows.text(row, 1));
    if (!rows.boolean(row, 2)) {
      checks.push_back({"extension", Finding::fail, name + " cannot be created on this server",
                        "install that version of its package"});
    } else if (!rows.boolean(row, 3) && !superuser) {
      checks.push_back({"extension", Finding::warn, name + " can only be created by a superuser",
                        "a drill with this role gives \"could not run\""});
    } else {
      checks.push_back({"extension", Finding::ok, name, ""});
    }
  }
  return checks;
}

std::vector<Check> object_checks(pg::Connection& connection, Environment& environment) {
  catalog::ReadOptions options;
  options.lock_tables = false;
  const catalog::Catalog catalog = catalog::read_catalog(connection, options, environment.progress);
  pg::end_snapshot_transaction(connection);
  std::vector<Check> checks;
  for (const catalog::Unsupported& object : catalog.unsupported) {
    if (checks.size() == kMostNamed) {
      checks.push_back({"objects", Finding::fail,
                        fmt::format("and {} more", catalog.unsupported.size() - kMostNamed), ""});
      break;
    }
    checks.push_back({"objects", Finding::fail,
                      fmt::format("{} {} is not supported yet{}{}", object.kind, object.identity,
                                  object.detail.empty() ? "" : ": ", object.detail),
                      ""});
  }
  if (checks.empty()) checks.push_back({"objects", Finding::ok, "all are supported", ""});
  for (const std::string& warning : catalog.warnings) {
    checks.push_back({"objects", Finding::warn, warning, ""});
  }
  return checks;
}

// A role for backups owns nothing: good enough for backups, and migrate will refuse it.
std::vector<Check> way_back_checks(pg::Connection& connection, Environment& environment) {
  const restore::SwapFacts facts =
      way_back_facts(connection.target(), connection.database(), &environment.cancellation);
  const bool owner = restore::owns(facts);
  std::vector<Check> checks;
  for (const restore::Obstacle& obstacle : restore::obstacles(facts)) {
    checks.push_back({"rollback", owner && !obstacle.passing ? Finding::fail : Finding::warn,
                      obstacle.what, obstacle.mend});
  }
  if (checks.empty()) checks.push_back({"rollback", Finding::ok, "nothing is in its way", ""});
  restore::DrillFacts drill = restore::read_drill_facts(connection);
  std::erase_if(drill.superuser_objects, [](const std::string& object) {
    return object.starts_with("extension ");  // they have a check of their own
  });
  for (const restore::Obstacle& obstacle : restore::drill_obstacles(drill, facts)) {
    checks.push_back(
        {"drill: roles", owner ? Finding::fail : Finding::warn, obstacle.what, obstacle.mend});
  }
  return checks;
}

}  // namespace

std::vector<Check> examine(pg::Connection& connection, const DoctorOptions& options,
                           Environment& environment) {
  std::vector<Check> checks{version_check(connection)};
  const auto add = [&](std::vector<Check> more) {
    checks.insert(checks.end(), more.begin(), more.end());
  };
  if (connection.server_major() < kOldestMajor) return checks;
  add(fact_checks(connection, options, environment));
  add(right_checks(connection));
  add(extension_checks(connection));
  const auto attempt = [&](const char* name, auto&& more) {
    try {
      add(more());
    } catch (const Error& error) {
      if (!connection.alive() || environment.cancellation.requested()) throw;
      add({{name, Finding::fail, error.what(), error.next()}});
    }
  };
  attempt("rollback", [&] { return way_back_checks(connection, environment); });
  attempt("objects", [&] { return object_checks(connection, environment); });
  return checks;
}

}  // namespace belay::tools
