// The schemas of tests/fixtures/schema, and PostgreSQL's own programs as judges.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "libcore/base/child_process.h"
#include "tests/support/catch.h"
#include "tests/support/server.h"

namespace belay::testing {

struct Fixture {
  std::string name, sql;
  int min_server = 0;
  std::string encoding = "UTF8";

  std::string options() const { return "ENCODING '" + encoding + "' LOCALE 'C'"; }
};

inline std::string first_line_value(const std::string& text, const std::string& key) {
  const std::string first = text.substr(0, text.find('\n'));
  const std::string start = "-- " + key + ": ";
  return first.starts_with(start) ? first.substr(start.size()) : std::string();
}

inline std::vector<Fixture> fixtures() {
  std::vector<Fixture> result;
  for (const auto& file :
       std::filesystem::directory_iterator(BELAY_SOURCE_DIR "/tests/fixtures/schema")) {
    std::ifstream stream(file.path());
    std::ostringstream text;
    text << stream.rdbuf();
    Fixture fixture;
    fixture.name = file.path().stem();
    fixture.sql = text.str();
    if (const auto value = first_line_value(fixture.sql, "min-server"); !value.empty()) {
      fixture.min_server = std::stoi(value);
    }
    if (const auto value = first_line_value(fixture.sql, "encoding"); !value.empty()) {
      fixture.encoding = value;
    }
    result.push_back(std::move(fixture));
  }
  std::sort(result.begin(), result.end(),
            [](const auto& a, const auto& b) { return a.name < b.name; });
  return result;
}

inline std::string bindir() {
  const char* directory = std::getenv("PG_BINDIR");
  return directory ? std::string(directory) + '/' : std::string();
}

inline std::string run_program(std::vector<std::string> argv, const std::string& database) {
  ChildCommand command;
  command.argv = std::move(argv);
  command.environment["PGDATABASE"] = database;
  command.environment["PGCLIENTENCODING"] = "UTF8";
  command.out.to = command.err.to = ChildOutput::To::captured;
  command.out.limit = command.err.limit = 64 << 20;
  const std::unique_ptr<Child> child = real_child_processes().start(command);
  Cancellation cancellation;
  const ChildEnd end = wait_or_stop(*child, cancellation, std::chrono::seconds(120));
  INFO(child->captured_err().bytes);
  REQUIRE(end.exit.success());
  return child->captured_out().bytes;
}

inline int pg_dump_major() {
  static const int major = [] {
    const std::string text = run_program({bindir() + "pg_dump", "--version"}, "postgres");
    return std::atoi(text.c_str() + text.find_first_of("0123456789"));
  }();
  return major;
}

// As pg_dump writes it.
inline std::string dumped_schema(const std::string& database) {
  return run_program({bindir() + "pg_dump", "--schema-only", "--restrict-key=x"}, database);
}

inline void run_script(const std::string& sql, const ScratchDatabase& database) {
  const std::filesystem::path file =
      std::filesystem::temp_directory_path() / (database.name() + ".sql");
  std::ofstream(file) << sql;
  run_program({bindir() + "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", file},
              database.name());
  std::filesystem::remove(file);
}

}  // namespace belay::testing
