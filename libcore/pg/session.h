// The libpq connection itself: waiting, cancelling, and turning what went wrong into Error. The
// public classes of this layer are written over it; no other layer includes this header.
#pragma once

#include <libpq-fe.h>

#include <atomic>
#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/error.h"
#include "libcore/pg/conninfo.h"

namespace belay::pg {

struct ClearResult {
  void operator()(PGresult* result) const { PQclear(result); }
};
using ResultPtr = std::unique_ptr<PGresult, ClearResult>;

struct FinishConnection {
  void operator()(PGconn* connection) const { PQfinish(connection); }
};
using ConnectionPtr = std::unique_ptr<PGconn, FinishConnection>;

// Asks the server, over a connection of its own, to cancel a session's statement. Thread-safe, and
// shared with whoever may still call it while the session goes away.
class CancelRequest {
 public:
  ~CancelRequest() { disarm(); }
  void arm(PGconn* connection);
  void disarm();
  void send() noexcept;
  // How often it was asked for (by others, not by the session itself).
  unsigned requests() const { return requests_.load(std::memory_order_acquire); }
  void count() noexcept { requests_.fetch_add(1, std::memory_order_acq_rel); }

 private:
  std::mutex mutex_;
  PGcancel* cancel_ = nullptr;  // guarded by mutex_
  std::atomic<unsigned> requests_{0};
};

// Used by one thread at a time; cancel_request() may be used by any. The connection is always
// non-blocking: every wait polls for both directions, so that neither side can fill the other's
// buffers for ever, and wakes up often enough to notice a cancellation.
class Session {
 public:
  Session(ConnectionPtr connection, ConnectTarget target, Cancellation* cancellation);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  PGconn* connection() const { return connection_.get(); }
  const ConnectTarget& target() const { return target_; }
  const std::shared_ptr<CancelRequest>& cancel_request() const { return cancel_; }
  bool alive() const { return !lost_ && PQstatus(connection_.get()) == CONNECTION_OK; }

  // Whether the running statement has been asked to stop, by the run's cancellation or cancel().
  bool cancelled() const;
  // Before each statement: throws if the connection is lost or the run is cancelled.
  void begin();
  // Simple protocol. finish() takes all results that are left and throws the first error, if any.
  void send(std::string_view sql);
  ResultPtr next_result();
  ResultPtr finish(ResultPtr first = nullptr);
  // Sends and finishes; the last result.
  ResultPtr run(std::string_view sql);

  void flush();
  // Sends what waits and reads what has come, after waiting for either if nothing can move.
  // `want_read` false: returns as soon as everything is sent.
  void exchange(bool want_read);

  // Until one of poll()'s `events`; what came. Repeats a cancellation that went unheard.
  short wait(short events);
  // Reads what waits on the socket; notices are taken at once.
  void read_input();

  // The Error for a failed result; null: for the state of the connection.
  Error failure(const PGresult* result);
  // Stops the running statement and throws its results away; closes the connection if the server
  // does not answer.
  void abandon() noexcept;
  // A pipeline that was not read to its end cannot be used again, nor can its connection.
  void abandon_pipeline() noexcept { lost_ = true; }

  std::vector<std::string> take_notices();

 private:
  static void receive_notice(void* session, const PGresult* result);
  void repeat_cancel();
  Error last_words();
  Error connection_lost(std::string_view cause);

  ConnectionPtr connection_;
  ConnectTarget target_;
  Cancellation* cancellation_;
  std::shared_ptr<CancelRequest> cancel_ = std::make_shared<CancelRequest>();
  std::optional<Cancellation::Registration> registration_;
  std::deque<std::string> notices_;
  unsigned requests_before_ = 0;  // cancel requests when the statement began
  // When the running statement was first seen to be cancelled, and when that was last repeated.
  std::optional<std::chrono::steady_clock::time_point> cancelled_at_, repeated_at_;
  bool lost_ = false;
};

// Throws Error{internal} if it holds a NUL byte, which libpq would take for the end.
std::string c_string(std::string_view text);

// connect.cc: a connection that has logged in, or an Error.
ConnectionPtr log_in(const ConnectTarget& target, const std::string& application_name,
                     std::chrono::milliseconds wait, const Cancellation* cancellation);

}  // namespace belay::pg
