#include "libcore/pg/connection.h"

#include <utility>

#include "libcore/pg/copy_stream.h"
#include "libcore/pg/session.h"

namespace belay::pg {

struct Connection::State {
  State(ConnectionPtr connection, const ConnectTarget& target, Cancellation* cancellation)
      : session(std::move(connection), target, cancellation) {}

  Session session;
  std::string database, user, server_encoding, client_encoding;
};

namespace {

std::string_view or_empty(const char* text) { return text ? std::string_view(text) : ""; }

// One simple query. set_config() before any name: until it has run, names could mean something
// else.
std::string session_settings(SessionKind kind, int server_version, std::string_view encoding) {
  const bool writes = kind == SessionKind::load || kind == SessionKind::admin;
  std::string sql =
      "SET statement_timeout TO 0;"
      "SELECT pg_catalog.set_config('search_path', '', false);"
      "SET TimeZone TO 'UTC'; SET DateStyle TO 'ISO'; SET IntervalStyle TO 'postgres';"
      "SET extra_float_digits TO 3; SET bytea_output TO 'hex'; SET xmlbinary TO 'base64';"
      "SET standard_conforming_strings TO on; SET row_security TO off;"
      "SET quote_all_identifiers TO off; SET synchronize_seqscans TO off; SET jit TO off;"
      "SET lock_timeout TO 0;"
      "SET idle_in_transaction_session_timeout TO 0;"
      "SET default_transaction_isolation TO 'read committed';"
      "SET default_transaction_deferrable TO off;";
  sql.append("SET client_encoding TO '").append(encoding).append("';");
  if (server_version >= 140000) sql += "SET idle_session_timeout TO 0;";
  if (server_version >= 170000) sql += "SET transaction_timeout TO 0;";
  if (kind == SessionKind::load) {
    sql +=
        "SET check_function_bodies TO off; SET xmloption TO 'content';"
        "SET synchronous_commit TO off; SET client_min_messages TO 'warning';"
        "SET default_tablespace TO ''; SET default_table_access_method TO heap;"
        "SET array_nulls TO on; SET transform_null_equals TO off;"
        // Asked for only where it must change: that needs a superuser.
        "SELECT pg_catalog.set_config(name, 'origin', false) FROM pg_catalog.pg_settings"
        " WHERE name = 'session_replication_role' AND setting <> 'origin';";
  }
  if (kind == SessionKind::catalog) {
    // Its queries are many and short, and two sessions ask them: a worker costs more than it gains.
    sql += "SET max_parallel_workers_per_gather TO 0; SET work_mem TO '64MB';";
  }
  if (writes) {
    sql += "SET default_transaction_read_only TO off";
  } else {
    // With these on, rows of damaged pages are passed over in silence; only superusers may change
    // them. The setting further down came with minor releases: ask whether it is there.
    sql +=
        "SELECT pg_catalog.set_config(name, 'off', false)"
        " FROM pg_catalog.unnest(ARRAY['zero_damaged_pages', 'ignore_checksum_failure']) AS name"
        " WHERE pg_catalog.current_setting(name) <> 'off'"
        " AND pg_catalog.current_setting('is_superuser') = 'on';"
        "SELECT pg_catalog.set_config(name, 'view, foreign-table', false)"
        " FROM pg_catalog.pg_settings WHERE name = 'restrict_nonsystem_relation_kind';"
        "SET default_transaction_read_only TO on";
  }
  return sql;
}

// A statement_timeout of the database or role may fire before it is lifted, and tell so a moment
// later. The settings can be made any number of times.
void pin_settings(Session& session, const std::string& settings) {
  constexpr int kAttempts = 20;
  for (int attempt = 1;; ++attempt) {
    try {
      session.run(settings);
      return;
    } catch (const Error& error) {
      const bool timed_out = error.sqlstate_is("57014") && error.kind() != ErrorKind::cancelled;
      if (!timed_out || attempt == kAttempts) throw;
    }
  }
}

// A statement's parameters as libpq wants them; views into `statement`.
class ParameterArrays {
 public:
  explicit ParameterArrays(const Statement& statement) {
    for (const Parameter& parameter : statement.parameters) {
      if (parameter.value && !parameter.binary) static_cast<void>(c_string(*parameter.value));
      values_.push_back(parameter.value ? parameter.value->data() : nullptr);
      lengths_.push_back(parameter.value ? static_cast<int>(parameter.value->size()) : 0);
      formats_.push_back(parameter.binary ? 1 : 0);
    }
  }

