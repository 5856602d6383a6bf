#include "libcore/pg/snapshot.h"

#include "libcore/base/name.h"
#include "libcore/pg/embedded_sql.h"

namespace belay::pg {

void begin_snapshot_transaction(Connection& connection) {
  connection.run("BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY");
}

std::string export_snapshot(Connection& connection) {
  return connection.run("SELECT pg_catalog.pg_export_snapshot()").string(0, 0);
}

void adopt_snapshot(Connection& connection, const std::string& snapshot) {
  begin_snapshot_transaction(connection);
  try {
    connection.run("SET TRANSACTION SNAPSHOT " + quote_literal(snapshot));
  } catch (const Error&) {
    if (connection.alive()) {
      try {
        end_snapshot_transaction(connection);
      } catch (const Error&) {
        // The first error tells more.
      }
    }
    throw;
  }
}

void end_snapshot_transaction(Connection& connection) { connection.run("ROLLBACK"); }

SourceIdentity read_identity(Connection& connection) {
  try {
    const Result result =
        connection.run(select_sql(embedded_sql(), "identity", connection.server_major()));
    const auto text = [&](std::string_view name) { return result.string(0, result.column(name)); };
    if (result.rows() != 1) throw Error(ErrorKind::internal, "the server does not say who it is");
    SourceIdentity identity;
    identity.system_identifier = text("system_identifier");
    identity.timeline = result.oid(0, result.column("timeline"));
    identity.database = text("database");
    identity.database_oid = result.oid(0, result.column("database_oid"));
    identity.server_version = connection.server_version();
    identity.server_version_text = text("server_version_text");
    identity.snapshot = text("snapshot");
    identity.wal_position = text("wal_position");
    identity.server_clock = text("server_clock");
    identity.in_recovery = result.boolean(0, result.column("in_recovery"));
    identity.postmaster_start = text("postmaster_start");
    identity.server_address = text("server_address");
    identity.data_directory = text("data_directory");
    return identity;
  } catch (Error& error) {
    if (!error.sqlstate_is("42501")) throw;
    const std::string role = quote_identifier(connection.user());
    throw Error(ErrorKind::not_permitted, "the role may not ask the server who it is")
        .object(connection.user())
        .cause(error.what_happened())
        .next(
            "GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system(), "
            "pg_catalog.pg_control_checkpoint(), pg_catalog.pg_control_recovery() TO " +
            role)
        .sqlstate(error.sqlstate());
  }
}

}  // namespace belay::pg
