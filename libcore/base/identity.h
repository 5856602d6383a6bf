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
  // Which server it was; empty where the role may not know, or an older archive does not tell.
  std::string postmaster_start;  // as server_clock
  std::string server_address;    // of the session: "10.0.0.7:5432"; empty through a Unix socket
  std::string data_directory;

  int server_major() const { return server_version / 10000; }
  bool operator==(const SourceIdentity&) const = default;
};

// The same database, as far as identifiers tell (a clone of the volume keeps both).
inline bool same_database(const SourceIdentity& a, const SourceIdentity& b) {
  return a.system_identifier == b.system_identifier && a.database_oid == b.database_oid;
}

// What a server had counted of one database at one moment. Weaker than a snapshot: counters come up
// to ten seconds late, count what was rolled back, and begin anew after a crash.
struct Activity {
  std::uint64_t inserted = 0, updated = 0, deleted = 0;  // rows of all tables and large objects
  std::string files;      // hex SHA-256 over the files that hold tables: TRUNCATE and rewrites
  std::string sequences;  // hex SHA-256 over the states of sequences
  std::string stats_reset;

  bool operator==(const Activity&) const = default;
};

}  // namespace belay
