#include <sys/prctl.h>
#include <sys/wait.h>
#include <csignal>

#include <cstdlib>
#include <filesystem>
#include <thread>

#include "libcore/base/child_process.h"
#include "libcore/base/error.h"
#include "tests/support/catch.h"

using namespace belay;
using namespace std::chrono_literals;

namespace {

// The tests may use a shell; belay never does.
ChildCommand shell(const std::string& script) {
  ChildCommand command{{"sh", "-c", script}, {}, {}, {}, {}};
  command.out.to = ChildOutput::To::captured;
  command.err.to = ChildOutput::To::captured;
  return command;
}

ChildExit run(const ChildCommand& command, std::string* out = nullptr) {
  const auto child = real_child_processes().start(command);
  const std::optional<ChildExit> exit = child->wait(20s);
  REQUIRE(exit.has_value());
  if (out) *out = child->captured_out().bytes;
  return *exit;
}

bool exists(int pid) { return kill(pid, 0) == 0; }

template <typename Condition>
bool soon(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + 20s;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(2ms);
  }
  return true;
}

// The number that a child printed first, e.g. the process id of a grandchild.
int printed_number(const Child& child) {
  REQUIRE(soon([&] { return child.captured_out().bytes.find('\n') != std::string::npos; }));
  return std::stoi(child.captured_out().bytes);
}

}  // namespace

TEST_CASE("a child's end is told as exit status or signal") {
  CHECK(run(shell("exit 0")).success());
  CHECK(run(shell("exit 7")) == ChildExit{false, 7});
  CHECK(run(shell("kill -9 $$")) == ChildExit{true, SIGKILL});
  CHECK(ChildExit{false, 7}.text() == "exit status 7");
  CHECK(ChildExit{true, SIGKILL}.text() == "killed by signal 9 (Killed)");
}

TEST_CASE("arguments reach the program as they are") {
  ChildCommand command{{"printf", "%s|", "a b", "", "$(id)", "'\"\n"}, {}, {}, {}, {}};
  command.out.to = ChildOutput::To::captured;
  std::string out;
  CHECK(run(command, &out).success());
  CHECK(out == "a b||$(id)|'\"\n|");
}

TEST_CASE("a command that does not exist or cannot run says so") {
  for (const char* name : {"belay-no-such-program", "/nonexistent/x", "/dev/null", ""}) {
    CAPTURE(name);
    try {
      real_child_processes().start({{name}, {}, {}, {}, {}});
      FAIL("it started");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::preflight);
      CHECK(error.object() == name);
    }
  }
  CHECK(soon([] { return waitid(P_ALL, 0, nullptr, WEXITED | WNOHANG | WNOWAIT) < 0; }));
  CHECK(run(shell("exit 3")).number == 3);
}

TEST_CASE("what is there and may not be executed is not told as not found") {
  for (const char* name : {"/etc/passwd", "passwd"}) {
    CAPTURE(name);
    try {
      real_child_processes().start({{name}, {{"PATH", "/nonexistent:/etc"}}, {}, {}, {}});
      FAIL("it started");
    } catch (const Error& error) {
      CHECK(error.kind() == ErrorKind::preflight);
      CHECK(error.what_happened() == "the command is not executable");
      CHECK(error.object() == "/etc/passwd");
    }
  }
}

TEST_CASE("environment, directory and PATH are the child's own") {
  setenv("BELAY_TEST_INHERITED", "inherited", 1);
  setenv("BELAY_TEST_REMOVED", "here", 1);
  ChildCommand command =
      shell("echo $BELAY_TEST_INHERITED ${BELAY_TEST_REMOVED-unset} $BELAY_TEST_SET; pwd");
  command.environment["BELAY_TEST_REMOVED"] = std::nullopt;
  command.environment["BELAY_TEST_SET"] = "set";
  command.directory = "/usr";
  std::string out;
  CHECK(run(command, &out).success());
  CHECK(out == "inherited unset set\n/usr\n");

  ChildCommand lost{{"sh"}, {{"PATH", "/nonexistent"}}, {}, {}, {}};
  CHECK_THROWS_AS(real_child_processes().start(lost), Error);
}

TEST_CASE("a child gets an empty input, default signals and no stray descriptors") {
  std::string name = std::filesystem::temp_directory_path() / "belay-test.XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const auto sink = real_file_system().create(Path(name) / "private");
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &blocked, &before);
  std::string out;
  // Without a shell, which would mend its signals itself.
  ChildCommand grep{{"grep", "^Sig[BI]", "/proc/self/status", "-"}, {}, {}, {}, {}};
  grep.out.to = ChildOutput::To::captured;
  run(grep, &out);
  CHECK(out ==
        "/proc/self/status:SigBlk:\t0000000000000000\n"
        "/proc/self/status:SigIgn:\t0000000000000000\n");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);

  run(shell("ls -l /proc/$$/fd"), &out);
  CHECK_THAT(out, Catch::Matchers::ContainsSubstring("/dev/null"));
  CHECK_THAT(out, !Catch::Matchers::ContainsSubstring(name));
  std::filesystem::remove_all(name);
}

