#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <thread>

#include "libcore/base/error.h"
#include "libcore/base/file_system.h"
#include "tests/support/catch.h"
#include "tests/support/memory_file_system.h"

using namespace belay;
using belay::testing::MemoryFileSystem;

namespace {

const Cancellation kNever;

class TemporaryDirectory {
 public:
  TemporaryDirectory() {
    std::string name = std::filesystem::temp_directory_path() / "belay-test.XXXXXX";
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path = name;
  }
  ~TemporaryDirectory() { std::filesystem::remove_all(path); }
  Path path;
};

std::string failure_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::io);
    return error.what();
  }
  return "no failure";
}

ErrorKind kind_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Error& error) {
    return error.kind();
  }
  return ErrorKind::internal;
}

mode_t mode_of(const Path& path) {
  struct stat status {};
  REQUIRE(stat(path.c_str(), &status) == 0);
  return status.st_mode & 07777;
}

// What must hold for the real one and for the fake alike.
void exercise(FileSystem& files, const Path& root) {
  const Path folder = root / "a" / "b";
  files.make_directories(folder);
  files.make_directories(folder);
  CHECK(files.status(folder).type == FileStatus::Type::directory);
  const Path file = folder / "x";
  CHECK(files.status(file).type == FileStatus::Type::none);
  CHECK(files.status(file / "below").type == FileStatus::Type::none);

  auto sink = files.create(file);
  sink->write("hello ");
  sink->write("world");
  sink->sync();
  sink->close();
  CHECK(files.status(file).type == FileStatus::Type::regular);
  CHECK(files.status(file).size == 11);
  CHECK(failure_of([&] { files.create(file); }) ==
        "cannot create: " + file.native() + ": File exists");
  CHECK(read_file(files, file, 11) == "hello world");
  CHECK_THROWS_WITH(read_file(files, file, 10), Catch::Matchers::ContainsSubstring("too large"));

  const auto reader = files.open_random(file);
  CHECK(reader->size() == 11);
  std::string buffer(20, '.');
  CHECK(reader->read_at(6, buffer.data(), 3) == 3);
  CHECK(reader->read_at(6, buffer.data(), 20) == 5);
  CHECK(buffer.starts_with("world"));
  CHECK(reader->read_at(11, buffer.data(), 1) == 0);
  CHECK(reader->read_at(500, buffer.data(), 1) == 0);

  publish_file(files, folder / "y", "one");
  publish_file(files, folder / "y", "two");
  CHECK(read_file(files, folder / "y", 100) == "two");
  CHECK(files.list(folder) == std::vector<std::string>{"x", "y"});
  CHECK(files.list(root / "a") == std::vector<std::string>{"b"});

  {
    const auto lock = files.try_lock(folder / "lock");
    CHECK(lock != nullptr);
    CHECK(files.try_lock(folder / "lock") == nullptr);
  }
  CHECK(files.try_lock(folder / "lock") != nullptr);

  files.remove(file);
  files.remove(file);
  CHECK(failure_of([&] { files.open(file); }) ==
        "cannot open: " + file.native() + ": No such file or directory");
  CHECK_THROWS_AS(files.list(root / "absent"), Error);
  CHECK_THROWS_AS(files.rename(file, folder / "z"), Error);
  CHECK(files.free_space(root) > 0);
}

}  // namespace

TEST_CASE("what goes with the next start is told") {
  const FileSystem& files = real_file_system();
  if (files.status("/dev/shm").type == FileStatus::Type::directory) {
    CHECK(files.volatile_kind("/dev/shm/not/there/yet") == "tmpfs");
  }
  CHECK(files.volatile_kind("/proc") == "");
}

TEST_CASE("real files") {
  const TemporaryDirectory directory;
  exercise(real_file_system(), directory.path);
  CHECK(mode_of(directory.path / "a") == 0700);
  CHECK(mode_of(directory.path / "a" / "b" / "y") == 0600);
}

TEST_CASE("files in memory behave as real ones do") {
  MemoryFileSystem files;
  exercise(files, "/root");
}

TEST_CASE("a full disk is reported with the file and a next step") {
  const auto sink = real_file_system().open_for_writing("/dev/full", kNever);
  try {
    sink->write("x");
    FAIL("/dev/full took a byte");
  } catch (const Error& error) {
    CHECK(std::string(error.what()) == "cannot write: /dev/full: No space left on device");
    CHECK_FALSE(error.next().empty());
  }
}

TEST_CASE("a fifo is written to but is no file to read anywhere") {
  const TemporaryDirectory directory;
  FileSystem& files = real_file_system();
  const Path fifo = directory.path / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(files.status(fifo).type == FileStatus::Type::other);
  CHECK(failure_of([&] { files.open_random(fifo); }).ends_with("not a regular file"));

  const std::string content(1 << 20, 'x');
  std::thread writer([&] {
    const auto sink = files.open_for_writing(fifo, kNever);
    sink->write(content);
    sink->sync();  // means nothing here and is no error
    sink->close();
  });
  CHECK(read_file(files, fifo, content.size()) == content);
  writer.join();
}

