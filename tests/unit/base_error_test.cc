#include <set>

#include "libcore/base/error.h"
#include "tests/support/catch.h"

using belay::Error;
using belay::ErrorKind;
using belay::printable;

TEST_CASE("exit statuses are the documented ones") {
  const auto status = [](ErrorKind kind) { return belay::describe(kind).exit_status; };
  CHECK(status(ErrorKind::internal) == 1);
  CHECK(status(ErrorKind::usage) == 2);
  CHECK(status(ErrorKind::unreachable) == 3);
  CHECK(status(ErrorKind::not_permitted) == 3);
  CHECK(status(ErrorKind::damaged) == 4);
  CHECK(status(ErrorKind::mismatch) == 4);
  CHECK(status(ErrorKind::could_not_run) == 5);
  CHECK(status(ErrorKind::stale) == 6);
  CHECK(status(ErrorKind::busy) == 7);
  CHECK(status(ErrorKind::target_exists) == 8);
  CHECK(status(ErrorKind::restore_failed) == 8);
  CHECK(status(ErrorKind::backup_failed) == 10);
  CHECK(status(ErrorKind::no_fresh_backup) == 11);
  CHECK(status(ErrorKind::unusable_backup) == 12);
  CHECK(status(ErrorKind::other_database) == 13);
  CHECK(status(ErrorKind::drift) == 14);
  CHECK(status(ErrorKind::ahead) == 15);
  CHECK(status(ErrorKind::several_heads) == 16);
  CHECK(status(ErrorKind::preflight) == 17);
  CHECK(status(ErrorKind::held) == 18);
  CHECK(status(ErrorKind::lock_timeout) == 20);
  CHECK(status(ErrorKind::lock_lost) == 21);
  CHECK(status(ErrorKind::migration_failed_unchanged) == 30);
  CHECK(status(ErrorKind::migration_failed_changed) == 31);
  CHECK(status(ErrorKind::migration_not_reached) == 32);
  CHECK(status(ErrorKind::verify_command_failed) == 33);
  CHECK(status(ErrorKind::timed_out) == 34);
  CHECK(status(ErrorKind::rolled_back) == 40);
  CHECK(status(ErrorKind::rollback_failed) == 41);
  CHECK(status(ErrorKind::sql) == 1);
  CHECK(status(ErrorKind::io) == 1);
  CHECK(status(ErrorKind::cancelled) == 1);
}

TEST_CASE("every kind of error has its own name and a meaning") {
  std::set<std::string_view> names;
  for (const belay::ErrorKindRow& row : belay::error_kinds()) {
    CHECK(names.insert(row.name).second);
    CHECK_FALSE(row.meaning.empty());
    CHECK(&belay::describe(row.kind) == &row);
  }
}

TEST_CASE("an error is one line whatever the names in it hold") {
  Error error(ErrorKind::sql, "cannot read table");
  CHECK(std::string(error.what()) == "cannot read table");
  error.object("pub\nlic.\"x\"")
      .cause("no\x1b[2Jpermission")
      .next("GRANT SELECT")
      .sqlstate("42501");
  CHECK(std::string(error.what()) == R"(cannot read table: pub\nlic."x": no\x1B[2Jpermission)");
  CHECK(error.next() == "GRANT SELECT");
  CHECK(error.sqlstate_is("42"));
  CHECK_FALSE(error.sqlstate_is("53"));

  error.as(ErrorKind::backup_failed);
  CHECK(error.exit_status() == 10);
  CHECK(error.sqlstate() == "42501");
  CHECK(error.object() == R"(pub\nlic."x")");
}

TEST_CASE("an error without object goes straight to its cause") {
  CHECK(std::string(Error(ErrorKind::io, "a").cause("c").what()) == "a: c");
}

TEST_CASE("printable keeps UTF-8 and shows everything else") {
  CHECK(printable("Grüße 🎸 日本") == "Grüße 🎸 日本");
  CHECK(printable("a\tb\nc\rd\x7f") == R"(a\tb\nc\x0Dd\x7F)");
  CHECK(printable(std::string_view("\0", 1)) == R"(\x00)");
  CHECK(printable("\xe4") == R"(\xE4)");                          // LATIN1
  CHECK(printable("\xc0\xaf") == R"(\xC0\xAF)");                  // overlong
  CHECK(printable("\xed\xa0\x80") == R"(\xED\xA0\x80)");          // surrogate
  CHECK(printable("\xf4\x90\x80\x80") == R"(\xF4\x90\x80\x80)");  // above U+10FFFF
  CHECK(printable("\xe2\x82") == R"(\xE2\x82)");                  // cut
  CHECK(printable("\xc2\x9b") == R"(\xC2\x9B)");                  // C1 control
  CHECK(printable("\xe2\x80\xae") == R"(\xE2\x80\xAE)");          // right-to-left override
}
