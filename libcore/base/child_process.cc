#include "libcore/base/child_process.h"

#include <fcntl.h>
#include <linux/close_range.h>
#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

#include <fmt/format.h>
// Version 1 of Boost.Process moved into folders and a namespace of its own in Boost 1.86.
#if __has_include(<boost/process/v1/child.hpp>)
#include <boost/process/v1/args.hpp>
#include <boost/process/v1/child.hpp>
#include <boost/process/v1/env.hpp>
#include <boost/process/v1/environment.hpp>
#include <boost/process/v1/exe.hpp>
#include <boost/process/v1/extend.hpp>
#include <boost/process/v1/posix.hpp>
#include <boost/process/v1/start_dir.hpp>
namespace bp = boost::process::v1;
namespace this_process = boost::process::v1::this_process;
#else
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
#include <boost/process/start_dir.hpp>
namespace bp = boost::process;
namespace this_process = boost::this_process;
#endif

#include <fmt/format.h>
#include <boost/process/args.hpp>
#include <boost/process/child.hpp>
#include <boost/process/env.hpp>
#include <boost/process/environment.hpp>
#include <boost/process/exe.hpp>
#include <boost/process/extend.hpp>
#include <boost/process/posix.hpp>
#include <boost/process/start_dir.hpp>

#include "libcore/base/error.h"

namespace belay {
namespace {

std::string message_of(int error) { return std::generic_category().message(error); }

class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }

 private:
  int fd_ = -1;
};

// How one child ended, shared by its owner and the thread that collects it.
struct Ending {
  std::mutex mutex;
  std::condition_variable known;
  std::optional<ChildExit> exit;  // guarded by mutex
  Descriptor event;               // readable once `exit` is known
};

// The only code that waits for processes.
class Reaper {
 public:
  // Starts the thread; it lives as long as the process.
  static Reaper& instance() {
    static const std::shared_ptr<Reaper> reaper = [] {
      auto created = std::make_shared<Reaper>();
      std::thread([created] { created->run(); }).detach();
      return created;
    }();
    return *reaper;
  }

  // Calls `spawn`, which returns a process id, so that the child cannot be collected before it is
  // known here.
  int start(const std::function<int()>& spawn, const std::shared_ptr<Ending>& ending) {
    std::lock_guard lock(mutex_);
    started_.notify_one();
    forked_ = true;  // even if exec failed: then there is a child that nobody wants
    const int pid = spawn();
    endings_[pid] = ending;
    return pid;
  }

 private:
  [[noreturn]] void run() {
    while (true) {
      siginfo_t found{};
      // WNOWAIT: as long as it is not collected its number cannot go to another process, so
      // whoever signals under the lock of its ending hits the right one.
      if (::waitid(P_ALL, 0, &found, WEXITED | WNOWAIT) == 0) {
        collect(found.si_pid);
      } else if (errno == ECHILD) {
        wait_for_children();
      }
    }
  }

  void collect(int pid) {
    std::shared_ptr<Ending> ending;
    {
      std::lock_guard lock(mutex_);
      if (const auto node = endings_.extract(pid); !node.empty()) ending = node.mapped();
    }
    if (!ending) {  // an orphan that came to us
      ::waitpid(pid, nullptr, 0);
      return;
    }
    std::lock_guard lock(ending->mutex);
    int status = 0;
    ::waitpid(pid, &status, 0);
    ending->exit = WIFSIGNALED(status) ? ChildExit{true, WTERMSIG(status)}
                                       : ChildExit{false, WEXITSTATUS(status)};
    ending->known.notify_all();
    ::eventfd_write(ending->event.get(), 1);
  }

  void wait_for_children() {
    std::unique_lock lock(mutex_);
    const auto forked = [&] { return std::exchange(forked_, false); };
    int subreaper = 0;
    ::prctl(PR_GET_CHILD_SUBREAPER, &subreaper);
    if (::getpid() == 1 || subreaper != 0) {  // orphans come without notice
      started_.wait_for(lock, std::chrono::milliseconds(200), forked);
    } else {
      started_.wait(lock, forked);
    }
  }

