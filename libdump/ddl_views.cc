// Views and materialized views.
#include "libdump/ddl_render.h"

namespace belay::dump {

using archive::Entry;
using catalog::Part;
using catalog::View;

namespace {

std::string query_clause(const View& view) {
  std::string text = with_clause(view.storage.options) + " AS\n" + view.definition;
  if (!view.check_option.empty()) text += "\n WITH " + view.check_option + " CHECK OPTION";
  return text;
}

// The same columns without the query, for what needs the view's row type before the query can be.
std::string placeholder_clause(const View& view) {
  std::string text = " AS\n SELECT";
  bool first = true;
  for (const catalog::Column& column : view.columns) {
    text += first ? "\n    NULL::" : ",\n    NULL::";
    text += column.type;
    if (!column.collation.empty()) text += " COLLATE " + column.collation;
    text += " AS " + quote_identifier(column.name);
    first = false;
  }
  return text;
}

}  // namespace

void render(const Lookup& lookup, const View& view, Part part, Entry& entry) {
  const std::string name = quote_name_pretty(view.name);
  const std::string target = (view.materialized ? "MATERIALIZED VIEW " : "VIEW ") + name;
  switch (part) {
    case Part::body:
      entry.kind = "view query";
      entry.create.push_back("CREATE OR REPLACE VIEW " + name + query_clause(view));
      return;
    case Part::refresh:
      entry.kind = "refresh";
      entry.create.push_back("REFRESH MATERIALIZED VIEW " + name);
      entry.last = true;
      entry.run_as = view.owner;
      return;
    default:
      break;
  }
  std::string create = "CREATE " + target;
  if (part == Part::placeholder) {
    create += placeholder_clause(view);
  } else if (view.materialized) {
    if (!view.storage.access_method.empty()) {
      create += " USING " + quote_identifier_pretty(view.storage.access_method);
    }
    create += with_clause(view.storage.options) + " AS\n" + view.definition + "\n WITH NO DATA";
  } else {
    create += query_clause(view);
  }
  entry.create.push_back(std::move(create));
  if (view.materialized) {
    entry.tablespace = view.storage.tablespace;
    add_column_attributes(entry, view.name, view.columns);
    add_replica_identity(entry, view.name, view.replica_identity);
  }
  add_owner(entry, target, view);
  add_comment(entry, target, view);
  add_column_comments(entry, view.name, view.columns);
  add_grants(lookup, entry, view, Grantable::relation, "TABLE " + name);
  add_column_grants(lookup, entry, view, view.columns, "TABLE " + name);
}

}  // namespace belay::dump
