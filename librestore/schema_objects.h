// Names for a difference that a fingerprint only tells to exist.
#pragma once

#include <string>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/archive/selection.h"
#include "libcore/catalog/model.h"

namespace belay::restore {

struct NamedDifference {
  std::string object;  // "index public.songs_title"
  std::string detail;  // "missing", "not in the archive", "owner: expected alice, found bob"
};

// Objects of the table of contents that the database lacks, the other way round, and owners that
// differ. Definitions are not compared: an empty result does not mean equal.
std::vector<NamedDifference> named_differences(const archive::Contents& expected,
                                               const catalog::Catalog& found);

// Which entries make what the database has already, by kind and name.
archive::Exists objects_in(const catalog::Catalog& catalog);

}  // namespace belay::restore
