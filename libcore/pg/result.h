// Rows that came back from the server.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct pg_result;

namespace belay::pg {

// Owns a PGresult; the views it gives live as long as it does. Columns are numbered from 0.
class Result {
 public:
  explicit Result(pg_result* owned);

  int rows() const;
  int columns() const;
  // Throws Error{internal} if there is no such column.
  int column(std::string_view name) const;

  bool is_null(int row, int column) const;
  std::string_view text(int row, int column) const;  // "" for NULL
  std::string string(int row, int column) const { return std::string(text(row, column)); }
  std::optional<std::string> optional_string(int row, int column) const;
  // Throw Error{internal} if the text is not such a value; NULL is 0 or false.
  std::int64_t integer(int row, int column) const;
  std::uint32_t oid(int row, int column) const;
  bool boolean(int row, int column) const;
  double number(int row, int column) const;

  // Rows affected by INSERT, COPY ...; 0 where that has no meaning.
  std::uint64_t affected() const;

 private:
  struct Clear {
    void operator()(pg_result* result) const;
  };
  std::unique_ptr<pg_result, Clear> result_;
};

}  // namespace belay::pg
