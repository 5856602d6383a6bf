// Owners and privileges of large objects. They are contents, so the fingerprint of the schema does
// not hold them; the drill compares them here.
#pragma once

#include <map>
#include <string>

#include "libcore/archive/reader.h"
#include "libcore/catalog/model.h"
#include "librestore/plan.h"

namespace belay::restore {

// OID in decimal -> "owner alice; bob=rw*; PUBLIC=r": r read, w write, * may be passed on.
using LargeObjectRights = std::map<std::string, std::string>;

// What the statements of the archive's entries say. Throws Error{damaged} if one of them is not a
// GRANT or REVOKE on a large object.
LargeObjectRights rights_in_archive(const archive::Contents& contents);
LargeObjectRights rights_in_database(const catalog::Catalog& catalog);

}  // namespace belay::restore
