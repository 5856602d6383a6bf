#include "migrate/version_tables.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/embedded_sql.h"

namespace belay::migrate {
namespace {

constexpr int kMostRevisions = 1000;
constexpr std::size_t kMostShown = 8;  // the last ones: other tools than Alembic keep every one

std::vector<std::string> first_column(const pg::Result& rows) {
  std::vector<std::string> values;
  for (int row = 0; row < rows.rows(); ++row) values.push_back(rows.string(row, 0));
  // Sorted here: the server would sort by its own collation.
  std::sort(values.begin(), values.end());
  return values;
}

std::string list_of(const std::vector<const VersionTable*>& tables) {
  std::string text;
  for (const VersionTable* table : tables) {
    text += (text.empty() ? "" : ", ") + quote_name_pretty(table->name);
  }
  return text;
}

}  // namespace

std::vector<VersionTable> find_version_tables(pg::Connection& connection,
                                              const std::string& named) {
  const std::vector<pg::Statement> look = {
      {std::string(kSearchPathOfRole), {}},
      {sql_for(connection, "version_tables"), {pg::Parameter(named)}},
  };
  const std::vector<pg::Result> answers = connection.run_batch(look);
  const pg::Result& rows = answers.back();
  std::vector<VersionTable> tables;
  std::vector<pg::Statement> reads;
  for (int row = 0; row < rows.rows(); ++row) {
    VersionTable table;
    table.name = {rows.string(row, 0), rows.string(row, 1)};
    table.visible = rows.boolean(row, 2);
    if (!rows.boolean(row, 3)) {
      throw Error(ErrorKind::not_permitted, "the version table cannot be read")
          .object(quote_name_pretty(table.name))
          .next(fmt::format("GRANT SELECT ON {} TO {}", quote_name_pretty(table.name),
                            quote_identifier_pretty(connection.user())));
    }
    reads.push_back({fmt::format("SELECT DISTINCT version_num::pg_catalog.text FROM {} "
                                 "WHERE version_num IS NOT NULL LIMIT {}",
                                 quote_name(table.name), kMostRevisions + 1),
                     {}});
    tables.push_back(std::move(table));
  }
  if (tables.empty()) return tables;
  const std::vector<pg::Result> contents = connection.run_batch(reads);
  for (std::size_t i = 0; i < tables.size(); ++i) tables[i].revisions = first_column(contents[i]);
  std::erase_if(tables,
                [](const VersionTable& table) { return table.revisions.size() > kMostRevisions; });
  return tables;
}

const VersionTable* the_version_table(const std::vector<VersionTable>& found,
                                      const std::optional<std::string>& table,
                                      const std::optional<std::string>& schema) {
  std::vector<const VersionTable*> meant;
  for (const VersionTable& one : found) {
    if (table && one.name.name != *table) continue;
    if (schema && !schema->empty() && one.name.schema != *schema) continue;
    if (schema && schema->empty() && !one.visible) continue;
    meant.push_back(&one);
  }
  if (meant.size() > 1) {
    throw Error(ErrorKind::preflight, "several tables could be the version table")
        .cause(list_of(meant))
        .next(
            "name it with --version-table SCHEMA.NAME, or literally in env.py: version_table and "
            "version_table_schema");
  }
  return meant.empty() ? nullptr : meant.front();
}

std::string to_text(const std::vector<std::string>& revisions) {
  if (revisions.empty()) return "base";
  const std::size_t hidden = revisions.size() > kMostShown ? revisions.size() - kMostShown : 0;
  const auto first = revisions.begin() + static_cast<std::ptrdiff_t>(hidden);
  const std::string shown = fmt::format("{}", fmt::join(first, revisions.end(), ", "));
  return printable(hidden == 0 ? shown : fmt::format("({} more), {}", hidden, shown));
}

std::vector<std::string> every_revision(const RevisionSets& sets) {
  std::vector<std::string> all;
  for (const auto& [table, revisions] : sets) {
    all.insert(all.end(), revisions.begin(), revisions.end());
  }
  return all;
}

std::string to_text(const RevisionSets& sets) { return to_text(every_revision(sets)); }

RevisionSets revision_sets(const std::vector<VersionTable>& found) {
  RevisionSets sets;
  for (const VersionTable& table : found) {
    if (!table.revisions.empty()) sets[quote_name_pretty(table.name)] = table.revisions;
  }
  return sets;
}

}  // namespace belay::migrate
