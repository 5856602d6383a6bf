#include "libcore/pg/pooler.h"

#include <vector>

#include "libcore/base/error.h"

namespace belay::pg {
namespace {

// A pool that others use, too, may hand out another session first.
constexpr int kMostOthers = 3;

int server_pid(Connection& connection) {
  return static_cast<int>(connection.query("SELECT pg_catalog.pg_backend_pid()").integer(0, 0));
}

Error refusal(const Connection& connection) {
  return Error(ErrorKind::preflight, "a pooler lends sessions for one transaction only")
      .object(connection.target().describe())
      .cause("locks and settings would be lost between two statements")
      .next(
          "name the server itself with -d -h -p, or a pool in session mode (PgBouncer: pool_mode)");
}

}  // namespace

// A pooler tells its clients numbers of its own in place of the server's process ids. Whether it
// lends by session is then tried: others take what it has to lend, and keep it in transactions.
void refuse_transaction_pooling(Connection& connection, Cancellation* cancellation) {
  const int mine = server_pid(connection);
  if (mine == connection.backend_pid()) return;
  ConnectOptions options;
  options.application_name = "belay pooler probe";
  options.cancellation = cancellation;
  std::vector<Connection> others;
  while (others.size() < kMostOthers) {
    others.push_back(Connection::connect(connection.target(), options));
    int lent = 0;
    try {
      others.back().run("BEGIN");
      lent = server_pid(others.back());
    } catch (const Error& error) {
      if (!error.sqlstate_is("08P01")) throw;
      throw refusal(connection).cause(error.cause());  // in statement mode there are none
    }
    if (lent == mine || server_pid(connection) != mine) throw refusal(connection);
  }
}

}  // namespace belay::pg
