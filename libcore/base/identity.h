// Who a database is. Value types only: pg and catalog produce them, archive stores them, the gate
// compares them.
#pragma once

#include <cstdint>
#include <string>

namespace belay {

// A database at one moment, as the server tells it.
struct SourceIdentity {
  std::string system_identifier;  // pg_control_system(); decimal text of an unsigned 64 bit number
  std::uint32_t timeline = 0;
  std::string database;
  std::uint32_t database_oid = 0;
  int server_version = 0;  // server_version_num, e.g. 150018
  std::string server_version_text;
  std::string snapshot;      // pg_current_snapshot() inside the exported snapshot
  std::string wal_position;  // pg_current_wal_insert_lsn(), or the replay position of a standby
  std::string server_clock;  // clock_timestamp() in UTC, ISO 8601 with microseconds
  std::string environment;   // --env label; empty if none
  bool in_recovery = false;

  int server_major() const { return server_version / 10000; }
  bool operator==(const SourceIdentity&) const = default;
};

// The same database, as far as identifiers tell (a clone of the volume keeps both).
inline bool same_database(const SourceIdentity& a, const SourceIdentity& b) {
  return a.system_identifier == b.system_identifier && a.database_oid == b.database_oid;
}

}  // namespace belay
