#include "libcore/catalog/kinds.h"

namespace belay::catalog {

std::string_view word_of(const Function& function) {
  return function.kind == 'p' ? "procedure" : kind_of<Function>().word;
}

std::string_view word_of(const Table& table) {
  return table.kind == TableKind::foreign ? "foreign table" : "table";
}
std::string_view word_of(const View& view) {
  return view.materialized ? "materialized view" : kind_of<View>().word;
}

std::string_view word_of(const Constraint& constraint) {
  switch (constraint.type) {
    case 'p':
      return "primary key";
    case 'u':
      return "unique constraint";
    case 'x':
      return "exclusion constraint";
    case 'f':
      return "foreign key";
    case 'n':
      return "not-null constraint";
    default:
      return "check";
  }
}

}  // namespace belay::catalog
