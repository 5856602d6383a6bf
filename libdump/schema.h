// The schema alone, as SQL or as JSON.
#pragma once

#include <string>

#include "libcore/base/digest.h"
#include "libcore/base/environment.h"
#include "libcore/catalog/model.h"
#include "libcore/pg/conninfo.h"

namespace belay::dump {

struct SchemaExport {
  std::string sql;   // a script for psql
  std::string json;  // canonical objects, one a line inside an array
  Sha256 fingerprint;
};

// Pure: of a catalog that was read before. Refuses as export_schema() does.
SchemaExport render_schema_export(const catalog::Catalog& catalog);

// Takes no locks and changes nothing. Refuses (backup_failed) what cannot be carried, by name.
SchemaExport export_schema(const pg::ConnectTarget& source, Environment& environment);

}  // namespace belay::dump
