// The server's own text of queries and expressions is not always what it writes again of a copy
// that was made from it.
#pragma once

#include <string>
#include <string_view>

namespace belay::catalog {

// A query or an expression as the server that read it would write it, so that the same text stands
// for an original and its copy. It means the same. What changes:
//
//     FROM (VALUES (1))             FROM ( VALUES (1))              read as a query of its own
//     (ARRAY['a'::t, b])::u[]       ARRAY[('a'::t)::u, (b)::u]      the cast is one of each element
//     SELECT 'a'::text AS text      SELECT 'a'::text                named so, said or not
std::string spelt_as_restored(std::string_view text);

}  // namespace belay::catalog
