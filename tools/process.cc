#include "tools/process.h"

#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>

#include "libcore/base/error.h"

namespace belay::tools {
namespace {

// nohup(1) starts a program with the hangup ignored, and so it must stay.
bool hangup_is_ignored() {
  struct sigaction action {};
  return ::sigaction(SIGHUP, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

// SIGUSR2 wakes our own thread when the process ends.
sigset_t awaited_signals() {
  sigset_t set;
  sigemptyset(&set);
  for (const int number : {SIGINT, SIGTERM, SIGUSR2}) sigaddset(&set, number);
  if (!hangup_is_ignored()) sigaddset(&set, SIGHUP);
  return set;
}

// timeout(1) signals its child and then its group, a supervisor may do the same: what comes that
// soon after the first signal is its echo, not somebody's impatience.
constexpr std::chrono::seconds kEcho{1};

// Waits with an ear for cancellation: a read from a pipe that nobody fills would not end.
class CancellableInput : public ByteSource {
 public:
  explicit CancellableInput(const Cancellation& cancellation)
      : cancellation_(cancellation), input_(standard_input()) {}

  std::size_t read(char* buffer, std::size_t size) override {
    pollfd ready{STDIN_FILENO, POLLIN, 0};
    do cancellation_.check();
    while (::poll(&ready, 1, 100) == 0);
    return input_->read(buffer, size);
  }

 private:
  const Cancellation& cancellation_;
  std::unique_ptr<ByteSource> input_;
};

class CancellableFifo : public ByteSource {
 public:
  CancellableFifo(const Path& path, const Cancellation& cancellation)
      : path_(path),
        cancellation_(cancellation),
        fd_(::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)) {
    if (fd_ < 0) fail("cannot open");
  }
  ~CancellableFifo() override {
    if (fd_ >= 0) ::close(fd_);
  }
  CancellableFifo(const CancellableFifo&) = delete;
  CancellableFifo& operator=(const CancellableFifo&) = delete;

  std::size_t read(char* buffer, std::size_t size) override {
    while (true) {
      cancellation_.check();
      pollfd ready{fd_, POLLIN, 0};  // without a writer it neither has data nor has it ended
      if (::poll(&ready, 1, 100) <= 0) continue;
      const ssize_t got = ::read(fd_, buffer, size);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR && errno != EAGAIN) fail("cannot read");
    }
  }

 private:
  [[noreturn]] void fail(std::string_view what) const {
    throw Error(ErrorKind::io, std::string(what))
        .object(path_.native())
        .cause(std::generic_category().message(errno));
  }

  const Path path_;
  const Cancellation& cancellation_;
  const int fd_;
};

// The terminal with echo off, until destroyed.
class SilentTerminal {
 public:
  explicit SilentTerminal(int fd) : fd_(fd), changed_(::tcgetattr(fd, &before_) == 0) {
    if (!changed_) return;
    termios silent = before_;
    silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &silent);
  }
  ~SilentTerminal() {
    if (changed_) ::tcsetattr(fd_, TCSAFLUSH, &before_);
  }
  SilentTerminal(const SilentTerminal&) = delete;
  SilentTerminal& operator=(const SilentTerminal&) = delete;

 private:
  int fd_;
  termios before_{};
  bool changed_;
};

// A number that is free is what the next socket or file gets: archives must not be written to a
// server because somebody closed the standard output.
void occupy_standard_descriptors() {
  for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; ++fd) {
    if (::fcntl(fd, F_GETFD) >= 0 || errno != EBADF) continue;
    // Opened so that it cannot be used.
    static_cast<void>(::open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY));
  }
}

}  // namespace

Process::Process() {
  occupy_standard_descriptors();
  ::signal(SIGPIPE, SIG_IGN);
  const sigset_t set = awaited_signals();
  ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
  signals_ = std::thread([this] { wait_for_signals(); });
}

Process::~Process() {
  ending_ = true;
  ::pthread_kill(signals_.native_handle(), SIGUSR2);
  signals_.join();
}

void Process::wait_for_signals() {
  const sigset_t set = awaited_signals();
  std::chrono::steady_clock::time_point first;
  while (!ending_) {
    int number = 0;
    if (::sigwait(&set, &number) != 0 || number == SIGUSR2) continue;
    const std::chrono::steady_clock::time_point now = std::chrono::steady_clock::now();
    if (!cancellation_.requested()) {
      first = now;
      cancellation_.request();
    } else if (now - first > kEcho) {
      ::_exit(128 + number);
    }
  }
}

std::optional<std::string> Process::variable(const char* name) {
  const char* value = std::getenv(name);
  if (value == nullptr) return std::nullopt;
  return value;
}

std::unique_ptr<ByteSource> Process::input(const Cancellation& cancellation) {
  return std::make_unique<CancellableInput>(cancellation);
}

std::unique_ptr<ByteSource> Process::input_from(const Path& path,
                                                const Cancellation& cancellation) {
  return std::make_unique<CancellableFifo>(path, cancellation);
}

bool Process::stdout_is_terminal() { return ::isatty(STDOUT_FILENO) == 1; }
bool Process::stdin_is_terminal() { return ::isatty(STDIN_FILENO) == 1; }
bool Process::stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

std::optional<std::string> Process::ask_password(const std::string& prompt,
                                                 const Cancellation& cancellation) {
  const int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) return std::nullopt;
  std::optional<std::string> password;
  {
    const SilentTerminal silent(terminal);
    std::string line;
    bool open = ::write(terminal, prompt.data(), prompt.size()) >= 0;
    // A signal only sets a flag, so the wait looks at it; the echo must come back on.
    while (open && !cancellation.requested()) {
      pollfd ready{terminal, POLLIN, 0};
      if (::poll(&ready, 1, 100) != 1) continue;
      char c = 0;
      open = ::read(terminal, &c, 1) == 1;
      if (open && c == '\n') {
        password = line;
        break;
      }
      if (open) line += c;
    }
    [[maybe_unused]] const ssize_t newline = ::write(terminal, "\n", 1);
  }
  ::close(terminal);
  cancellation.check();
  return password;
}

}  // namespace belay::tools
