// What the entries make, as the fingerprint and a diff see it.
#include <map>
#include <utility>

#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "libdump/ddl.h"

namespace belay::dump {

Sha256 describe_entries(const catalog::Catalog& catalog, const catalog::Order& order,
                        const std::vector<bool>& taken, std::vector<archive::Entry>& entries) {
  // The first step of an object makes it; an entry before the steps drops schema public.
  const std::size_t first = entries.size() - order.steps.size();
  std::map<catalog::Address, std::size_t> made_by;
  for (std::size_t i = 0; i < order.steps.size(); ++i) {
    made_by.emplace(order.steps[i].address, first + i);
  }
  std::vector<catalog::CanonicalObject> told;
  for (catalog::CanonicalObject& object : catalog::canonical_objects(catalog)) {
    auto entry = made_by.find(object.address);
    if (entry == made_by.end()) entry = made_by.find(object.host);
    if (entry == made_by.end()) {
      throw Error(ErrorKind::internal, "no statement makes an object of the schema")
          .object(object.kind + ' ' + object.identity);
    }
    entries[entry->second].describes.push_back({object.kind, object.identity, object.properties});
    if (taken[entry->second]) told.push_back(std::move(object));
  }
  return catalog::fingerprint(catalog, told);
}

}  // namespace belay::dump
