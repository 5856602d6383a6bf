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

// Reads a view's rows, and its query's as a refresh would run it: as the view's owner, never as
// anybody else, for the query may call functions that the owner wrote. Everything is undone at the
// end of the savepoint, role and locks.
class ViewReading {
 public:
  ViewReading(pg::Connection& connection, const catalog::View& view, const std::string& encoding,
              Environment& environment)
      : connection_(connection), view_(view), encoding_(encoding), environment_(environment) {}

  archive::ViewDigest digest() {
    archive::ViewDigest digest;
    digest.schema = view_.name.schema;
    digest.name = view_.name.name;
    digest.not_comparable = view_.volatile_query ? "volatile" : order_dependence(view_);
    const bool comparable = digest.not_comparable.empty();
    std::string step = "reading its rows";
    connection_.run("SAVEPOINT belay_view");
    try {
      digest.rows = rows_of(fmt::format("SELECT * FROM ONLY {}", quote_name(view_.name)));
      if (comparable) {
        step = "becoming its owner " + quote_identifier_pretty(view_.owner);
        connection_.run("SET LOCAL ROLE " + quote_identifier(view_.owner));
        step = "its query";
        digest.query = rows_of(view_.definition);
        if (digest.query != digest.rows) digest.not_comparable = "stale";
      }
    } catch (const Error& error) {
      if (error.kind() != ErrorKind::sql) throw;
      // Its rows come back by a refresh; that they could not be read now does not harm the backup.
      digest.rows = digest.query = {};
      digest.not_comparable =
          fmt::format("{} failed: {} (SQLSTATE {})", step, error.what_happened(), error.sqlstate());
    }
    connection_.run("ROLLBACK TO SAVEPOINT belay_view; RELEASE SAVEPOINT belay_view");
    return digest;
  }

 private:
  ContentDigest rows_of(const std::string& query) {
    return catalog::digest_rows(connection_, fmt::format("COPY ({}) TO STDOUT", query), false,
                                encoding_, environment_.progress,
                                "materialized view " + quote_name_pretty(view_.name));
  }

  pg::Connection& connection_;
  const catalog::View& view_;
  const std::string& encoding_;
  Environment& environment_;
};

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
                                              const std::set<QualifiedName>& refreshed,
                                              Environment& environment) {
  std::vector<archive::ViewDigest> digests;
  for (const catalog::View& view : catalog.views) {
    if (!view.materialized || !view.populated || !refreshed.contains(view.name)) continue;
    environment.cancellation.check();
    digests.push_back(
        ViewReading(connection, view, catalog.database.encoding, environment).digest());
  }
  return digests;
}

}  // namespace belay::dump
