// Backups into memory, and restores out of it.
#pragma once

#include <algorithm>
#include <cstring>
#include <string>

#include "libcore/base/environment.h"
#include "libcore/base/error.h"
#include "libdump/dump.h"
#include "librestore/drill.h"
#include "librestore/restore.h"
#include "tests/support/server.h"

namespace belay::test {

class MemorySink : public ByteSink {
 public:
  void write(std::string_view more) override { bytes += more; }
  void sync() override {}
  void close() override {}

  std::string bytes;
};

// Gives bytes as a pipe does: in pieces, and ends where it was cut.
class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string bytes) : bytes_(std::move(bytes)) {}
  std::size_t read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min({size, bytes_.size() - at_, std::size_t{65536}});
    std::memcpy(buffer, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  std::string bytes_;
  std::size_t at_ = 0;
};

class MemoryFile : public RandomAccessFile {
 public:
  explicit MemoryFile(std::string bytes) : bytes_(std::move(bytes)) {}
  std::uint64_t size() const override { return bytes_.size(); }
  std::size_t read_at(std::uint64_t offset, char* buffer, std::size_t length) const override {
    if (offset >= bytes_.size()) return 0;
    return bytes_.copy(buffer, length, offset);
  }

 private:
  std::string bytes_;
};

// A world of its own for one run.
struct World {
  SilentProgress progress;
  Cancellation cancellation;
  Environment environment{real_file_system(), system_clock(), progress, cancellation};
};

inline std::string back_up(const pg::ConnectTarget& source, dump::Options options = {}) {
  World world;
  MemorySink sink;
  options.created_by = "belay test";
  dump::dump(source, options, sink, world.environment);
  return sink.bytes;
}

// Databases of the cluster whose names begin with `prefix`; after a failed restore there is none.
inline std::vector<std::string> databases_like(const std::string& prefix) {
  pg::Connection admin = testing::connect_to("postgres");
  const pg::Result found = admin.query(
      "SELECT datname FROM pg_catalog.pg_database WHERE pg_catalog.starts_with(datname, $1) "
      "ORDER BY 1",
      {prefix});
  std::vector<std::string> names;
  for (int row = 0; row < found.rows(); ++row) names.push_back(found.string(row, 0));
  return names;
}

// A name for a database that a test restores; it is dropped at the end.
class RestoredDatabase {
 public:
  RestoredDatabase() : name_(testing::unique_name("belay_restored")) {}
  ~RestoredDatabase() {
    try {
      pg::Connection admin = testing::connect_to("postgres");
      for (const std::string& name : databases_like(name_)) restore::drop_database(admin, name);
    } catch (const std::exception&) {  // what is left is thrown away with the cluster
    }
  }
  RestoredDatabase(const RestoredDatabase&) = delete;
  RestoredDatabase& operator=(const RestoredDatabase&) = delete;

  const std::string& name() const { return name_; }
  pg::ConnectTarget target() const { return testing::test_target(name_); }

 private:
  std::string name_;
};

// The error that `work` ends with; fails the test if it does not.
template <typename Work>
Error error_of(const Work& work) {
  try {
    work();
  } catch (const Error& error) {
    return error;
  }
  throw std::runtime_error("no error was thrown");
}

}  // namespace belay::test
