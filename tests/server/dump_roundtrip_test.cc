// Every schema of tests/fixtures/schema, copied by its statements alone, is the same schema: for
// belay's fingerprint and script, and for pg_dump.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>

#include "libcore/base/child_process.h"
#include "libcore/base/progress.h"
#include "libcore/catalog/canonical.h"
#include "libcore/catalog/order.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/snapshot.h"
#include "libdump/ddl.h"
#include "tests/server/schema_fixtures.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

namespace {

using namespace belay;
using archive::Entry;
using archive::Section;
using namespace belay::testing;

struct Schema {
  catalog::Catalog catalog;
  std::vector<Entry> entries;
  archive::DatabaseProperties properties;
  std::string script;
};

Schema read(const ScratchDatabase& database) {
  pg::Connection connection = database.connect(pg::SessionKind::catalog);
  SilentProgress progress;
  Schema schema;
  schema.catalog = catalog::read_catalog(connection, {}, progress);
  pg::end_snapshot_transaction(connection);
  std::string unsupported;
  for (const catalog::Unsupported& object : schema.catalog.unsupported) {
    unsupported += object.kind + ' ' + object.identity + ": " + object.detail + '\n';
  }
  REQUIRE(unsupported == "");
  schema.entries = dump::render_entries(schema.catalog, catalog::order_objects(schema.catalog));
  schema.properties = dump::render_database(schema.catalog);
  schema.script = dump::render_script(schema.properties, schema.entries);
  return schema;
}

// The entries of a section in their order, or in the one that differs most from it and still keeps
// every dependency: what depends on nothing that is missing, highest number first.
std::vector<const Entry*> in_order(const Schema& schema, Section section, bool scrambled) {
  std::vector<const Entry*> waiting, result;
  std::set<int> missing;
  for (const Entry& entry : schema.entries) {
    if (entry.section != section || entry.last) continue;
    waiting.push_back(&entry);
    missing.insert(entry.number);
  }
  if (!scrambled) return waiting;
  while (!waiting.empty()) {
    const auto next = std::find_if(waiting.rbegin(), waiting.rend(), [&](const Entry* entry) {
      return std::none_of(entry->depends_on.begin(), entry->depends_on.end(),
                          [&](int number) { return missing.count(number) != 0; });
    });
    REQUIRE(next != waiting.rend());
    result.push_back(*next);
    missing.erase((*next)->number);
    waiting.erase(std::next(next).base());
  }
  return result;
}

// As a restore does it: objects, then privileges, then what comes last.
void create(const Schema& schema, const ScratchDatabase& database, bool scrambled = false) {
  pg::Connection connection = database.connect(pg::SessionKind::load);
  const auto run = [&](const std::string& sql, const std::string& role = {}) {
    INFO(sql);
    try {
      if (!role.empty()) connection.run("SET SESSION AUTHORIZATION " + quote_identifier(role));
      connection.run(sql);
      if (!role.empty()) connection.run("RESET SESSION AUTHORIZATION");
    } catch (const Error& error) {
      FAIL(error.what());
    }
  };
  const auto run_all = [&](const std::vector<std::string>& statements) {
    for (const std::string& sql : statements) run(sql);
  };
  for (const Section section : {Section::pre_data, Section::data, Section::post_data}) {
    for (const Entry* entry : in_order(schema, section, scrambled)) {
      run("SET default_tablespace = " + quote_literal(entry->tablespace));
      run_all(entry->create);
      run_all(entry->set_owner);
      run_all(entry->comment);
      run_all(entry->label);
    }
  }
  for (const Entry& entry : schema.entries) {
    for (std::size_t i = 0; i < entry.acl.size(); ++i) {
      run(entry.acl[i], entry.acl_run_as.empty() ? std::string() : entry.acl_run_as[i]);
    }
  }
  for (const Entry& entry : schema.entries) {
    if (!entry.last) continue;
    for (const std::string& sql : entry.create) run(sql, entry.run_as);
    run_all(entry.set_owner);
    run_all(entry.comment);
    run_all(entry.label);
  }
}

// The lines around the first difference, so that a failure can be read.
std::string first_difference(const std::string& a, const std::string& b) {
  if (a == b) return "";
  std::istringstream left(a), right(b);
  std::string from, to, before;
  while (true) {
    const bool more_left = static_cast<bool>(std::getline(left, from));
    const bool more_right = static_cast<bool>(std::getline(right, to));
    if (!more_left && !more_right) return "bytes";
    if (!more_left) from = "(end)";
    if (!more_right) to = "(end)";
    if (from != to) return "after: " + before + "\n  original: " + from + "\n  copy: " + to;
    before = from;
  }
}

std::string differences(const Schema& a, const Schema& b) {
  std::string text;
  for (const catalog::Difference& difference : catalog::diff(
           catalog::canonical_objects(a.catalog), catalog::canonical_objects(b.catalog))) {
    text += difference.kind + ' ' + difference.identity + ": " + difference.before + " -> " +
            difference.after + '\n';
  }
  return text;
}

bool runs_here(const Fixture& fixture, int server_major) {
  if (fixture.min_server <= server_major) return true;
  WARN(fixture.name << " needs a server of version " << fixture.min_server);
  return false;
}

}  // namespace

TEST_CASE("a copy made from the statements is the same schema") {
  const int server_major = belay::testing::connect_to("postgres").server_major();
  const bool with_pg_dump = pg_dump_major() >= server_major;
  for (const Fixture& fixture : fixtures()) {
    DYNAMIC_SECTION(fixture.name) {
      if (!runs_here(fixture, server_major)) continue;
      ScratchDatabase original(fixture.options()), copy(fixture.options());
      run_script(fixture.sql, original);
      const Schema schema = read(original);
      create(schema, copy);
      const Schema copied = read(copy);
      CHECK(differences(schema, copied) == "");
      CHECK(first_difference(schema.script, copied.script) == "");
      CHECK(catalog::fingerprint(schema.catalog).hex() ==
            catalog::fingerprint(copied.catalog).hex());
      if (with_pg_dump) {
        CHECK(first_difference(dumped_schema(original.name()), dumped_schema(copy.name())) == "");
      } else {
        WARN("pg_dump " << pg_dump_major() << " cannot read this server: compared by belay alone");
      }
    }
  }
}

// A restore with several connections keeps the dependencies, not the order.
TEST_CASE("the dependencies alone are enough to make a copy") {
  const int server_major = belay::testing::connect_to("postgres").server_major();
  for (const Fixture& fixture : fixtures()) {
    DYNAMIC_SECTION(fixture.name) {
      if (!runs_here(fixture, server_major)) continue;
      ScratchDatabase original(fixture.options()), copy(fixture.options());
      run_script(fixture.sql, original);
      const Schema schema = read(original);
      create(schema, copy, true);
      const Schema copied = read(copy);
      CHECK(differences(schema, copied) == "");
      // Made in another order, with other OIDs: the same text.
      CHECK(first_difference(schema.script, copied.script) == "");
    }
  }
}

TEST_CASE("the script makes the same schema through psql") {
  const int server_major = belay::testing::connect_to("postgres").server_major();
  for (const Fixture& fixture : fixtures()) {
    DYNAMIC_SECTION(fixture.name) {
      if (!runs_here(fixture, server_major)) continue;
      ScratchDatabase original(fixture.options()), copy(fixture.options());
      run_script(fixture.sql, original);
      original.connect().run("SELECT lo_unlink(oid) FROM pg_largeobject_metadata");
      const Schema schema = read(original);
      run_script(schema.script, copy);
      CHECK(differences(schema, read(copy)) == "");
    }
  }
}
