#include "libcore/pg/session.h"

#include <poll.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "libcore/base/name.h"

namespace belay::pg {
namespace {

using std::chrono::steady_clock;

constexpr int kPollMilliseconds = 200;
// A cancel request that reaches the server just before the statement does is lost: repeat it.
constexpr std::chrono::seconds kRepeatCancelAfter{1};
constexpr std::chrono::seconds kGiveUpAfter{10};
constexpr std::size_t kMaxNotices = 1000;

std::string field(const PGresult* result, int code) {
  const char* value = result ? PQresultErrorField(result, code) : nullptr;
  return value ? value : "";
}

// One line of text for people.
std::string one_line(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const bool space = c == '\n' || c == '\t' || c == '\r' || c == ' ';
    if (!space) {
      out += c;
    } else if (!out.empty() && out.back() != ' ') {
      out += ' ';
    }
  }
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string concerned_object(const PGresult* result) {
  const std::string schema = field(result, PG_DIAG_SCHEMA_NAME);
  const std::string constraint = field(result, PG_DIAG_CONSTRAINT_NAME);
  std::string name = field(result, PG_DIAG_TABLE_NAME);
  if (name.empty()) name = field(result, PG_DIAG_DATATYPE_NAME);
  std::string object;
  if (!name.empty()) {
    object = quote_name_pretty({schema, name});
  } else if (!schema.empty()) {
    object = quote_identifier_pretty(schema);
  }
  if (const std::string column = field(result, PG_DIAG_COLUMN_NAME); !column.empty()) {
    object += ", column " + quote_identifier_pretty(column);
  }
  if (!constraint.empty()) object += ", constraint " + quote_identifier_pretty(constraint);
  return object.starts_with(", ") ? object.substr(2) : object;
}

}  // namespace

std::string c_string(std::string_view text) {
  if (text.find('\0') != std::string_view::npos) {
    throw Error(ErrorKind::internal, "a statement or parameter holds a NUL byte");
  }
  return std::string(text);
}

void CancelRequest::arm(PGconn* connection) {
  std::lock_guard lock(mutex_);
  if (cancel_) PQfreeCancel(cancel_);
  cancel_ = PQgetCancel(connection);
}

void CancelRequest::disarm() {
  std::lock_guard lock(mutex_);
  if (cancel_) PQfreeCancel(cancel_);
  cancel_ = nullptr;
}

void CancelRequest::send() noexcept {
  std::lock_guard lock(mutex_);
  if (!cancel_) return;
  // A failure is not reported: the session repeats the request, and gives up after a while.
  char reason[256];
  static_cast<void>(PQcancel(cancel_, reason, sizeof reason));
}

Session::Session(ConnectionPtr connection, ConnectTarget target, Cancellation* cancellation)
    : connection_(std::move(connection)), target_(std::move(target)), cancellation_(cancellation) {
  PQsetNoticeReceiver(connection_.get(), &Session::receive_notice, this);
  if (PQsetnonblocking(connection_.get(), 1) != 0) throw failure(nullptr);
  cancel_->arm(connection_.get());
  if (cancellation_) {
    // Holds the request itself, not the session: it may run while the session is being destroyed.
    registration_.emplace(*cancellation_, [request = cancel_] {
      request->count();
      request->send();
    });
  }
}

Session::~Session() {
  registration_.reset();
  cancel_->disarm();
}

void Session::receive_notice(void* session, const PGresult* result) {
  std::deque<std::string>& notices = static_cast<Session*>(session)->notices_;
  const std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) {
    notices.push_back(one_line(PQresultErrorMessage(result)));
  } else {
    notices.push_back(field(result, PG_DIAG_SEVERITY_NONLOCALIZED) + ": " + one_line(message));
  }
  if (notices.size() > kMaxNotices) notices.pop_front();
}

std::vector<std::string> Session::take_notices() {
  std::vector<std::string> taken(notices_.begin(), notices_.end());
  notices_.clear();
  return taken;
}