TEST_CASE("what a link leads to is replaced, a device or a fifo never") {
  const TemporaryDirectory directory;
  FileSystem& files = real_file_system();
  const Path link = directory.path / "link", fifo = directory.path / "fifo";
  for (const char* target : {"elsewhere", "link"}) {
    std::filesystem::create_symlink(target, link);
    if (std::string_view(target) == "link") break;
    publish_file(files, link, "one");
    publish_file(files, link, "two");
    CHECK(std::filesystem::is_symlink(link));
    CHECK(read_file(files, directory.path / target, 10) == "two");
    std::filesystem::remove(link);
  }
  CHECK(failure_of([&] { files.resolve(link); }).find("Too many levels") != std::string::npos);
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(failure_of([&] { publish_file(files, fifo, "x"); }).ends_with("not a regular file"));
  CHECK(files.status(fifo).type == FileStatus::Type::other);
}

TEST_CASE("a reader that goes away is an error, not a signal") {
  const TemporaryDirectory directory;
  const Path fifo = directory.path / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  const int reader = open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
  REQUIRE(reader >= 0);
  const auto sink = real_file_system().open_for_writing(fifo, kNever);
  close(reader);
  CHECK(failure_of([&] { sink->write("x"); }).ends_with("Broken pipe"));
}

TEST_CASE("a reader that stops reading, or never comes, is left when cancelled") {
  const TemporaryDirectory directory;
  const Path fifo = directory.path / "fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  Cancellation cancellation;
  SECTION("never comes") {
    std::thread impatient([&] { cancellation.request(); });
    CHECK(kind_of([&] { real_file_system().open_for_writing(fifo, cancellation); }) ==
          ErrorKind::cancelled);
    impatient.join();
  }
  SECTION("stops reading") {
    const int reader = open(fifo.c_str(), O_RDONLY | O_NONBLOCK);
    const auto sink = real_file_system().open_for_writing(fifo, cancellation);
    std::thread impatient([&] {
      for (int waiting = 0; waiting < fcntl(reader, F_GETPIPE_SZ);)
        ioctl(reader, FIONREAD, &waiting);
      cancellation.request();
    });
    CHECK(kind_of([&] { sink->write(std::string(1 << 20, 'x')); }) == ErrorKind::cancelled);
    impatient.join();
    close(reader);
  }
}

TEST_CASE("descriptors are not inherited by programs that are started") {
  const TemporaryDirectory directory;
  const int before = dup(0);
  close(before);  // the number that the next open gets
  const auto sink = real_file_system().create(directory.path / "x");
  CHECK((fcntl(before, F_GETFD) & FD_CLOEXEC) != 0);
  const auto lock = real_file_system().try_lock(directory.path / "lock");
  CHECK((fcntl(before + 1, F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("a lock file that was removed locks nobody") {
  const TemporaryDirectory directory;
  FileSystem& files = real_file_system();
  const auto first = files.try_lock(directory.path / "lock");
  files.remove(directory.path / "lock");
  const auto second = files.try_lock(directory.path / "lock");
  CHECK(second != nullptr);
  CHECK(files.try_lock(directory.path / "lock") == nullptr);
}

TEST_CASE("a published file is the old or the new one wherever it is interrupted") {
  using Names = MemoryFileSystem::UnsyncedNames;
  for (const Names names : {Names::lost, Names::kept}) {
    for (const auto fault : {MemoryFileSystem::Fault::once, MemoryFileSystem::Fault::forever}) {
      bool finished = false;
      for (std::uint64_t n = 1; !finished; ++n) {
        REQUIRE(n < 100);
        MemoryFileSystem files;
        files.put("/repo/x", "old");
        files.fail_at(n, fault);
        try {
          publish_file(files, "/repo/x", "new content");
          finished = true;
        } catch (const Error&) {
          // A single failure is cleaned up after; a killed process cannot.
          if (fault == MemoryFileSystem::Fault::once) CHECK(files.list("/repo").size() == 1);
        }
        files.crash(names);
        const std::string content = files.content("/repo/x");
        CAPTURE(n, content);
        CHECK((content == "old" || content == "new content"));
        if (finished) CHECK(content == "new content");
      }
    }
  }
}

TEST_CASE("the fake forgets what was not synced") {
  using Names = MemoryFileSystem::UnsyncedNames;
  for (const Names names : {Names::lost, Names::kept}) {
    MemoryFileSystem files;
    files.make_directories("/d");
    files.create("/d/x")->write("unsynced");
    files.crash(names);
    if (names == Names::lost) {
      CHECK(files.status("/d/x").type == FileStatus::Type::none);
    } else {
      CHECK(files.content("/d/x").empty());
    }
  }
}

TEST_CASE("a full fake disk keeps what fitted") {
  MemoryFileSystem files;
  files.set_capacity(5);
  const auto sink = files.create("x");
  sink->write("abc");
  CHECK(failure_of([&] { sink->write("defg"); }) == "cannot write: x: No space left on device");
  CHECK(files.content("x") == "abcde");
  CHECK(files.free_space(".") == 0);
}
