// What a materialized view holds, so that a drill can tell whether a refresh brings it back.
#pragma once

#include <vector>

#include <set>

#include "libcore/archive/format.h"
#include "libcore/base/environment.h"
#include "libcore/catalog/model.h"
#include "libcore/pg/connection.h"

namespace belay::dump {

// One digest for every populated materialized view, of its rows and of its query's, inside of the
// snapshot transaction of `connection`. Views that no refresh can be expected to bring back equal
// are listed with the reason. `refreshed` are those that a restore fills.
std::vector<archive::ViewDigest> digest_views(pg::Connection& connection,
                                              const catalog::Catalog& catalog,
                                              const std::set<QualifiedName>& refreshed,
                                              Environment& environment);

// Why equal tables may give another result; empty if they may not. Pure and cautious: it looks for
// words, so it may find a reason where there is none.
std::string order_dependence(const catalog::View& view);

}  // namespace belay::dump
