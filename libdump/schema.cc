#include "libdump/schema.h"

#include <algorithm>
#include <future>
#include <tuple>

#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/order.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/snapshot.h"
#include "libdump/ddl.h"

namespace belay::dump {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kFormat = "belay schema";
constexpr int kFirstMinorWithDescriptions = 2;  // docs/archive-format.md, section 13

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

// Names of a SQL_ASCII database may be no UTF-8, which JSON cannot say.
std::string quoted(const std::string& value) {
  return Json(value).dump(-1, ' ', false, Json::error_handler_t::replace);
}

Error not_exported(const std::string& source, std::string_view why) {
  return Error(ErrorKind::usage, "not a schema that belay exported")
      .object(source)
      .cause(why)
      .next("write one: belay schema --format json -f FILE");
}

}  // namespace

// A line-based diff of two documents shows what changed.
std::string to_json(const SchemaObjects& schema) {
  std::string text = "{\"format\":" + quoted(std::string(kFormat)) +
                     ",\"server_major\":" + std::to_string(schema.server_major) +
                     ",\"fingerprint\":\"" + schema.fingerprint.hex() + "\",\"objects\":[";
  bool first = true;
  for (const catalog::CanonicalObject& object : schema.objects) {
    text += first ? "\n" : ",\n";
    first = false;
    text += "{\"kind\":" + quoted(object.kind) + ",\"identity\":" + quoted(object.identity) +
            ",\"properties\":" + object.properties + '}';
  }
  return text + (first ? "]}\n" : "\n]}\n");
}

SchemaObjects schema_objects_of(std::string_view json, const std::string& source) {
  const Json document = Json::parse(json, nullptr, false);
  if (!document.is_object() || document.value("format", Json()) != kFormat) {
    throw not_exported(source,
                       document.is_discarded() ? "it is not JSON" : "it is another document");
  }
  try {
    SchemaObjects schema;
    schema.server_major = document.at("server_major").get<int>();
    schema.fingerprint = Sha256::from_hex(document.at("fingerprint").get<std::string>());
    for (const Json& object : document.at("objects")) {
      schema.objects.push_back({object.at("kind").get<std::string>(),
                                object.at("identity").get<std::string>(),
                                object.at("properties").dump()});
    }
    return schema;
  } catch (const std::exception&) {  // of the JSON library, or of a SHA-256 that is none
    throw not_exported(source, "a key is missing, or its value is wrong");
  }
}

std::optional<SchemaObjects> schema_objects_of(const archive::Header& header,
                                               const archive::Manifest& manifest,
                                               const std::vector<archive::Entry>& entries) {
  if (header.format_minor < kFirstMinorWithDescriptions) return std::nullopt;
  SchemaObjects schema{header.source.server_major(), manifest.fingerprint, {}};
  for (const archive::Entry& entry : entries) {
    for (const archive::Description& object : entry.describes) {
      schema.objects.push_back({object.kind, object.identity, object.properties});
    }
  }
  std::sort(schema.objects.begin(), schema.objects.end(),
            [](const catalog::CanonicalObject& a, const catalog::CanonicalObject& b) {
              return std::tie(a.kind, a.identity) < std::tie(b.kind, b.identity);
            });
  return schema;
}

SchemaExport render_schema_export(const catalog::Catalog& catalog) {
  refuse_unsupported(catalog);
  // Neither needs the other, and of a large schema each takes long.
  std::future<SchemaObjects> objects = std::async(std::launch::async, [&catalog] {
    SchemaObjects told{catalog.identity.server_major(), {}, catalog::canonical_objects(catalog)};
    told.fingerprint = catalog::fingerprint(catalog, told.objects);
    return told;
  });
  SchemaExport result;
  result.sql = render_script(render_database(catalog),
                             render_entries(catalog, catalog::order_objects(catalog)));
  result.objects = objects.get();
  return result;
}

SchemaExport export_schema(const pg::ConnectTarget& source, Environment& environment) {
  pg::ConnectOptions options;
  options.cancellation = &environment.cancellation;
  pg::Connection connection = pg::Connection::connect(source, options);
  catalog::ReadOptions read;
  read.lock_tables = false;
  read.large_objects = false;
  read.second_session_from = catalog::kLargeCatalogBytes;
  const catalog::Catalog catalog = catalog::read_catalog(connection, read, environment.progress);
  pg::end_snapshot_transaction(connection);
  return render_schema_export(catalog);
}

}  // namespace belay::dump
