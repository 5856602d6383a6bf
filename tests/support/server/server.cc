#include "tests/support/server.h"

#include <cstdio>

#include "libcore/base/digest.h"
#include "libcore/base/name.h"

namespace belay::testing {

pg::ConnectTarget test_target(std::string_view database) {
  pg::ConnectTarget target;
  target.set("dbname", database);
  return target;
}

pg::Connection connect_to(std::string_view database, pg::SessionKind kind,
                          Cancellation* cancellation) {
  pg::ConnectOptions options;
  options.kind = kind;
  options.application_name = "belay test";
  options.cancellation = cancellation;
  return pg::Connection::connect(test_target(database), options);
}

std::string unique_name(std::string_view prefix) {
  return std::string(prefix.substr(0, 23)) + "_" + random_hex(8);
}

ScratchDatabase::ScratchDatabase(std::string_view options) : name_(unique_name()) {
  std::string sql = "CREATE DATABASE " + quote_identifier(name_) + " TEMPLATE template0";
  if (!options.empty()) sql.append(" ").append(options);
  connect_to("postgres").run(sql);
}

ScratchDatabase::~ScratchDatabase() {
  try {
    connect_to("postgres").run("DROP DATABASE " + quote_identifier(name_) + " WITH (FORCE)");
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot drop %s: %s\n", name_.c_str(), error.what());
  }
}

ScratchRole::ScratchRole(std::string_view options) : name_(unique_name()) {
  connect_to("postgres")
      .run("CREATE ROLE " + quote_identifier(name_) + " LOGIN " + std::string(options));
}

ScratchRole::~ScratchRole() {
  try {
    connect_to("postgres").run("DROP ROLE " + quote_identifier(name_));
  } catch (const std::exception& error) {
    std::fprintf(stderr, "cannot drop role %s: %s\n", name_.c_str(), error.what());
  }
}

}  // namespace belay::testing