  bool send(PGconn* connection, const std::string& sql) const {
    return PQsendQueryParams(connection, c_string(sql).c_str(), static_cast<int>(values_.size()),
                             nullptr, values_.data(), lengths_.data(), formats_.data(), 0) == 1;
  }

 private:
  std::vector<const char*> values_;
  std::vector<int> lengths_, formats_;
};

// Pipeline mode from send to the last result; leaves the mode whatever happens.
class Batch {
 public:
  Batch(Session& session, std::span<const Statement> statements)
      : session_(session), statements_(statements) {
    results_.reserve(statements.size());
    // Nothing may fail for a reason of our own once the pipeline is open.
    for (const Statement& statement : statements) {
      static_cast<void>(ParameterArrays(statement));
      static_cast<void>(c_string(statement.sql));
    }
    session_.begin();
    if (PQenterPipelineMode(connection()) != 1) throw session_.failure(nullptr);
  }

  ~Batch() {
    if (!synced_) session_.abandon_pipeline();
    if (PQpipelineStatus(connection()) != PQ_PIPELINE_OFF) PQexitPipelineMode(connection());
  }
  Batch(const Batch&) = delete;
  Batch& operator=(const Batch&) = delete;

  std::vector<Result> run() {
    std::size_t unsent_bytes = 0;
    for (const Statement& statement : statements_) {
      if (!ParameterArrays(statement).send(connection(), statement.sql)) {
        throw session_.failure(nullptr);
      }
      unsent_bytes += statement.sql.size() + 64;
      if (unsent_bytes >= kSendAtOnce) {
        send_all();
        unsent_bytes = 0;
      }
    }
    if (PQpipelineSync(connection()) != 1) throw session_.failure(nullptr);
    send_all();
    while (!synced_) {
      while (!synced_ && PQisBusy(connection()) == 0) {
        if (!take()) break;
      }
      if (!synced_) session_.exchange(true);
    }
    if (error_) throw BatchError(*error_, failed_);
    return std::move(results_);
  }

 private:
  static constexpr std::size_t kSendAtOnce = 64 * 1024;

  PGconn* connection() const { return session_.connection(); }

  // Takes results while it sends: a server that cannot get rid of them stops reading.
  void send_all() {
    for (;;) {
      const int unsent = PQflush(connection());
      if (unsent < 0) throw session_.failure(nullptr);
      if (unsent == 0) return;
      session_.exchange(false);
      while (taken_ < statements_.size() && PQisBusy(connection()) == 0) {
        if (!take()) break;
      }
    }
  }

  // One step of libpq's sequence: a result, the null after each statement's, the sync. False if
  // there is nothing yet.
  bool take() {
    ResultPtr result(PQgetResult(connection()));
    if (!result) {
      if (!session_.alive()) throw session_.failure(nullptr);
      if (!in_statement_) return false;
      in_statement_ = false;
      ++taken_;
      return true;
    }
    switch (PQresultStatus(result.get())) {
      case PGRES_PIPELINE_SYNC:
        synced_ = true;
        return true;
      case PGRES_PIPELINE_ABORTED:
        break;
      case PGRES_FATAL_ERROR:
      case PGRES_BAD_RESPONSE:
        note_failure(result.get());
        break;
      case PGRES_COPY_IN:
      case PGRES_COPY_OUT:
      case PGRES_COPY_BOTH:
        throw Error(ErrorKind::internal, "COPY in a batch");
      default:
        results_.emplace_back(result.release());
    }
    in_statement_ = true;
    return true;
  }

