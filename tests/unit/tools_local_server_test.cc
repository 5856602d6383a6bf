// A private server for the drill that cannot be: told before anything was made.
#include "tests/support/catch.h"
#include "tests/support/fake_clock.h"
#include "tests/support/memory_file_system.h"

#include "libcore/archive/reader.h"
#include "libcore/base/child_process.h"
#include "libcore/base/error.h"
#include "tools/local_server.h"

namespace {

using namespace belay;
using namespace belay::testing;
using tools::LocalServer;

class Silent : public Progress {
 public:
  void stage(std::string_view, std::uint64_t, std::uint64_t) override {}
  void advance(std::string_view, std::uint64_t, std::uint64_t) override {}
  void warning(std::string_view) override {}
};

// Every program says that version of itself, and ends.
class Programs : public ChildProcesses {
 public:
  explicit Programs(std::string version) : version_(std::move(version)) {}

  std::unique_ptr<Child> start(const ChildCommand& command) override {
    started.push_back(command.argv.front());
    return std::make_unique<Ended>(version_);
  }
  std::vector<std::string> started;

 private:
  class Ended : public Child {
   public:
    explicit Ended(std::string output) : output_(std::move(output)) {}
    int pid() const override { return 1; }
    std::optional<ChildExit> wait(std::chrono::milliseconds) override { return ChildExit{}; }
    void signal(int) override {}
    Captured captured_out() const override { return {output_, true}; }
    Captured captured_err() const override { return {}; }

   private:
    std::string output_;
  };
  const std::string version_;
};

constexpr const char* kInitdb = "/usr/lib/postgresql/15/bin/initdb";

// What a private server for a golden archive, of a server 15, is refused with.
Error refusal(MemoryFileSystem& files, Programs& programs) {
  const Path golden = Path(BELAY_SOURCE_DIR) / "tests/golden/v0.3/mixed.belay";
  const auto file = real_file_system().open_random(golden);
  const archive::ArchiveFile archive(*file);
  FakeClock clock;
  Silent silent;
  Cancellation cancellation;
  Environment environment{files, clock, silent, cancellation};
  try {
    const LocalServer server(archive, file->size(), programs, environment);
  } catch (const Error& error) {
    return error;
  }
  FAIL("it was made");
  std::abort();
}

TEST_CASE("a private server without the programs of that major") {
  MemoryFileSystem files;
  Programs programs("postgres (PostgreSQL) 14.9\n");
  const Error none = refusal(files, programs);
  CHECK(none.kind() == ErrorKind::could_not_run);
  CHECK(std::string(none.what()).find("major 15 are needed") != std::string::npos);
  CHECK(none.next().find("install postgresql-15") != std::string::npos);
  CHECK(programs.started.empty());
  // Of another major than their directory's name says.
  files.put(kInitdb, "");
  CHECK(refusal(files, programs).kind() == ErrorKind::could_not_run);
  CHECK(programs.started == std::vector<std::string>{"/usr/lib/postgresql/15/bin/postgres"});
}

TEST_CASE("too little room for a private server") {
  MemoryFileSystem files;
  files.put(kInitdb, "");
  files.set_capacity(60u << 20);
  Programs programs("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)\n");
  const Error error = refusal(files, programs);
  CHECK(error.kind() == ErrorKind::could_not_run);
  CHECK(std::string(error.what()).find("not enough space") != std::string::npos);
  CHECK(error.next().find("TMPDIR") != std::string::npos);
  CHECK(programs.started.size() == 1);  // asked for its version, and nothing was made
}

}  // namespace
