// One text per object that is the same for the same schema on any machine: whatever the OIDs, the
// creation order, dropped columns, or the order of ACL arrays. The JSON schema export prints it,
// the fingerprint hashes it, the diff compares it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "libcore/base/digest.h"
#include "libcore/catalog/model.h"

namespace belay::catalog {

struct CanonicalObject {
  std::string kind;        // "table", "index" ...
  std::string identity;    // schema-qualified, quoted where needed; unique per kind
  std::string properties;  // JSON object, keys sorted, one line
  // In the database that was read: of the object, and of the table or domain that it hangs on. Not
  // set in what comes from a file, and never compared.
  Address address = {}, host = {};
};

// Sorted by kind and identity. Names only; no OID, no attnum.
std::vector<CanonicalObject> canonical_objects(const Catalog& catalog);

// What belongs to the database itself, as one line of JSON: owner, privileges, limits, settings and
// comment. No part of the schema or its fingerprint.
std::string canonical_database(const Catalog& catalog);

// A version table of a migration tool, by name and by shape: it has a column version_num, and is
// named alembic_version or has no other column.
bool is_version_table(const Table& table);

// SHA-256 over the canonical objects except version tables of migration tools (their rows are
// contents, and the tools create them) and what users added to tables of extensions. Comparable
// within one server major only.
Sha256 fingerprint(const Catalog& catalog);
// Of a part of its objects, in the order of canonical_objects().
Sha256 fingerprint(const Catalog& catalog, const std::vector<CanonicalObject>& objects);

enum class Change { added, removed, changed };
struct Difference {
  Change change = Change::changed;
  std::string kind, identity;
  std::string before, after;  // properties that differ, as JSON; empty when absent
};
// By kind and identity; the lists may come in any order.
std::vector<Difference> diff(const std::vector<CanonicalObject>& before,
                             const std::vector<CanonicalObject>& after);

// One property that a changed object has otherwise, as people look for it.
struct PropertyChange {
  std::string property;       // a path: "columns.title.type", "acl.reader"
  std::string before, after;  // text as it is, else JSON
  bool absent_before = false, absent_after = false;
};
// Of a `changed` difference; empty for the others. Columns are matched by name, privileges by
// grantee; columns that only changed places are one change, "columns (order)".
std::vector<PropertyChange> property_changes(const Difference& difference);

}  // namespace belay::catalog
