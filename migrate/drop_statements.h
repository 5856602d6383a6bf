// What a script of SQL drops, as far as its text says so. Pure; the text may be anything.
#pragma once

#include <compare>
#include <string>
#include <string_view>
#include <vector>

namespace belay::migrate {

// Names as the server would understand them: what is not quoted is folded to lower case.
struct DropStatement {
  std::string schema;  // empty: the search_path decides
  std::string table;
  std::string column;  // empty: the whole table
  auto operator<=>(const DropStatement&) const = default;
};

// DROP TABLE and ALTER TABLE ... DROP COLUMN, each once, in their order, at most a thousand.
// Strings, comments and the bodies of functions do not count; in the body of a DO they are found
// anywhere, and in its strings. What is not understood is left out.
std::vector<DropStatement> read_drop_statements(std::string_view sql);

}  // namespace belay::migrate