bool Session::cancelled() const {
  return (cancellation_ && cancellation_->requested()) || cancel_->requests() != requests_before_;
}

void Session::begin() {
  if (cancellation_) cancellation_->check();
  if (!alive()) throw connection_lost("the connection was lost before");
  requests_before_ = cancel_->requests();
  cancelled_at_.reset();
  repeated_at_.reset();
}

void Session::repeat_cancel() {
  const steady_clock::time_point now = steady_clock::now();
  if (!cancelled_at_) cancelled_at_ = repeated_at_ = now;
  if (now - *cancelled_at_ > kGiveUpAfter) {
    lost_ = true;
    throw Error(ErrorKind::cancelled, "cancelled, but the server does not answer")
        .object(target_.describe());
  }
  if (now - *repeated_at_ >= kRepeatCancelAfter) {
    repeated_at_ = now;
    cancel_->send();
  }
}

short Session::wait(short events) {
  for (;;) {
    if (cancelled()) repeat_cancel();
    pollfd descriptor{PQsocket(connection_.get()), events, 0};
    if (descriptor.fd < 0) throw failure(nullptr);
    const int ready = ::poll(&descriptor, 1, kPollMilliseconds);
    if (ready > 0) return descriptor.revents;
    if (ready < 0 && errno != EINTR) {
      throw Error(ErrorKind::io, "cannot wait for the server").cause(std::strerror(errno));
    }
  }
}

void Session::exchange(bool want_read) {
  const int unsent = PQflush(connection_.get());
  if (unsent < 0) throw failure(nullptr);
  if (unsent == 0 && !want_read) return;
  const short ready = wait(unsent > 0 ? POLLIN | POLLOUT : POLLIN);
  if ((ready & ~POLLOUT) != 0) read_input();
}

void Session::read_input() {
  if (PQconsumeInput(connection_.get()) != 1) throw last_words();
}

// The connection is gone, but the reason may be among what the server had sent before.
Error Session::last_words() {
  for (int nothing = 0; nothing < 2;) {
    const ResultPtr result(PQgetResult(connection_.get()));
    const ExecStatusType status = PQresultStatus(result.get());
    if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) break;
    if (result && !field(result.get(), PG_DIAG_SQLSTATE).empty()) return failure(result.get());
    nothing = result && status != PGRES_FATAL_ERROR ? 0 : nothing + 1;
  }
  return failure(nullptr);
}

void Session::flush() {
  for (;;) {
    const int unsent = PQflush(connection_.get());
    if (unsent < 0) throw failure(nullptr);
    if (unsent == 0) return;
    exchange(false);
  }
}

void Session::send(std::string_view sql) {
  begin();
  if (PQsendQuery(connection_.get(), c_string(sql).c_str()) != 1) throw failure(nullptr);
}

ResultPtr Session::next_result() {
  // Flushing comes first: an error may be all the server has said to what is still unsent.
  while (PQisBusy(connection_.get()) == 1) exchange(true);
  return ResultPtr(PQgetResult(connection_.get()));
}

ResultPtr Session::finish(ResultPtr first) {
  ResultPtr last = std::move(first);
  std::optional<Error> error;
  const auto look = [&](const PGresult* result) {
    const ExecStatusType status = PQresultStatus(result);
    const bool failed = status == PGRES_FATAL_ERROR || status == PGRES_BAD_RESPONSE;
    if (failed && !error) error = failure(result);
  };
  if (last) look(last.get());
  try {
    while (ResultPtr result = next_result()) {
      look(result.get());
      const ExecStatusType status = PQresultStatus(result.get());
      if (status == PGRES_COPY_IN || status == PGRES_COPY_OUT || status == PGRES_COPY_BOTH) {
        abandon();
        throw Error(ErrorKind::internal, "COPY in a statement that is not run as COPY");
      }
      last = std::move(result);
    }
  } catch (const Error&) {
    if (!error) throw;  // else: the server said why before the connection went
  }
  if (error) {
    // The last word may be that the server went away; what it said first is the cause.
    if (!alive() && error->kind() == ErrorKind::sql) error->as(ErrorKind::unreachable);
    throw *error;
  }
  if (!last) throw failure(nullptr);
  return last;
}

