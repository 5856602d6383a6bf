#include "libcore/catalog/settled_query.h"

#include "libcore/base/error.h"

namespace belay::catalog {

pg::Result settled_query(pg::Connection& connection, std::string_view sql) {
  constexpr int kAttempts = 5;
  for (int attempt = 1;; ++attempt) {
    try {
      return connection.query(sql);
    } catch (const Error& error) {
      if (!error.sqlstate_is("XX000") || attempt == kAttempts) throw;
    }
  }
}

}  // namespace belay::catalog