TEST_CASE("of a long output the end is kept") {
  ChildCommand command = shell("seq 1 200000; echo error >&2");
  command.out.limit = 14;
  const auto child = real_child_processes().start(command);
  REQUIRE(child->wait(20s).has_value());
  CHECK(child->captured_out().bytes == "199999\n200000\n");
  CHECK_FALSE(child->captured_out().complete);
  CHECK(child->captured_err().bytes == "error\n");
  CHECK(child->captured_err().complete);
}

TEST_CASE("a short output is there in full when the end is known") {
  for (int i = 0; i < 50; ++i) {
    std::string out;
    run(shell("seq 1 10000"), &out);
    REQUIRE(out.size() == 48894);
  }
}

TEST_CASE("output goes to a file, or nowhere") {
  std::string name = std::filesystem::temp_directory_path() / "belay-test.XXXXXX";
  REQUIRE(mkdtemp(name.data()) != nullptr);
  const Path file = Path(name) / "log";
  for (int i = 0; i < 2; ++i) {
    ChildCommand command = shell("echo out; echo err >&2");
    command.out = {ChildOutput::To::file, file};
    command.err.to = ChildOutput::To::discarded;
    std::string out;
    CHECK(run(command, &out).success());
    CHECK(out.empty());
  }
  CHECK(read_file(real_file_system(), file, 100) == "out\nout\n");
  std::filesystem::remove_all(name);
}

TEST_CASE("a grandchild that keeps the output open does not keep belay waiting") {
  const auto child = real_child_processes().start(shell("sleep 600 & echo $!"));
  CHECK(child->wait(20s) == ChildExit{false, 0});
  const int grandchild = printed_number(*child);
  CHECK(exists(grandchild));
  kill(grandchild, SIGKILL);
}

TEST_CASE("signals reach the whole process group, and nobody after the end") {
  const auto child = real_child_processes().start(shell("sleep 600 & echo $!; wait"));
  const int grandchild = printed_number(*child);
  CHECK_FALSE(child->wait(1ms).has_value());
  child->signal(SIGTERM);
  CHECK(child->wait(20s) == ChildExit{true, SIGTERM});
  CHECK(soon([&] { return !exists(grandchild); }));
  child->signal(SIGKILL);
}

TEST_CASE("a forgotten child is killed") {
  int pid = 0;
  {
    const auto child = real_child_processes().start(shell("exec sleep 600"));
    pid = child->pid();
    CHECK(exists(pid));
  }
  CHECK_FALSE(exists(pid));
}

TEST_CASE("a child that takes too long is asked to stop and then killed") {
  Cancellation cancellation;
  const auto patient = real_child_processes().start(shell("exec sleep 600"));
  const ChildEnd asked = wait_or_stop(*patient, cancellation, 20ms, 20s);
  CHECK(asked.timed_out);
  CHECK_FALSE(asked.cancelled);
  CHECK(asked.exit == ChildExit{true, SIGTERM});

  const auto deaf =
      real_child_processes().start(shell("trap '' TERM; echo; while :; do sleep 1; done"));
  REQUIRE(soon([&] { return !deaf->captured_out().bytes.empty(); }));
  CHECK(wait_or_stop(*deaf, cancellation, 20ms, 50ms).exit == ChildExit{true, SIGKILL});
}

TEST_CASE("cancellation is passed on") {
  Cancellation cancellation;
  const auto child =
      real_child_processes().start(shell("trap 'exit 9' TERM; echo; while :; do sleep 0.01; done"));
  REQUIRE(soon([&] { return !child->captured_out().bytes.empty(); }));
  cancellation.request();
  const ChildEnd end = wait_or_stop(*child, cancellation, std::nullopt, 20s);
  CHECK(end.cancelled);
  CHECK(end.exit == ChildExit{false, 9});
}

TEST_CASE("many children at once end each with its own status") {
  std::vector<std::thread> threads;
  std::atomic<int> right = 0;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&right, t] {
      for (int i = 0; i < 25; ++i) {
        const int status = (t * 25 + i) % 120;
        const auto child = real_child_processes().start(shell("exit " + std::to_string(status)));
        if (child->wait(20s) == ChildExit{false, status}) ++right;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(right == 100);
}

TEST_CASE("orphans are collected, also when no child is left") {
  // As process 1 is, without being it.
  REQUIRE(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
  const auto child = real_child_processes().start(shell("sleep 0.3 & echo $!"));
  CHECK(child->wait(20s) == ChildExit{false, 0});
  const int orphan = printed_number(*child);
  // Gone entirely: a zombie still exists for kill().
  CHECK(soon([&] { return !exists(orphan); }));
  prctl(PR_SET_CHILD_SUBREAPER, 0);
}