  std::mutex mutex_;
  std::condition_variable started_;
  std::map<int, std::shared_ptr<Ending>> endings_;  // guarded by mutex_
  bool forked_ = false;                             // guarded by mutex_
};

// Keeps the last bytes of a stream.
class Tail {
 public:
  explicit Tail(std::size_t limit) : limit_(limit) {}

  void append(std::string_view bytes) {
    std::lock_guard lock(mutex_);
    kept_.bytes += bytes;
    // Twice the limit before cutting: each byte is then moved once on average.
    if (kept_.bytes.size() > 2 * limit_) cut();
  }
  Child::Captured take() const {
    std::lock_guard lock(mutex_);
    Tail copy(limit_);
    copy.kept_ = kept_;
    if (copy.kept_.bytes.size() > limit_) copy.cut();
    return copy.kept_;
  }

 private:
  void cut() {
    kept_.bytes.erase(0, kept_.bytes.size() - limit_);
    kept_.complete = false;
  }

  const std::size_t limit_;
  mutable std::mutex mutex_;
  Child::Captured kept_;  // guarded by mutex_
};

// Both ends of one output stream.
struct Stream {
  explicit Stream(const ChildOutput& output, int target) : tail(output.limit) {
    switch (output.to) {
      case ChildOutput::To::inherited:
        for_child = Descriptor(::fcntl(target, F_DUPFD_CLOEXEC, 3));
        if (for_child.get() < 0) open("/dev/null", O_WRONLY);
        break;
      case ChildOutput::To::standard_error:
        for_child = Descriptor(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
        if (for_child.get() < 0) open("/dev/null", O_WRONLY);
        break;
      case ChildOutput::To::discarded:
        open("/dev/null", O_WRONLY);
        break;
      case ChildOutput::To::file:
        open(output.file.c_str(), O_WRONLY | O_CREAT | O_APPEND);
        break;
      case ChildOutput::To::captured: {
        std::array<int, 2> ends{};
        if (::pipe2(ends.data(), O_CLOEXEC) != 0) {
          throw Error(ErrorKind::io, "cannot make a pipe").cause(message_of(errno));
        }
        for_us = Descriptor(ends[0]);
        for_child = Descriptor(ends[1]);
        // Only our end: a program does not expect its standard output not to block.
        ::fcntl(for_us.get(), F_SETFL, O_NONBLOCK);
        break;
      }
    }
  }

  // Moves what is there; false at the end.
  bool drain() {
    std::array<char, 16384> buffer{};
    while (true) {
      const ssize_t got = ::read(for_us.get(), buffer.data(), buffer.size());
      if (got > 0) {
        tail.append({buffer.data(), static_cast<std::size_t>(got)});
      } else if (got == 0 || (errno != EINTR && errno != EAGAIN)) {
        return false;
      } else if (errno == EAGAIN) {
        return true;
      }
    }
  }

  Descriptor for_us, for_child;
  Tail tail;

 private:
  void open(const char* path, int flags) {
    for_child = Descriptor(::open(path, flags | O_CLOEXEC, 0600));
    if (for_child.get() < 0) {
      throw Error(ErrorKind::io, "cannot open for the output of a program")
          .object(path)
          .cause(message_of(errno));
    }
  }
};

class RealChild : public Child {
 public:
  explicit RealChild(const ChildCommand& command);
  ~RealChild() override;

  int pid() const override { return pid_; }
  std::optional<ChildExit> wait(std::chrono::milliseconds timeout) override;
  void signal(int number) override;
  Captured captured_out() const override { return out_.tail.take(); }
  Captured captured_err() const override { return err_.tail.take(); }

 private:
  int spawn(const ChildCommand& command);
  void read_streams();

