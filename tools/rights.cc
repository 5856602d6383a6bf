#include "tools/rights.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/name.h"
#include "tools/embedded_sql.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

constexpr std::size_t kMostGrants = 20;  // in one message

std::string mend(const std::string& kind, const QualifiedName& name, const std::string& missing,
                 const std::string& role) {
  const std::string grantee = quote_identifier_pretty(role);
  if (missing == "BYPASSRLS") {
    return fmt::format("ALTER ROLE {} BYPASSRLS", grantee);
  }
  // SQL has no ON MATERIALIZED VIEW, and an OID is not an identifier.
  const std::string where = kind == "large object" ? "LARGE OBJECT " + name.name
                            : kind == "schema"     ? "SCHEMA " + quote_name_pretty(name)
                            : kind == "sequence"   ? "SEQUENCE " + quote_name_pretty(name)
                                                   : quote_name_pretty(name);
  return fmt::format("GRANT {} ON {} TO {}", missing, where, grantee);
}

}  // namespace

std::string effective_role(pg::Connection& connection) {
  return connection.run("SELECT current_user").string(0, 0);
}

std::vector<MissingRight> missing_rights(pg::Connection& connection) {
  std::vector<MissingRight> missing;
  if (connection.parameter("is_superuser") == "on") return missing;
  const pg::Result rows =
      connection.run(pg::select_sql(embedded_sql(), "missing_rights", connection.server_major()));
  if (rows.rows() == 0) return missing;
  const std::string role = effective_role(connection);
  for (int row = 0; row < rows.rows(); ++row) {
    const std::string kind = rows.string(row, 0), right = rows.string(row, 3);
    const QualifiedName name{rows.string(row, 1), rows.string(row, 2)};
    const std::string shown =
        kind == "large object" ? name.name : printable(quote_name_pretty(name));
    missing.push_back(
        {fmt::format("{} {}{}", kind, shown, right == "BYPASSRLS" ? " (row security)" : ""),
         mend(kind, name, right, role)});
  }
  return missing;
}

Error not_permitted(const std::vector<MissingRight>& missing, const std::string& role) {
  Error error(ErrorKind::not_permitted, "the role may not read everything");
  error.object(missing.front().object);
  error.cause(missing.size() == 1
                  ? fmt::format("role {} lacks a right", role)
                  : fmt::format("role {} lacks this right and {} more", role, missing.size() - 1));
  std::vector<std::string> grants;
  for (const MissingRight& right : missing) {
    if (std::find(grants.begin(), grants.end(), right.mend) == grants.end()) {
      grants.push_back(right.mend);
    }
  }
  std::string all;
  for (std::size_t i = 0; i < grants.size() && i < kMostGrants; ++i) all += grants[i] + "; ";
  if (grants.size() > kMostGrants) all += "... (belay doctor prints all); ";
  return error.next(all.substr(0, all.size() - 2));
}

}  // namespace belay::tools
