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

// They are contents.
void describe(const Names&, const LargeObject&, Description& description) {
  description.implied = true;
}

}  // namespace belay::catalog