  Stream out_, err_;
  std::shared_ptr<Ending> ending_ = std::make_shared<Ending>();
  int pid_ = 0;
  std::thread reader_;
  std::once_flag joined_;
};

bp::environment environment_of(const ChildCommand& command) {
  bp::environment environment = this_process::environment();
  for (const auto& [name, value] : command.environment) {
    if (value) {
      environment[name] = *value;
    } else {
      environment.erase(name);
    }
  }
  return environment;
}

// Between fork and exec: only async-signal-safe calls.
void prepare_child(pid_t parent) {
  ::setpgid(0, 0);
  // It does not outlive belay unwatched; if belay ended before this, the kernel has nobody to miss.
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != parent) ::_exit(127);
  // belay blocks signals to receive them in one thread, and ignores SIGPIPE; neither is the
  // child's business.
  for (const int number : {SIGPIPE, SIGINT, SIGQUIT, SIGTERM, SIGCHLD}) ::signal(number, SIG_DFL);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  // What belay itself was started with, too; an old kernel that cannot do it loses nothing.
  ::close_range(STDERR_FILENO + 1, ~0U, CLOSE_RANGE_CLOEXEC);
}

RealChild::RealChild(const ChildCommand& command)
    : out_(command.out, STDOUT_FILENO), err_(command.err, STDERR_FILENO) {
  if (command.argv.empty()) throw Error(ErrorKind::internal, "a command without words");
  ending_->event = Descriptor(::eventfd(0, EFD_CLOEXEC));
  if (ending_->event.get() < 0) {
    throw Error(ErrorKind::io, "cannot watch a program").cause(message_of(errno));
  }
  pid_ = Reaper::instance().start([&] { return spawn(command); }, ending_);
  out_.for_child = Descriptor();
  err_.for_child = Descriptor();
  try {
    reader_ = std::thread([this] { read_streams(); });
  } catch (const std::system_error& error) {
    signal(SIGKILL);
    throw Error(ErrorKind::io, "cannot watch a program").cause(error.what());
  }
}

int RealChild::spawn(const ChildCommand& command) {
  const bp::environment environment = environment_of(command);
  const Path program = program_of(command);
  const Descriptor empty(::open("/dev/null", O_RDONLY | O_CLOEXEC));
  const std::vector<std::string> arguments(command.argv.begin() + 1, command.argv.end());
  const Path directory = command.directory.empty() ? Path(".") : command.directory;
  std::error_code error;
  bp::child child(
      bp::exe = program.native(), bp::args = arguments, environment,
      bp::start_dir = directory.native(), bp::posix::fd.bind(0, empty.get()),
      bp::posix::fd.bind(1, out_.for_child.get()), bp::posix::fd.bind(2, err_.for_child.get()),
      bp::extend::on_exec_setup = [parent = ::getpid()](auto&) { prepare_child(parent); }, error);
  const int pid = child.id();
  child.detach();  // the reaper waits for it, nobody else
  if (error) {
    throw Error(ErrorKind::preflight, "cannot start the command")
        .object(program.native())
        .cause(error.message());
  }
  return pid;
}

// Reads both streams until they end, or until the program has: a grandchild that keeps them open
// must not keep belay waiting.
void RealChild::read_streams() {
  std::array<pollfd, 3> watched = {{{ending_->event.get(), POLLIN, 0},
                                    {out_.for_us.get(), POLLIN, 0},
                                    {err_.for_us.get(), POLLIN, 0}}};
  while (watched[0].revents == 0) {
    if (::poll(watched.data(), watched.size(), -1) < 0) continue;  // EINTR
    // In the last round too: what the program wrote before it ended is in the pipes by then.
    if (watched[1].fd >= 0 && !out_.drain()) watched[1].fd = -1;
    if (watched[2].fd >= 0 && !err_.drain()) watched[2].fd = -1;
  }
}

