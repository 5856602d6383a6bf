#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <utility>

#include "libcore/base/clock.h"
#include "libcore/base/name.h"
#include "libcore/pg/session.h"

namespace belay::pg {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr int kDefaultTimeoutSeconds = 30;  // for one attempt and host; connect_timeout wins
constexpr milliseconds kFirstPause{200};
constexpr milliseconds kLongestPause{2000};

struct Attempt {
  ConnectionPtr connection;
  bool reached = false;  // the operating system connected us to something
  bool timed_out = false;
  bool ok = false;
};

std::string effective_option(PGconn* connection, std::string_view keyword) {
  const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options(PQconninfo(connection),
                                                                             &PQconninfoFree);
  if (!options) return "";
  for (const PQconninfoOption* option = options.get(); option->keyword; ++option) {
    if (keyword == option->keyword) return option->val ? option->val : "";
  }
  return "";
}

// PQconnectPoll leaves connect_timeout to its caller.
steady_clock::time_point attempt_deadline(PGconn* connection) {
  const std::string text = effective_option(connection, "connect_timeout");
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (seconds <= 0) seconds = text.empty() ? kDefaultTimeoutSeconds : 24 * 3600;  // 0: for ever
  const std::string hosts = effective_option(connection, "host");
  const int count = 1 + static_cast<int>(std::ranges::count(hosts, ','));
  return steady_clock::now() + std::chrono::seconds(std::max(seconds, 2)) * count;
}

ConnectionPtr start(const ConnectTarget& target, const std::string& application_name) {
  std::map<std::string, std::string> keywords = target.keywords();
  keywords.emplace("fallback_application_name", application_name);
  // Not PGCLIENTENCODING's: the server may know no conversion to it, and lets nobody in.
  keywords.insert_or_assign("client_encoding", "UTF8");
  // Hours of silence are normal while an index is built; a dead peer must still be noticed.
  keywords.emplace("keepalives_idle", "60");
  keywords.emplace("keepalives_interval", "15");
  keywords.emplace("keepalives_count", "8");
  std::vector<const char*> names, values;
  for (const auto& [name, value] : keywords) {
    names.push_back(name.c_str());
    values.push_back(value.c_str());
  }
  names.push_back(nullptr);
  values.push_back(nullptr);
  ConnectionPtr connection(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection) throw Error(ErrorKind::internal, "out of memory");
  // Nothing has come back yet: with this, errors of the login carry their SQLSTATE in their text,
  // which is the only place where libpq leaves it.
  PQsetErrorVerbosity(connection.get(), PQERRORS_VERBOSE);
  PQsetNoticeProcessor(
      connection.get(), [](void*, const char*) {}, nullptr);
  return connection;
}

Attempt attempt(const ConnectTarget& target, const std::string& application_name,
                const Cancellation* cancellation) {
  Attempt result;
  result.connection = start(target, application_name);
  PGconn* connection = result.connection.get();
  if (PQstatus(connection) == CONNECTION_BAD) return result;
  const steady_clock::time_point deadline = attempt_deadline(connection);
  PostgresPollingStatusType next = PGRES_POLLING_WRITING;
  while (next == PGRES_POLLING_READING || next == PGRES_POLLING_WRITING) {
    if (cancellation) cancellation->check();
    if (steady_clock::now() > deadline) {
      result.timed_out = true;
      return result;
    }
    const short events = next == PGRES_POLLING_READING ? POLLIN : POLLOUT;
    pollfd descriptor{PQsocket(connection), events, 0};
    const int ready = ::poll(&descriptor, 1, 100);
    if (ready < 0 && errno != EINTR) return result;
    if (ready <= 0) continue;
    next = PQconnectPoll(connection);
    const ConnStatusType status = PQstatus(connection);
    if (status != CONNECTION_BAD && status != CONNECTION_STARTED && status != CONNECTION_NEEDED) {
      result.reached = true;
    }
  }
  result.ok = next == PGRES_POLLING_OK;
  return result;
}

struct Refusal {
  std::string sqlstate;
  std::string cause;
};

bool is_sqlstate(std::string_view text) {
  return text.size() == 5 && std::ranges::all_of(text, [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
         });
}

// "...: FATAL:  28P01: password authentication failed ...\nDETAIL: ...\nLOCATION: ..."
Refusal read_refusal(const Attempt& failed) {
  Refusal refusal;
  const std::string_view text = PQerrorMessage(failed.connection.get());
  for (std::size_t at = text.find(":  "); at != std::string_view::npos;
       at = text.find(":  ", at + 1)) {
    if (at + 10 <= text.size() && is_sqlstate(text.substr(at + 3, 5)) && text[at + 8] == ':') {
      refusal.sqlstate = text.substr(at + 3, 5);
      const std::string_view message = text.substr(at + 10);
      refusal.cause = message.substr(0, message.find('\n'));
      return refusal;
    }
  }
  refusal.cause = text.substr(0, text.find('\n'));
  if (failed.timed_out) refusal.cause = "no answer in time";
  return refusal;
}

std::string next_step(const Refusal& refusal, const Attempt& failed, const std::string& user,
                      const std::string& database) {
  const std::string& code = refusal.sqlstate;
  if (code == "28P01") return "check the password: PGPASSWORD, ~/.pgpass or -W";
  if (code == "28000" && refusal.cause.find("pg_hba.conf") != std::string::npos) {
    return "let the role in from here in the server's pg_hba.conf, and reload it";
  }
  if (code == "28000") {
    return "check that the role exists and may log in (CREATE ROLE " + quote_identifier(user) +
           " LOGIN), or name another with -U";
  }
  if (code == "3D000") return "check the name after -d; psql -l lists the databases";
  if (code == "42501") {
    return "GRANT CONNECT ON DATABASE " + quote_identifier(database) + " TO " +
           quote_identifier(user);
  }
  if (code == "53300") return "use fewer jobs (-j), or raise the server's max_connections";
  if (code == "57P03") return "wait for it with --wait-for-db 60s";
  if (!code.empty()) return "";
  if (PQconnectionNeedsPassword(failed.connection.get()) == 1) {
    return "give the password in PGPASSWORD or ~/.pgpass, or ask for it with -W";
  }
  if (!failed.reached) {
    return "check that the server runs and listens there; --wait-for-db 60s waits for it";
  }
  return "";
}

// Is the server on its way? Only ever true where a second try can end differently. The texts are
// libpq's own, which stay English in a program that sets no locale; they only shorten a wait.
bool may_come(const Refusal& refusal, const Attempt& failed) {
  if (refusal.sqlstate == "57P03") return true;
  if (!refusal.sqlstate.empty()) return false;
  if (PQconnectionNeedsPassword(failed.connection.get()) == 1) return false;
  if (failed.timed_out) return true;
  if (!failed.reached) return !refusal.cause.starts_with("invalid ");
  return refusal.cause.find("closed the connection") != std::string::npos ||
         refusal.cause.find("could not receive data") != std::string::npos;
}

}  // namespace

