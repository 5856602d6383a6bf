// Databases that belay makes beside those of its users: how they are named, how they are told from
// a user's, and their life.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"
#include "libcore/pg/advisory_lock.h"
#include "libcore/pg/connection.h"

namespace belay::restore {

// NAME__belay_PURPOSE_ID, with NAME cut so that the whole fits into PostgreSQL's 63 bytes.
std::string made_name(std::string_view base, std::string_view purpose, std::string_view id);
// The purpose in such a name; empty if it is not one.
std::string_view purpose_in(std::string_view name);

// The connection limit of an unfinished one. CREATE DATABASE itself sets it, so there is no moment
// in which a killed belay leaves a database that bears no mark.
inline constexpr std::int32_t kUnfinishedLimit = 0x62656C61;

// What the comment on such a database says. It names its OID, so that a comment which was copied
// with a dump says nothing about the copy.
struct MadeMark {
  std::string purpose;  // "drill", "loading", "sealed", "failed", "undone"
  std::uint32_t oid = 0;
  std::string of;                 // "archive ID" or "run RUN"
  std::optional<Moment> expires;  // of a sealed copy, by the server's clock
};
std::string to_comment(const MadeMark& mark);
std::optional<MadeMark> mark_of(std::string_view comment);

// The lock of whoever works with a database of that name, in the maintenance database. Nobody else
// drops it meanwhile. Error{lock_timeout} if another works with it.
std::int32_t key_of_made(std::string_view name);
pg::AdvisoryLock lock_made(pg::Connection& admin, std::string_view name, Environment& environment);

Moment server_time(pg::Connection& admin);
// OID of a database by name; 0 if there is none.
std::uint32_t database_oid(pg::Connection& admin, std::string_view name);
bool database_exists(pg::Connection& admin, std::string_view name);

inline constexpr std::string_view kNothingLeft = "nothing was left behind";

// A database that goes away unless it is published, also after a cancellation.
class MadeDatabase {
 public:
  // `admin` is a session in the maintenance database and must outlive it. `purpose`: "loading",
  // "drill".
  MadeDatabase(pg::Connection& admin, const pg::ConnectTarget& server, std::string_view base,
               std::string_view purpose, const archive::Header& header, Environment& environment);
  ~MadeDatabase();
  MadeDatabase(const MadeDatabase&) = delete;
  MadeDatabase& operator=(const MadeDatabase&) = delete;

  const std::string& name() const { return name_; }
  const std::string& id() const { return id_; }
  std::uint32_t oid() const { return mark_.oid; }
  pg::ConnectTarget target() const { return server_.with_database(name_); }

  // May fail as any statement does; what then became of it, discard() says.
  void create(const archive::DatabaseProperties& properties, const std::string& tablespace);
  // Renames it and runs `statements` in the same transaction; from then on it stays. They must set
  // the connection limit.
  void publish(const std::string& final_name, const std::vector<std::string>& statements);
  // Drops it now. Says in words what became of it: kNothingLeft, or its name and why.
  std::string discard() noexcept;

 private:
  pg::Connection& admin_;
  const pg::ConnectTarget server_;
  Environment& environment_;
  const std::string id_, name_;
  MadeMark mark_;
  const pg::AdvisoryLock lock_;
  bool exists_ = false;
};

// A drilled database that nobody can connect to, kept for a rollback.
struct SealedCopy {
  std::string system_identifier;  // of the server where it is
  std::string name;
  std::uint32_t oid = 0;
  // xmin of its row in pg_database: any ALTER DATABASE since, such as one that lets somebody
  // connect for a while, has made another.
  std::string row_version;
  Moment expires{};
};
// Gathers its statistics with `analyze_sql` (empty: it has them) and publishes it as a sealed copy.
SealedCopy seal(MadeDatabase& scratch, pg::Connection& admin, const archive::Header& header,
                std::chrono::milliseconds keep, const std::string& analyze_sql,
                Environment& environment);
// True if it is there and still what was compared: nobody has been able to connect since.
bool still_sealed(pg::Connection& admin, const SealedCopy& copy);
// True if the role of `admin` has the rights of its owner, without which nobody renames it.
bool owns_database(pg::Connection& admin, std::uint32_t oid);

}  // namespace belay::restore
