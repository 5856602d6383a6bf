// The throwaway cluster of the test run: PGHOST, PGPORT and PGUSER say where it is.
#pragma once

#include <string>
#include <string_view>

#include "libcore/pg/connection.h"

namespace belay::testing {

// The role of PGUSER, a superuser, in `database`.
pg::ConnectTarget test_target(std::string_view database = "postgres");
pg::Connection connect_to(std::string_view database, pg::SessionKind kind = pg::SessionKind::admin,
                          Cancellation* cancellation = nullptr);

// A name that no other test uses, at most 40 bytes long, of [a-z0-9_].
std::string unique_name(std::string_view prefix = "belay_test");

// An empty database of its own; dropped at the end, whoever is still connected.
class ScratchDatabase {
 public:
  // `options` as CREATE DATABASE takes them: "ENCODING 'LATIN1' LOCALE 'C'".
  explicit ScratchDatabase(std::string_view options = "");
  ~ScratchDatabase();
  ScratchDatabase(const ScratchDatabase&) = delete;
  ScratchDatabase& operator=(const ScratchDatabase&) = delete;

  const std::string& name() const { return name_; }
  pg::ConnectTarget target() const { return test_target(name_); }
  pg::Connection connect(pg::SessionKind kind = pg::SessionKind::admin,
                         Cancellation* cancellation = nullptr) const {
    return connect_to(name_, kind, cancellation);
  }

 private:
  std::string name_;
};

// A login role without rights of its own; dropped at the end (drop what it owns before).
class ScratchRole {
 public:
  explicit ScratchRole(std::string_view options = "");
  ~ScratchRole();
  ScratchRole(const ScratchRole&) = delete;
  ScratchRole& operator=(const ScratchRole&) = delete;

  const std::string& name() const { return name_; }

 private:
  std::string name_;
};

}  // namespace belay::testing