std::optional<ChildExit> RealChild::wait(std::chrono::milliseconds timeout) {
  std::optional<ChildExit> exit;
  {
    std::unique_lock lock(ending_->mutex);
    if (!ending_->known.wait_for(lock, timeout, [&] { return ending_->exit.has_value(); })) {
      return std::nullopt;
    }
    exit = ending_->exit;
  }
  std::call_once(joined_, [&] { reader_.join(); });
  return exit;
}

void RealChild::signal(int number) {
  std::lock_guard lock(ending_->mutex);
  if (!ending_->exit) ::kill(-pid_, number);
}

RealChild::~RealChild() {
  signal(SIGKILL);
  while (!wait(std::chrono::hours(1))) {
  }
}

class RealChildProcesses : public ChildProcesses {
 public:
  std::unique_ptr<Child> start(const ChildCommand& command) override {
    return std::make_unique<RealChild>(command);
  }
};

}  // namespace

std::string ChildExit::text() const {
  if (!signalled) return fmt::format("exit status {}", number);
  return fmt::format("killed by signal {} ({})", number, ::strsignal(number));
}

ChildProcesses& real_child_processes() {
  static RealChildProcesses processes;
  return processes;
}

// As execvp finds it, but in the child's PATH and from its directory.
Path program_of(const ChildCommand& command) {
  const std::string& name = command.argv.at(0);
  std::optional<Path> not_executable;
  const auto runs = [&](const Path& candidate) {
    const Path seen = command.directory / candidate;  // an absolute candidate stays as it is
    std::error_code ignored;
    if (name.empty() || !std::filesystem::is_regular_file(seen, ignored)) return false;
    if (::access(seen.c_str(), X_OK) == 0) return true;
    if (!not_executable) not_executable = candidate;
    return false;
  };
  const auto not_found = [&] {
    if (not_executable) {
      return Error(ErrorKind::preflight, "the command is not executable")
          .object(not_executable->native())
          .next("name its interpreter before it, or: chmod +x " + not_executable->native());
    }
    return Error(ErrorKind::preflight, "command not found")
        .object(name)
        .next("check its name and the PATH");
  };
  if (name.find('/') != std::string::npos) {
    if (!runs(name)) throw not_found();
    return name;
  }
  const bp::environment environment = environment_of(command);
  const auto path = environment.find("PATH");
  std::string folders =
      path == environment.end() ? "/usr/local/bin:/usr/bin:/bin" : path->to_string();
  folders += ':';
  for (std::size_t begin = 0, end = 0; (end = folders.find(':', begin)) != std::string::npos;
       begin = end + 1) {
    Path folder = folders.substr(begin, end - begin);
    if (folder.empty()) folder = ".";
    if (runs(folder / name)) return folder / name;
  }
  throw not_found();
}

ChildEnd wait_or_stop(Child& child, const Cancellation& cancellation,
                      std::optional<std::chrono::milliseconds> timeout,
                      std::chrono::milliseconds grace, const std::function<bool()>& meanwhile) {
  using Clock = std::chrono::steady_clock;
  // How soon a cancellation is passed on.
  constexpr std::chrono::milliseconds kStep(50);
  const Clock::time_point begin = Clock::now();
  std::optional<Clock::time_point> stopped;
  ChildEnd end;
  while (true) {
    if (const std::optional<ChildExit> exit = child.wait(kStep)) {
      end.exit = *exit;
      return end;
    }
    const Clock::time_point now = Clock::now();
    if (!stopped) {
      end.cancelled = cancellation.requested();
      end.timed_out = !end.cancelled && timeout && now - begin >= *timeout;
      end.abandoned = !end.cancelled && !end.timed_out && meanwhile && !meanwhile();
      if (end.cancelled || end.timed_out || end.abandoned) {
        child.signal(SIGTERM);
        stopped = now;
      }
    } else if (now - *stopped >= grace) {
      child.signal(SIGKILL);
    }
  }
}

}  // namespace belay