  void note_failure(const PGresult* result) {
    Error error = session_.failure(result);
    if (error.kind() == ErrorKind::unreachable) throw error;
    if (error_) return;
    failed_ = taken_;
    if (error.object().empty()) {
      error.object("statement " + std::to_string(taken_ + 1) + " of " +
                   std::to_string(statements_.size()));
    }
    error_ = std::move(error);
  }

  Session& session_;
  std::span<const Statement> statements_;
  std::vector<Result> results_;
  std::optional<Error> error_;
  std::size_t failed_ = 0, taken_ = 0;
  bool in_statement_ = false, synced_ = false;
};

}  // namespace

Parameter Parameter::bytes(std::string raw) {
  Parameter parameter(std::move(raw));
  parameter.binary = true;
  return parameter;
}

Connection::Connection(std::unique_ptr<State> state) : state_(std::move(state)) {}
Connection::~Connection() = default;
Connection::Connection(Connection&&) noexcept = default;
Connection& Connection::operator=(Connection&&) noexcept = default;

Connection Connection::connect(const ConnectTarget& target, const ConnectOptions& options) {
  std::unique_ptr<State> state = std::make_unique<State>(
      log_in(target, options.application_name, options.wait, options.cancellation), target,
      options.cancellation);
  PGconn* connection = state->session.connection();
  state->database = or_empty(PQdb(connection));
  state->user = or_empty(PQuser(connection));
  state->server_encoding = or_empty(PQparameterStatus(connection, "server_encoding"));
  // Bytes of an SQL_ASCII database have no known meaning: take them as they are.
  state->client_encoding = state->server_encoding == "SQL_ASCII" ? "SQL_ASCII" : "UTF8";
  pin_settings(state->session,
               session_settings(options.kind, PQserverVersion(connection), state->client_encoding));
  return Connection(std::move(state));
}

Result Connection::run(std::string_view sql) { return Result(state_->session.run(sql).release()); }

Result Connection::query(const Statement& statement) {
  Session& session = state_->session;
  session.begin();
  if (!ParameterArrays(statement).send(session.connection(), statement.sql)) {
    throw session.failure(nullptr);
  }
  return Result(session.finish().release());
}

Result Connection::query(std::string_view sql, std::vector<Parameter> parameters) {
  return query(Statement{std::string(sql), std::move(parameters)});
}

std::vector<Result> Connection::run_batch(std::span<const Statement> statements) {
  if (statements.empty()) return {};
  return Batch(state_->session, statements).run();
}

CopyOut Connection::copy_out(std::string_view sql, bool binary, std::string_view encoding) {
  return CopyOut(std::make_unique<CopyOut::State>(state_->session, sql, binary, encoding,
                                                  state_->client_encoding));
}

CopyIn Connection::copy_in(std::string_view sql, std::string_view encoding) {
  return CopyIn(
      std::make_unique<CopyIn::State>(state_->session, sql, encoding, state_->client_encoding));
}

int Connection::server_version() const { return PQserverVersion(state_->session.connection()); }
int Connection::backend_pid() const { return PQbackendPID(state_->session.connection()); }
const std::string& Connection::database() const { return state_->database; }
const std::string& Connection::user() const { return state_->user; }
const std::string& Connection::server_encoding() const { return state_->server_encoding; }
const ConnectTarget& Connection::target() const { return state_->session.target(); }

std::string Connection::parameter(std::string_view name) const {
  return std::string(
      or_empty(PQparameterStatus(state_->session.connection(), c_string(name).c_str())));
}

std::vector<std::string> Connection::take_notices() { return state_->session.take_notices(); }

void Connection::cancel() noexcept {
  state_->session.cancel_request()->count();
  state_->session.cancel_request()->send();
}

bool Connection::alive() const { return state_->session.alive(); }

}  // namespace belay::pg
