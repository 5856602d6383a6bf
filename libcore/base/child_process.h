// Programs that belay starts, as a seam: the real ones, and fakes in tests.
#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "libcore/base/cancellation.h"
#include "libcore/base/file_system.h"

namespace belay {

// Where one output stream of a child goes.
struct ChildOutput {
  enum class To { inherited, standard_error, captured, discarded, file } to = To::inherited;
  Path file;                  // for To::file; created with mode 0600, appended to if it exists
  std::size_t limit = 65536;  // for To::captured: that many of the last bytes are kept
};

struct ChildCommand {
  // The program and its arguments; never a shell. A name without a slash is looked for in the
  // PATH that the child gets.
  std::vector<std::string> argv;
  // Set, or removed where empty; everything else is inherited.
  std::map<std::string, std::optional<std::string>> environment;
  Path directory;  // where it starts; here if empty
  ChildOutput out, err;
};

struct ChildExit {
  bool signalled = false;
  int number = 0;  // the exit status, or the signal

  bool success() const { return !signalled && number == 0; }
  std::string text() const;  // "exit status 3", "killed by signal 9 (Killed)"
  bool operator==(const ChildExit&) const = default;
};

// A program that was started, in a process group of its own, with an empty standard input. It gets
// SIGTERM if this process is killed, since nobody would judge what it does; the thread that starts
// it must outlive it.
// Thread-safe.
class Child {
 public:
  // Kills the process group if the program still runs, and waits for its end.
  virtual ~Child() = default;
  virtual int pid() const = 0;
  // Its end, or nothing if it still runs after `timeout`.
  virtual std::optional<ChildExit> wait(std::chrono::milliseconds timeout) = 0;
  // To the whole process group; nothing happens if the program has ended.
  virtual void signal(int number) = 0;

  struct Captured {
    std::string bytes;
    bool complete = true;  // false: earlier bytes were dropped
  };
  // Complete once wait() told the end: what a grandchild writes later does not count.
  virtual Captured captured_out() const = 0;
  virtual Captured captured_err() const = 0;
};

// The file that start() would execute. Throws Error{preflight} if there is none.
Path program_of(const ChildCommand& command);

class ChildProcesses {
 public:
  virtual ~ChildProcesses() = default;
  // Throws Error{preflight} if there is no such program or it cannot be started.
  virtual std::unique_ptr<Child> start(const ChildCommand& command) = 0;
};

// One thread collects every child of this process, orphans too where belay is process 1. Nothing
// else in the process may call waitpid(), system() or popen().
ChildProcesses& real_child_processes();

struct ChildEnd {
  ChildExit exit;
  bool timed_out = false;  // belay stopped it
  bool cancelled = false;  // belay was told to stop, and passed it on
  bool abandoned = false;  // the caller had no more use for it
};

// Waits for the end. On cancellation or after `timeout` the process group gets SIGTERM, and
// SIGKILL if the program still runs `grace` later. `meanwhile` runs about every 50 ms until then;
// false stops the program in the same way, and is told as `abandoned`.
ChildEnd wait_or_stop(Child& child, const Cancellation& cancellation,
                      std::optional<std::chrono::milliseconds> timeout,
                      std::chrono::milliseconds grace = std::chrono::seconds(10),
                      const std::function<bool()>& meanwhile = {});

}  // namespace belay
