// belay, killed at one of its steps: belay_killed_at N FILE ARGUMENT...
//
// Steps are the stages that it tells of and the renames that publish a file, in the order in which
// they come. Each is written to FILE before it is taken; before the Nth the process ends by
// SIGKILL. N = 0: it is not killed, and FILE lists them all.
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <mutex>
#include <string>
#include <vector>

#include "libcore/base/environment.h"
#include "libcore/base/error.h"
#include "tools/commands.h"
#include "tools/process.h"

namespace {

using namespace belay;
using namespace belay::tools;

class Steps {
 public:
  Steps(int fatal, const char* file) : fatal_(fatal), file_(file) {}
  void take(std::string_view name) {
    const std::lock_guard lock(mutex_);
    file_ << name << std::endl;
    if (++taken_ == fatal_) ::kill(::getpid(), SIGKILL);
  }

 private:
  std::mutex mutex_;
  const int fatal_;
  int taken_ = 0;
  std::ofstream file_;
};

class SteppedProgress : public Progress {
 public:
  SteppedProgress(Progress& progress, Steps& steps) : progress_(progress), steps_(steps) {}
  void stage(std::string_view name, std::uint64_t items, std::uint64_t bytes) override {
    steps_.take(name);
    progress_.stage(name, items, bytes);
  }
  void advance(std::string_view object, std::uint64_t items, std::uint64_t bytes) override {
    progress_.advance(object, items, bytes);
  }
  void warning(std::string_view text) override { progress_.warning(text); }

 private:
  Progress& progress_;
  Steps& steps_;
};

class SteppedFiles : public FileSystem {
 public:
  explicit SteppedFiles(Steps& steps) : steps_(steps) {}
  void rename(const Path& from, const Path& to) override {
    steps_.take("publish " + to.filename().native());
    files_.rename(from, to);
  }
  std::unique_ptr<ByteSink> create(const Path& path) override { return files_.create(path); }
  std::unique_ptr<ByteSink> open_for_writing(const Path& path,
                                             const Cancellation& cancellation) override {
    return files_.open_for_writing(path, cancellation);
  }
  std::unique_ptr<ByteSource> open(const Path& path) const override { return files_.open(path); }
  std::unique_ptr<RandomAccessFile> open_random(const Path& path) const override {
    return files_.open_random(path);
  }
  FileStatus status(const Path& path) const override { return files_.status(path); }
  Path resolve(const Path& path) const override { return files_.resolve(path); }
  void remove(const Path& path) override { files_.remove(path); }
  void make_directories(const Path& path) override { files_.make_directories(path); }
  void sync_directory(const Path& path) override { files_.sync_directory(path); }
  std::vector<std::string> list(const Path& directory) const override {
    return files_.list(directory);
  }
  std::uint64_t free_space(const Path& path) const override { return files_.free_space(path); }
  std::string volatile_kind(const Path& path) const override { return files_.volatile_kind(path); }
  std::unique_ptr<Lock> try_lock(const Path& path) override { return files_.try_lock(path); }

 private:
  FileSystem& files_ = real_file_system();
  Steps& steps_;
};

int run_stepped(const std::vector<std::string>& words, Steps& steps, Process& process,
                Output& output) {
  const Command command = parse(recognize("belay", words), Process::variable, real_file_system());
  output.set_style({.json = command.on(Option::json), .quiet = command.on(Option::quiet)});
  SteppedFiles files(steps);
  SteppedProgress progress(output, steps);
  Environment environment{files, system_clock(), progress, process.cancellation()};
  const Variables variables = Process::variable;
  Context context{environment, output, variables};
  return run(command, context);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  Process process;
  Output output;
  try {
    Steps steps(std::atoi(argv[1]), argv[2]);
    const int status =
        run_stepped(std::vector<std::string>(argv + 3, argv + argc), steps, process, output);
    output.flush();
    return status;
  } catch (const Error& error) {
    output.report(error);
    return error.exit_status();
  }
}
