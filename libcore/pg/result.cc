#include "libcore/pg/result.h"

#include <libpq-fe.h>

#include <charconv>

#include "libcore/base/error.h"

namespace belay::pg {
namespace {

template <typename Number>
Number parse_number(std::string_view text, std::string_view what) {
  Number value{};
  const std::from_chars_result end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc{} || end.ptr != text.data() + text.size()) {
    throw Error(ErrorKind::internal, "the server sent a value that is not " + std::string(what))
        .cause("\"" + std::string(text.substr(0, 100)) + "\"");
  }
  return value;
}

}  // namespace

Result::Result(pg_result* owned) : result_(owned) {}

void Result::Clear::operator()(pg_result* result) const { PQclear(result); }

int Result::rows() const { return PQntuples(result_.get()); }

int Result::columns() const { return PQnfields(result_.get()); }

int Result::column(std::string_view name) const {
  // Not PQfnumber(): that folds case and takes quotes apart.
  for (int i = 0; i < columns(); ++i) {
    if (name == PQfname(result_.get(), i)) return i;
  }
  throw Error(ErrorKind::internal, "no such column in the result").object(name);
}

bool Result::is_null(int row, int column) const {
  return PQgetisnull(result_.get(), row, column) != 0;
}

std::string_view Result::text(int row, int column) const {
  // libpq only warns on its notice channel when the indexes are wrong, and returns nullptr.
  const char* value = PQgetvalue(result_.get(), row, column);
  if (!value) {
    throw Error(ErrorKind::internal, "no such row or column in the result")
        .cause("row " + std::to_string(row) + ", column " + std::to_string(column));
  }
  return {value, static_cast<std::size_t>(PQgetlength(result_.get(), row, column))};
}

std::optional<std::string> Result::optional_string(int row, int column) const {
  if (is_null(row, column)) return std::nullopt;
  return string(row, column);
}

std::int64_t Result::integer(int row, int column) const {
  if (is_null(row, column)) return 0;
  return parse_number<std::int64_t>(text(row, column), "an integer");
}

std::uint32_t Result::oid(int row, int column) const {
  if (is_null(row, column)) return 0;
  return parse_number<std::uint32_t>(text(row, column), "an OID");
}

bool Result::boolean(int row, int column) const {
  if (is_null(row, column)) return false;
  const std::string_view value = text(row, column);
  if (value != "t" && value != "f") {
    throw Error(ErrorKind::internal, "the server sent a value that is not a boolean")
        .cause("\"" + std::string(value.substr(0, 100)) + "\"");
  }
  return value == "t";
}

double Result::number(int row, int column) const {
  if (is_null(row, column)) return 0;
  return parse_number<double>(text(row, column), "a number");
}

std::uint64_t Result::affected() const {
  const std::string_view count = PQcmdTuples(result_.get());
  return count.empty() ? 0 : parse_number<std::uint64_t>(count, "a row count");
}

}  // namespace belay::pg
