#include "libcore/pg/maintenance.h"

namespace belay::pg {

Connection connect_maintenance(const ConnectTarget& target, std::string_view application_name,
                               Cancellation* cancellation) {
  ConnectOptions options;
  options.kind = SessionKind::admin;
  options.application_name = application_name;
  options.cancellation = cancellation;
  try {
    return Connection::connect(target.with_database("postgres"), options);
  } catch (const Error& first) {
    if (first.kind() == ErrorKind::cancelled) throw;
    try {
      return Connection::connect(target.with_database("template1"), options);
    } catch (const Error&) {
      throw first;  // it speaks of the usual maintenance database
    }
  }
}

}  // namespace belay::pg
