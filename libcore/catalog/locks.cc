#include "libcore/catalog/locks.h"

#include <map>

#include "libcore/base/error.h"

namespace belay::catalog {

namespace {

constexpr std::size_t kLockStatementBytes = 100'000;

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : ", ") + word;
  return text;
}

// "GRANT ... ON TABLE a, b TO role" for each kind that is missing.
std::string grants(const std::map<std::string, std::vector<std::string>>& missing,
                   const std::string& role) {
  static const std::map<std::string, std::string> kVerbs = {
      {"schema", "GRANT USAGE ON SCHEMA "},
      {"table", "GRANT SELECT ON TABLE "},
      {"sequence", "GRANT SELECT ON SEQUENCE "},
      {"large object", "GRANT SELECT ON LARGE OBJECT "},
  };
  std::string text;
  for (const char* kind : {"schema", "table", "sequence", "large object"}) {
    const auto names = missing.find(kind);
    if (names == missing.end()) continue;
    text += (text.empty() ? "" : " ") + kVerbs.at(kind) + join(names->second) + " TO " +
            quote_identifier_pretty(role) + ";";
  }
  if (missing.contains("row security of table")) {
    text +=
        (text.empty() ? "" : " ") + ("ALTER ROLE " + quote_identifier_pretty(role)) + " BYPASSRLS;";
  }
  return text;
}

}  // namespace

std::vector<LockableTable> lockable_tables(const pg::Result& rows) {
  const int oid = rows.column("oid"), schema = rows.column("schema");
  const int name = rows.column("name"), kind = rows.column("kind");
  std::vector<LockableTable> tables;
  tables.reserve(static_cast<std::size_t>(rows.rows()));
  for (int row = 0; row < rows.rows(); ++row) {
    tables.push_back({rows.oid(row, oid),
                      {rows.string(row, schema), rows.string(row, name)},
                      rows.text(row, kind).front()});
  }
  return tables;
}

pg::Statement lock_timeout_statement(std::chrono::milliseconds timeout) {
  return {"SET LOCAL lock_timeout = " + std::to_string(timeout.count()), {}};
}

std::vector<pg::Statement> lock_statements(const std::vector<LockableTable>& tables) {
  std::vector<pg::Statement> statements;
  std::string names;
  auto flush = [&] {
    if (names.empty()) return;
    statements.push_back({"LOCK TABLE " + names + " IN ACCESS SHARE MODE", {}});
    names.clear();
  };
  for (const LockableTable& table : tables) {
    names += (names.empty() ? "ONLY " : ", ONLY ") + quote_name(table.name);
    if (names.size() >= kLockStatementBytes) flush();
  }
  flush();
  return statements;
}

void check_privileges(const pg::Result& missing, const std::string& role) {
  std::map<std::string, std::vector<std::string>> names;
  const int kind = missing.column("kind"), schema = missing.column("schema");
  const int name = missing.column("name");
  for (int row = 0; row < missing.rows(); ++row) {
    const std::string what = missing.string(row, kind);
    names[what].push_back(what == "large object" ? missing.string(row, name)
                                                 : quote_name_pretty({missing.string(row, schema),
                                                                      missing.string(row, name)}));
  }
  if (names.empty()) return;
  std::string objects;
  for (const auto& [what, of_kind] : names) {
    objects +=
        (objects.empty() ? "" : "; ") + what + (of_kind.size() > 1 ? "s " : " ") + join(of_kind);
  }
  throw Error(ErrorKind::not_permitted,
              "role " + quote_identifier_pretty(role) + " may not read everything in this database")
      .object(objects)
      .cause("permission denied")
      .next(grants(names, role));
}

void throw_lock_timeout(const pg::Result& blockers, std::chrono::milliseconds timeout) {
  std::string cause, object;
  for (int row = 0; row < blockers.rows() && row < 5; ++row) {
    const std::string table = quote_name_pretty({blockers.string(row, blockers.column("schema")),
                                                 blockers.string(row, blockers.column("name"))});
    if (object.empty()) object = "relation " + table;
    const bool granted = blockers.boolean(row, blockers.column("granted"));
    cause +=
        (cause.empty() ? "" : "; ") + ("process " + blockers.string(row, blockers.column("pid")));
    if (!blockers.is_null(row, blockers.column("role"))) {
      cause += " (role " + blockers.string(row, blockers.column("role")) + ", application \"" +
               blockers.string(row, blockers.column("application")) + "\", " +
               blockers.string(row, blockers.column("state")) + ", transaction since " +
               blockers.string(row, blockers.column("since")) + " UTC)";
    }
    cause += granted ? " holds an exclusive lock on " : " waits for an exclusive lock on ";
    cause += table;
    const std::string waits_for = blockers.string(row, blockers.column("waits_for"));
    if (!waits_for.empty()) cause += " behind process " + waits_for;
  }
  if (cause.empty()) cause = "the session that held it has finished since";
  throw Error(ErrorKind::lock_timeout,
              "could not lock what must be read within " + std::to_string(timeout.count()) + " ms")
      .object(object)
      .cause(cause)
      .next("wait for that session, or end it with pg_terminate_backend(), and run again");
}

}  // namespace belay::catalog
