// One row of a query's result, its columns by name: for reading kinds of which there are few.
// Internal to this folder.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "libcore/catalog/object.h"
#include "libcore/pg/result.h"

namespace belay::catalog {

class Row {
 public:
  // The result outlives the row.
  Row(const pg::Result& result, int number) : result_(&result), number_(number) {}

  bool is_null(std::string_view column) const { return result_->is_null(number_, at(column)); }
  // NULL is "", 0, false, no letter, no elements.
  std::string text(std::string_view column) const { return result_->string(number_, at(column)); }
  Oid oid(std::string_view column) const { return result_->oid(number_, at(column)); }
  std::int64_t integer(std::string_view column) const {
    return result_->integer(number_, at(column));
  }
  bool boolean(std::string_view column) const { return result_->boolean(number_, at(column)); }
  char letter(std::string_view column) const;
  std::vector<std::string> list(std::string_view column) const;
  // Of an array without NULLs, {1,2}, or of a vector, 1 2.
  std::vector<Oid> oids(std::string_view column) const;
  std::vector<std::int64_t> integers(std::string_view column) const;
  // Text that the server always has for an object that exists; `what` is the object. Throws
  // ConcurrentChange.
  std::string required(std::string_view column, std::string_view what) const;
  // Type names; format_type() writes "???" where the type is gone.
  std::string type(std::string_view column) const;

 private:
  int at(std::string_view column) const { return result_->column(column); }

  const pg::Result* result_;
  int number_;
};

}  // namespace belay::catalog
