#include "libcore/catalog/second_session.h"

#include <utility>

#include "libcore/base/error.h"
#include "libcore/catalog/locks.h"
#include "libcore/pg/snapshot.h"

namespace belay::catalog {

SecondSession::SecondSession(const pg::Connection& leader, std::string snapshot,
                             std::chrono::milliseconds patience,
                             std::vector<pg::Statement> statements)
    : statements_(std::move(statements)) {
  thread_ = std::thread([this, target = leader.target(), snapshot = std::move(snapshot),
                         application = leader.parameter("application_name"),
                         patience] { run(target, application, snapshot, patience); });
}

SecondSession::~SecondSession() {
  if (!thread_.joinable()) return;
  cancellation_.request();
  thread_.join();
}

std::optional<std::vector<pg::Result>> SecondSession::take() {
  thread_.join();
  return std::exchange(results_, std::nullopt);
}

void SecondSession::run(const pg::ConnectTarget& target, const std::string& application,
                        const std::string& snapshot, std::chrono::milliseconds patience) {
  try {
    pg::ConnectOptions options;
    options.application_name = application;
    options.cancellation = &cancellation_;
    pg::Connection connection = pg::Connection::connect(target, options);
    pg::adopt_snapshot(connection, snapshot);
    connection.run(lock_timeout_statement(patience).sql);
    results_ = connection.run_batch(statements_);
  } catch (const Error&) {
    // The leader asks the same, and tells what is wrong if that fails as well.
  }
}

}  // namespace belay::catalog