ResultPtr Session::run(std::string_view sql) {
  send(sql);
  return finish();
}

Error Session::connection_lost(std::string_view cause) {
  lost_ = true;
  return Error(ErrorKind::unreachable, "lost the connection to the server")
      .object(target_.describe())
      .cause(one_line(cause));
}

Error Session::failure(const PGresult* result) {
  const std::string sqlstate = field(result, PG_DIAG_SQLSTATE);
  const std::string severity = field(result, PG_DIAG_SEVERITY_NONLOCALIZED);
  const std::string message = field(result, PG_DIAG_MESSAGE_PRIMARY);
  if (sqlstate == "57014" && cancelled()) {
    return Error(ErrorKind::cancelled, "cancelled").sqlstate(sqlstate);
  }
  const bool fatal = severity == "FATAL" || severity == "PANIC" || sqlstate.starts_with("08");
  if (fatal || PQstatus(connection_.get()) != CONNECTION_OK) {
    // A cancellation may end in a lost connection; what the caller wanted is what it gets.
    if (cancelled()) {
      lost_ = true;
      return Error(ErrorKind::cancelled, "cancelled").sqlstate(sqlstate);
    }
    std::string cause = message;
    if (cause.empty()) {
      cause = result ? PQresultErrorMessage(result) : PQerrorMessage(connection_.get());
    }
    return connection_lost(cause).sqlstate(sqlstate);
  }
  if (message.empty()) {  // libpq's own complaint, not the server's
    const char* text = result ? PQresultErrorMessage(result) : PQerrorMessage(connection_.get());
    return Error(ErrorKind::internal, "the client library refused").cause(one_line(text));
  }
  return Error(ErrorKind::sql, one_line(message))
      .object(concerned_object(result))
      .cause(one_line(field(result, PG_DIAG_MESSAGE_DETAIL)))
      .next(one_line(field(result, PG_DIAG_MESSAGE_HINT)))
      .sqlstate(sqlstate);
}

void Session::abandon() noexcept {
  try {
    if (!alive()) return;
    const steady_clock::time_point start = steady_clock::now();
    cancel_->send();
    // The rest is thrown away; it is bounded by what was under way when the request arrived.
    for (;;) {
      if (steady_clock::now() - start > kGiveUpAfter) break;
      if (PQisBusy(connection_.get()) == 1) {
        if (PQflush(connection_.get()) < 0) break;
        pollfd descriptor{PQsocket(connection_.get()), POLLIN, 0};
        const int ready = ::poll(&descriptor, 1, kPollMilliseconds);
        if (ready > 0 && PQconsumeInput(connection_.get()) != 1) break;
        continue;
      }
      const ResultPtr result(PQgetResult(connection_.get()));
      if (!result) return;
      if (PQresultStatus(result.get()) == PGRES_COPY_IN) {
        if (PQputCopyEnd(connection_.get(), "given up by the client") < 0) break;
      } else if (PQresultStatus(result.get()) == PGRES_COPY_OUT) {
        char* row = nullptr;
        int got = 0;
        while ((got = PQgetCopyData(connection_.get(), &row, 1)) >= 0) {
          if (got > 0) PQfreemem(row);
          if (steady_clock::now() - start > kGiveUpAfter) break;
          if (got > 0) continue;
          pollfd descriptor{PQsocket(connection_.get()), POLLIN, 0};
          const int ready = ::poll(&descriptor, 1, kPollMilliseconds);
          if (ready > 0 && PQconsumeInput(connection_.get()) != 1) break;
        }
      }
    }
  } catch (...) {
  }
  lost_ = true;
}

}  // namespace belay::pg
