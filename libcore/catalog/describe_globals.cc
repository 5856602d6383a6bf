// Schemas, extensions and large objects as properties.
#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

void describe(const Names&, const Schema&, Description&) {}

void describe(const Names&, const Extension& extension, Description& description) {
  description.properties = {{"version", extension.version}, {"schema", extension.schema}};
  // Its script makes the members: what was added or dropped by hand is lost, and shows here.
  add_text(description.properties, "members", extension.members);
  if (extension.has_comment) description.properties["comment"] = extension.comment;
}

// Its privileges say all.
void describe(const Names&, const DefaultAcl&, Description&) {}

// Extensions belong to whoever made them, and so do their privileges.
void describe(const Names&, const SystemAcl& changed, Description& description) {
  description.identity = changed.target;
  Json& properties = description.properties;
  if (!changed.given_away) properties.erase("owner");
  const Json owner = changed.owner;
  const auto hide_owner = [&](Json& list) {
    for (Json& item : list) {
      if (item["grantor"] == owner) item["grantor"] = "(owner)";
      if (item["grantee"] == quote_identifier_pretty(changed.owner)) item["grantee"] = "(owner)";
    }
  };
  if (properties.contains("acl")) hide_owner(properties["acl"]);
  if (properties.contains("column_acls")) {
    for (Json& list : properties["column_acls"]) hide_owner(list);
  }
}

// They are contents.
void describe(const Names&, const LargeObject&, Description& description) {
  description.implied = true;
}
void describe(const Names&, const ExtensionSequence&, Description& description) {
  description.implied = true;
}

}  // namespace belay::catalog