ConnectionPtr log_in(const ConnectTarget& target, const std::string& application_name,
                     std::chrono::milliseconds wait, const Cancellation* cancellation) {
  for (const auto& [keyword, value] : target.keywords()) {
    if (value.find('\0') != std::string::npos) {
      throw Error(ErrorKind::usage, "a connection setting cannot hold a NUL byte").object(keyword);
    }
  }
  const steady_clock::time_point deadline = steady_clock::now() + wait;
  milliseconds pause = kFirstPause;
  for (;;) {
    if (cancellation) cancellation->check();
    Attempt tried = attempt(target, application_name, cancellation);
    PGconn* connection = tried.connection.get();
    if (tried.ok) {
      PQsetErrorVerbosity(connection, PQERRORS_DEFAULT);
      return std::move(tried.connection);
    }
    const Refusal refusal = read_refusal(tried);
    if (!may_come(refusal, tried) || steady_clock::now() >= deadline) {
      const char* user = PQuser(connection);
      const char* database = PQdb(connection);
      throw Error(ErrorKind::unreachable, "cannot connect")
          .object(target.describe())
          .cause(refusal.cause)
          .next(next_step(refusal, tried, user ? user : "", database ? database : ""))
          .sqlstate(refusal.sqlstate);
    }
    const steady_clock::time_point resume = std::min(deadline, steady_clock::now() + pause);
    while (steady_clock::now() < resume) {
      if (cancellation) cancellation->check();
      system_clock().sleep(milliseconds(50));
    }
    pause = std::min(pause * 2, kLongestPause);
  }
}

}  // namespace belay::pg
