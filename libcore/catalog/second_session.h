// One more session that reads in the leader's snapshot, at the same time. Internal to this folder.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/pg/connection.h"

namespace belay::catalog {

// It may fail at anything (no connection left, a lock behind somebody who waits for the leader's):
// then the leader asks the same, and its answer counts. Owned by one thread.
class SecondSession {
 public:
  // Runs the statements on a thread of its own, from connecting on. `patience`: for each lock.
  SecondSession(const pg::Connection& leader, std::string snapshot,
                std::chrono::milliseconds patience, std::vector<pg::Statement> statements);
  ~SecondSession();  // cancels what runs
  SecondSession(const SecondSession&) = delete;
  SecondSession& operator=(const SecondSession&) = delete;

  // Waits; nothing if it failed. The session is closed by then.
  std::optional<std::vector<pg::Result>> take();
  const std::vector<pg::Statement>& statements() const { return statements_; }

 private:
  void run(const pg::ConnectTarget& target, const std::string& application,
           const std::string& snapshot, std::chrono::milliseconds patience);

  const std::vector<pg::Statement> statements_;
  std::optional<std::vector<pg::Result>> results_;  // the thread's, until it has ended
  Cancellation cancellation_;
  std::thread thread_;
};

}  // namespace belay::catalog
