// The database itself, and what stands beside relations: schemas, extensions, large objects.
#include "libcore/base/error.h"
#include "libcore/catalog/reading.h"

namespace belay::catalog {

namespace {

void read_schemas(Reading& reading) {
  const pg::Result& rows = reading.result("schemas");
  const int oid = rows.column("oid"), name = rows.column("name"), owner = rows.column("owner");
  for (int row = 0; row < rows.rows(); ++row) {
    Schema schema;
    schema.address = {class_oid::kNamespace, rows.oid(row, oid)};
    schema.name = {"", rows.string(row, name)};
    schema.owner = rows.string(row, owner);
    schema.is_public = schema.name.name == "public";
    // pg_catalog and information_schema have fixed small OIDs; one of a user's making is not
    // carried.
    if (schema.name.name == "information_schema") continue;
    reading.claim(schema.address, Bucket::emitted);
    reading.catalog.schemas.push_back(std::move(schema));
  }
}

void read_extensions(Reading& reading) {
  const pg::Result& rows = reading.result("extensions");
  const int oid = rows.column("oid"), name = rows.column("name"), owner = rows.column("owner");
  const int version = rows.column("version"), schema = rows.column("schema");
  for (int row = 0; row < rows.rows(); ++row) {
    Extension extension;
    extension.address = {class_oid::kExtension, rows.oid(row, oid)};
    extension.name = {"", rows.string(row, name)};
    extension.owner = rows.string(row, owner);
    extension.version = rows.string(row, version);
    extension.members = rows.string(row, rows.column("members"));
    extension.schema = rows.string(row, schema);
    reading.claim(extension.address, Bucket::emitted);
    reading.catalog.extensions.push_back(std::move(extension));
  }
}

void read_large_objects(Reading& reading) {
  if (!reading.results.contains("large_objects")) return;
  const pg::Result& rows = reading.result("large_objects");
  const int oid = rows.column("oid"), owner = rows.column("owner");
  for (int row = 0; row < rows.rows(); ++row) {
    LargeObject object;
    object.address = {class_oid::kLargeObject, rows.oid(row, oid)};
    object.name = {"", rows.string(row, oid)};
    object.owner = rows.string(row, owner);
    reading.claim(object.address, Bucket::emitted);
    reading.catalog.large_objects.push_back(std::move(object));
  }
}

}  // namespace

void read(Reading& reading, const Row& row, DefaultAcl& defaults) {
  defaults.object_type =
      reading.code(row, "object_type", "rSfTnL", "pg_default_acl.defaclobjtype", defaults);
  defaults.in_schema = row.text("in_schema");
}

void read_members(Reading& reading) {
  std::map<Oid, std::string> extension_names;
  const pg::Result& extensions = reading.result("extensions");
  for (int row = 0; row < extensions.rows(); ++row) {
    extension_names.emplace(extensions.oid(row, extensions.column("oid")),
                            extensions.string(row, extensions.column("name")));
  }
  const pg::Result& rows = reading.result("dependencies");
  for (int number = 0; number < rows.rows(); ++number) {
    const Row row(rows, number);
    const Oid classid = row.oid("classid"), refclassid = row.oid("refclassid");
    const char type = row.letter("deptype");
    const std::vector<Oid> objids = row.oids("objids"), refobjids = row.oids("refobjids");
    static constexpr std::string_view kKnown = "naiPSxep";
    if (kKnown.find(type) == std::string_view::npos) {
      reading.refuse("dependency", std::string(1, type), "unknown kind of pg_depend");
    }
    for (std::size_t i = 0; i < objids.size(); ++i) {
      const Dependency dependency{{classid, objids[i]}, {refclassid, refobjids[i]}, type};
      reading.catalog.dependencies.push_back(dependency);
      if (type != 'e') continue;
      reading.catalog.extension_members.emplace(dependency.dependent,
                                                extension_names[dependency.referenced.objid]);
      reading.claim(dependency.dependent, Bucket::member);
    }
  }
  const pg::Result& hung = reading.result("hung");
  const int by_extension = hung.column("by_extension");
  for (int row = 0; row < hung.rows(); ++row) {
    if (!hung.boolean(row, by_extension)) continue;  // read_attributes() speaks of the others
    reading.claim({hung.oid(row, hung.column("classid")), hung.oid(row, hung.column("objid"))},
                  Bucket::member);
  }
}

void read_database(Reading& reading) {
  const pg::Result& rows = reading.result("database");
  if (rows.rows() != 1) throw ConcurrentChange{"the database was renamed"};
  Database& database = reading.catalog.database;
  database.address = {class_oid::kDatabase, rows.oid(0, rows.column("oid"))};
  database.name = {"", rows.string(0, rows.column("name"))};
  database.owner = rows.string(0, rows.column("owner"));
  database.encoding = rows.string(0, rows.column("encoding"));
  database.locale_provider = rows.string(0, rows.column("locale_provider"));
  database.lc_collate = rows.string(0, rows.column("lc_collate"));
  database.lc_ctype = rows.string(0, rows.column("lc_ctype"));
  database.locale = rows.string(0, rows.column("locale"));
  database.icu_rules = rows.string(0, rows.column("icu_rules"));
  database.lc_monetary = rows.string(0, rows.column("lc_monetary"));
  database.tablespace = rows.string(0, rows.column("tablespace"));
  database.connection_limit = static_cast<int>(rows.integer(0, rows.column("connection_limit")));
  database.is_template = rows.boolean(0, rows.column("is_template"));
  database.allow_connections = rows.boolean(0, rows.column("allow_connections"));
  database.has_comment = !rows.is_null(0, rows.column("comment"));
  database.comment = rows.string(0, rows.column("comment"));
  reading.catalog.bootstrap_role = rows.string(0, rows.column("bootstrap_role"));
  const pg::Result& settings = reading.result("database_settings");
  for (int row = 0; row < settings.rows(); ++row) {
    const std::string text = settings.string(row, settings.column("setting"));
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos) {
      reading.refuse("database setting", database.name.name, text);
      continue;
    }
    database.settings.push_back({settings.string(row, settings.column("role")),
                                 text.substr(0, equals), text.substr(equals + 1)});
  }
  static constexpr std::string_view kProviders = "cib";  // libc, ICU, builtin
  if (kProviders.find(database.locale_provider) == std::string_view::npos) {
    reading.refuse("locale provider", database.name.name, database.locale_provider);
  }
  read_schemas(reading);
  read_extensions(reading);
  read_large_objects(reading);
}

}  // namespace belay::catalog
