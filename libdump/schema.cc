#include "libdump/schema.h"

#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/order.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/snapshot.h"
#include "libdump/ddl.h"

namespace belay::dump {
namespace {

void refuse_unsupported(const catalog::Catalog& catalog) {
  if (catalog.unsupported.empty()) return;
  std::string list;
  for (const catalog::Unsupported& object : catalog.unsupported) {
    if (!list.empty()) list += "; ";
    list += object.kind + ' ' + object.identity;
    if (!object.detail.empty()) list += ": " + object.detail;
  }
  throw Error(ErrorKind::backup_failed, "the database holds what belay cannot carry yet")
      .object(list);
}

// An array with one object a line, so that a line-based diff shows what changed.
std::string render_json(const catalog::Catalog& catalog) {
  std::string text = "[";
  bool first = true;
  for (const catalog::CanonicalObject& object : catalog::canonical_objects(catalog)) {
    text += first ? "\n" : ",\n";
    first = false;
    // Names of a SQL_ASCII database may be no UTF-8, which JSON cannot say.
    const auto quoted = [](const std::string& value) {
      return nlohmann::json(value).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    };
    text += "{\"kind\":" + quoted(object.kind) + ",\"identity\":" + quoted(object.identity) +
            ",\"properties\":" + object.properties + '}';
  }
  return text + (first ? "]\n" : "\n]\n");
}

}  // namespace

SchemaExport render_schema_export(const catalog::Catalog& catalog) {
  refuse_unsupported(catalog);
  const catalog::Order order = catalog::order_objects(catalog);
  SchemaExport result;
  result.sql = render_script(render_database(catalog), render_entries(catalog, order));
  result.json = render_json(catalog);
  result.fingerprint = catalog::fingerprint(catalog);
  return result;
}

SchemaExport export_schema(const pg::ConnectTarget& source, Environment& environment) {
  pg::ConnectOptions options;
  options.cancellation = &environment.cancellation;
  pg::Connection connection = pg::Connection::connect(source, options);
  catalog::ReadOptions read;
  read.lock_tables = false;
  read.large_objects = false;
  const catalog::Catalog catalog = catalog::read_catalog(connection, read, environment.progress);
  pg::end_snapshot_transaction(connection);
  return render_schema_export(catalog);
}

}  // namespace belay::dump
