// The process as the operating system sees it: signals, environment, terminal.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "libcore/base/cancellation.h"
#include "libcore/base/file_system.h"

namespace belay::tools {

// Make one, first in main(): threads inherit the signal mask. SIGINT, SIGTERM and SIGHUP (unless it
// is ignored, as under nohup) request cancellation; another one, a second or more later, ends the
// process at once. SIGPIPE becomes an error of write().
class Process {
 public:
  Process();
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  Cancellation& cancellation() { return cancellation_; }

  static std::optional<std::string> variable(const char* name);
  // The standard input; reading it throws Error{cancelled} on a signal even while nothing comes.
  // `cancellation` must outlive it.
  static std::unique_ptr<ByteSource> input(const Cancellation& cancellation);
  // The same for what is no regular file. A fifo that nobody writes is waited for.
  static std::unique_ptr<ByteSource> input_from(const Path& path, const Cancellation& cancellation);
  static bool stdout_is_terminal();
  static bool stdin_is_terminal();
  static bool stderr_is_terminal();
  // Reads a line from the controlling terminal without showing it. Nothing if there is none;
  // Error{cancelled} on a signal.
  static std::optional<std::string> ask_password(const std::string& prompt,
                                                 const Cancellation& cancellation);

 private:
  void wait_for_signals();

  Cancellation cancellation_;
  std::atomic<bool> ending_{false};
  std::thread signals_;
};

}  // namespace belay::tools
