// The schema alone, as SQL or as JSON.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/base/digest.h"
#include "libcore/base/environment.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/model.h"
#include "libcore/pg/conninfo.h"

namespace belay::dump {

// What the schema is, wherever it was read: objects of two schemas of one server major can be
// compared.
struct SchemaObjects {
  int server_major = 0;
  Sha256 fingerprint;
  std::vector<catalog::CanonicalObject> objects;  // by kind and identity
};

// As a JSON document with one object a line, and back. The same schema on the same major gives the
// same bytes. Error{usage} that names `source` if the text is not such a document.
std::string to_json(const SchemaObjects& schema);
SchemaObjects schema_objects_of(std::string_view json, const std::string& source);
// What an archive's entries describe; nothing if it was written before they did.
std::optional<SchemaObjects> schema_objects_of(const archive::Header& header,
                                               const archive::Manifest& manifest,
                                               const std::vector<archive::Entry>& entries);

struct SchemaExport {
  std::string sql;  // a script for psql
  SchemaObjects objects;
};

// Pure: of a catalog that was read before. Refuses as export_schema() does.
SchemaExport render_schema_export(const catalog::Catalog& catalog);

// Takes no locks and changes nothing. Refuses (backup_failed) what cannot be carried, by name.
SchemaExport export_schema(const pg::ConnectTarget& source, Environment& environment);

}  // namespace belay::dump
