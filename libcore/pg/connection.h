// One session with a PostgreSQL server.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/error.h"
#include "libcore/pg/conninfo.h"
#include "libcore/pg/result.h"

namespace belay::pg {

// A parameter of a statement: text, NULL, or bytes (bytea in binary).
struct Parameter {
  std::optional<std::string> value;
  bool binary = false;

  Parameter(std::string text) : value(std::move(text)) {}
  Parameter(const char* text) : value(text) {}
  Parameter(std::nullopt_t) {}
  static Parameter bytes(std::string raw);
};

struct Statement {
  std::string sql;
  std::vector<Parameter> parameters;
};

// What run_batch() throws when the server refused a statement.
class BatchError : public Error {
 public:
  BatchError(Error error, std::size_t statement) : Error(std::move(error)), statement_(statement) {}
  std::size_t statement() const { return statement_; }  // index of the first that failed

 private:
  std::size_t statement_;
};

// How a session is set up; see docs/design.md "Sessions". All pin search_path to empty,
// TimeZone=UTC, DateStyle=ISO, IntervalStyle=postgres, extra_float_digits=3, bytea_output=hex,
// standard_conforming_strings=on, row_security=off, timeouts 0. catalog and contents are read-only
// by default and do not look inside views or foreign tables (restrict_nonsystem_relation_kind,
// where the server has it): a query over them needs SET restrict_nonsystem_relation_kind TO ''
// first. Where the login may, they also see to it that damaged pages are errors.
enum class SessionKind {
  catalog,   // client_encoding UTF8 (SQL_ASCII databases: SQL_ASCII); read-only use; jit off
  contents,  // COPY out; as catalog, copy_out() switches the encoding
  load,      // COPY in and DDL: check_function_bodies off, synchronous_commit off,
             // default_transaction_read_only off, client_min_messages warning
  admin,     // CREATE, DROP, RENAME DATABASE: as catalog, writable
};

struct ConnectOptions {
  SessionKind kind = SessionKind::catalog;
  std::string application_name = "belay";
  // Keep trying while the server is starting or away.
  std::chrono::milliseconds wait{0};
  // Registers this connection: a request cancels its running statement on the server, and every
  // later one throws Error{cancelled}; what must still be done needs a connection without it.
  Cancellation* cancellation = nullptr;
};

// COPY out, message by message. While it lives, its connection can do nothing else. Destroyed
// before the end it cancels the statement.
class CopyOut {
 public:
  ~CopyOut();
  CopyOut(CopyOut&&) noexcept;
  // The next CopyData message, valid until the next call. In text format one row with its newline;
  // in binary the stream's 19-byte header and trailer are already taken off and a message is one
  // bare row. Nothing at the end, when the server has confirmed it.
  std::optional<std::string_view> next();

 private:
  friend class Connection;
  struct State;
  explicit CopyOut(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// COPY in: bytes of one complete COPY stream in any pieces. Destroyed before finish() it makes the
// server reject the COPY.
class CopyIn {
 public:
  ~CopyIn();
  CopyIn(CopyIn&&) noexcept;
  void write(std::string_view bytes);
  std::uint64_t finish();  // rows that the server counted

 private:
  friend class Connection;
  struct State;
  explicit CopyIn(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// Move-only; used by one thread at a time (cancel() excepted). Every error of the server is
// Error{sql} with its SQLSTATE, the statement's object where known, and the server's hint; a lost
// or refused connection is Error{unreachable}; a cancelled one Error{cancelled}.
class Connection {
 public:
  static Connection connect(const ConnectTarget& target, const ConnectOptions& options);
  ~Connection();
  Connection(Connection&&) noexcept;
  Connection& operator=(Connection&&) noexcept;

  // Simple protocol: one or several statements without parameters; the last result.
  Result run(std::string_view sql);
  // Extended protocol: one statement.
  Result query(const Statement& statement);
  Result query(std::string_view sql, std::vector<Parameter> parameters = {});
  // Pipeline mode: all statements in one round trip, results in their order. Outside a transaction
  // block they form one implicit transaction: all or none (and nothing that refuses to run in one,
  // such as CREATE DATABASE). No COPY. The first error is thrown as BatchError after the pipeline
  // was drained; the connection stays usable. All results are held in memory.
  std::vector<Result> run_batch(std::span<const Statement> statements);

  // `encoding`: name of the client encoding for the rows; names in `sql` are UTF-8 whatever it is
  // (set and COPY travel in one simple query). Empty: the session's.
  CopyOut copy_out(std::string_view sql, bool binary, std::string_view encoding = {});
  CopyIn copy_in(std::string_view sql, std::string_view encoding = {});

  int server_version() const;  // 150018
  int server_major() const { return server_version() / 10000; }
  int backend_pid() const;
  const std::string& database() const;
  const std::string& user() const;
  const std::string& server_encoding() const;
  const ConnectTarget& target() const;
  std::string parameter(std::string_view name) const;  // ParameterStatus; "" if unknown

  // Notices since the last call, in order ("WARNING: ...").
  std::vector<std::string> take_notices();
  // From any thread: asks the server to cancel what this connection runs now.
  void cancel() noexcept;
  // False after the connection was lost.
  bool alive() const;

 private:
  friend class CopyOut;
  friend class CopyIn;
  struct State;
  explicit Connection(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace belay::pg
