#include "libdump/view_digest.h"

#include <algorithm>
#include <cctype>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/catalog/contents.h"

namespace belay::dump {
namespace {

std::string upper(std::string_view text) {
  std::string result(text);
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::toupper(letter)); });
  return result;
}

// The query runs as the view's owner, as a refresh would, where the login may become the owner.
ContentDigest digest_query(pg::Connection& connection, const catalog::View& view,
                           const std::string& encoding, Environment& environment) {
  const std::string title = "materialized view " + quote_name_pretty(view.name);
  try {
    connection.run(fmt::format("SAVEPOINT belay_view; SET LOCAL ROLE {}",
                               quote_identifier(view.owner)));
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::sql) throw;
    connection.run("ROLLBACK TO SAVEPOINT belay_view");
  }
  const ContentDigest digest =
      catalog::digest_rows(connection, fmt::format("COPY ({}) TO STDOUT", view.definition), false,
                           encoding, environment.progress, title);
  connection.run("ROLLBACK TO SAVEPOINT belay_view; RELEASE SAVEPOINT belay_view");
  return digest;
}

archive::ViewDigest digest_view(pg::Connection& connection, const catalog::View& view,
                                const std::string& encoding, Environment& environment) {
  archive::ViewDigest digest;
  digest.schema = view.name.schema;
  digest.name = view.name.name;
  digest.rows = catalog::digest_rows(
      connection, fmt::format("COPY (SELECT * FROM ONLY {}) TO STDOUT", quote_name(view.name)),
      false, encoding, environment.progress,
      "materialized view " + quote_name_pretty(view.name));
  digest.not_comparable = view.volatile_query ? "volatile" : order_dependence(view);
  if (!digest.not_comparable.empty()) return digest;
  try {
    digest.query = digest_query(connection, view, encoding, environment);
    if (digest.query != digest.rows) digest.not_comparable = "stale";
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::sql) throw;
    connection.run("ROLLBACK TO SAVEPOINT belay_view; RELEASE SAVEPOINT belay_view");
    digest.not_comparable = "its query fails with SQLSTATE " + error.sqlstate();
  }
  return digest;
}

}  // namespace

std::string order_dependence(const catalog::View& view) {
  for (const catalog::Column& column : view.columns) {
    // Sums of these depend on the order in which rows come.
    if (column.type.starts_with("real") || column.type.starts_with("double precision")) {
      return "floating-point column " + column.name;
    }
  }
  constexpr std::string_view kWords[] = {"_AGG(",       "XMLAGG(", "LIMIT ",       "FETCH FIRST",
                                         "DISTINCT ON", " OVER ",  "TABLESAMPLE ", "CTID"};
  const std::string definition = upper(view.definition);
  for (const std::string_view word : kWords) {
    if (definition.find(word) != std::string::npos) return "depends on the order of rows";
  }
  return "";
}

std::vector<archive::ViewDigest> digest_views(pg::Connection& connection,
                                              const catalog::Catalog& catalog,
                                              Environment& environment) {
  std::vector<archive::ViewDigest> digests;
  for (const catalog::View& view : catalog.views) {
    if (!view.materialized || !view.populated) continue;
    environment.cancellation.check();
    digests.push_back(digest_view(connection, view, catalog.database.encoding, environment));
  }
  return digests;
}

}  // namespace belay::dump
