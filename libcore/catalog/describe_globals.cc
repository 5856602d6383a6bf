// Schemas, extensions and large objects as properties.
#include "libcore/catalog/canonical_describe.h"

namespace belay::catalog {

void describe(const Names&, const Schema&, Description&) {}

void describe(const Names&, const Extension& extension, Description& description) {
  description.properties = {{"version", extension.version}, {"schema", extension.schema}};
  if (extension.has_comment) description.properties["comment"] = extension.comment;
}

// They are contents.
void describe(const Names&, const LargeObject&, Description& description) {
  description.implied = true;
}

}  // namespace belay::catalog
