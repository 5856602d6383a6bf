#include "libcore/base/file_system.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <system_error>
#include <utility>

#include <fmt/format.h>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"

namespace belay {
namespace {

[[noreturn]] void fail(std::string_view what, const Path& path, int error) {
  Error failure(ErrorKind::io, std::string(what));
  failure.object(path.native()).cause(std::generic_category().message(error));
  if (error == ENOSPC || error == EDQUOT) failure.next("free some space there and run it again");
  throw failure;
}

// Repeats a call that a signal interrupted. Not for close(): Linux has closed by then.
template <typename Call>
auto uninterrupted(Call call) {
  auto result = call();
  while (result < 0 && errno == EINTR) result = call();
  return result;
}

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

Descriptor open_descriptor(std::string_view what, const Path& path, int flags) {
  const int fd = uninterrupted([&] { return ::open(path.c_str(), flags | O_CLOEXEC, 0600); });
  if (fd < 0) fail(what, path, errno);
  Descriptor file(fd);
  // Whatever the umask is: a file that its owner cannot read is no backup.
  if ((flags & O_EXCL) != 0 && ::fchmod(fd, 0600) != 0) fail("cannot set the mode", path, errno);
  return file;
}

struct stat status_of(const Descriptor& file, const Path& path) {
  struct stat status {};
  if (::fstat(file.get(), &status) != 0) fail("cannot examine", path, errno);
  return status;
}

class FileSink : public ByteSink {
 public:
  FileSink(Descriptor file, Path path) : file_(std::move(file)), path_(std::move(path)) {}

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t written =
          uninterrupted([&] { return ::write(file_.get(), bytes.data(), bytes.size()); });
      if (written < 0) fail("cannot write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

  void sync() override {
    // Pipes, sockets and terminals answer EINVAL (some file systems ENOTSUP or EROFS).
    if (uninterrupted([&] { return ::fsync(file_.get()); }) != 0 && errno != EINVAL &&
        errno != ENOTSUP && errno != EROFS) {
      fail("cannot make durable", path_, errno);
    }
  }

  void close() override {
    // EINTR counts as closed on Linux; repeating could close somebody else's descriptor.
    if (::close(file_.release()) != 0 && errno != EINTR) fail("cannot close", path_, errno);
  }

 protected:
  Descriptor file_;
  const Path path_;
};

// A pipe, a terminal, a device: whoever reads may stop reading, and no signal ends a write that
// waits for him. Where poll() says that there is room, PIPE_BUF bytes fit and nothing waits; the
// descriptor may be somebody else's, too, so it is not made non-blocking.
class StreamSink : public FileSink {
 public:
  StreamSink(Descriptor file, Path path, const Cancellation& cancellation)
      : FileSink(std::move(file), std::move(path)),
        cancellation_(cancellation),
        piece_(S_ISREG(status_of(file_, path_).st_mode) ? kFilePiece : PIPE_BUF) {}

  void write(std::string_view bytes) override {
    while (!bytes.empty()) {
      pollfd room{file_.get(), POLLOUT, 0};
      do cancellation_.check();
      while (::poll(&room, 1, 100) == 0);
      const ssize_t written = ::write(file_.get(), bytes.data(), std::min(bytes.size(), piece_));
      if (written < 0 && (errno == EINTR || errno == EAGAIN)) continue;
      if (written < 0) fail("cannot write", path_, errno);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }

 private:
  static constexpr std::size_t kFilePiece = 1u << 20;
  const Cancellation& cancellation_;
  const std::size_t piece_;
};

class FileSource : public ByteSource {
 public:
  FileSource(Descriptor file, Path path) : file_(std::move(file)), path_(std::move(path)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    const ssize_t got = uninterrupted([&] { return ::read(file_.get(), buffer, size); });
    if (got < 0) fail("cannot read", path_, errno);
    return static_cast<std::size_t>(got);
  }

 private:
  Descriptor file_;
  const Path path_;
};

class RegularFile : public RandomAccessFile {
 public:
  RegularFile(Descriptor file, Path path) : file_(std::move(file)), path_(std::move(path)) {}

  std::uint64_t size() const override {
    return static_cast<std::uint64_t>(status_of(file_, path_).st_size);
  }

  std::size_t read_at(std::uint64_t offset, char* buffer, std::size_t length) const override {
    std::size_t filled = 0;
    while (filled < length) {
      const ssize_t got = uninterrupted([&] {
        return ::pread(file_.get(), buffer + filled, length - filled,
                       static_cast<off_t>(offset + filled));
      });
      if (got < 0) fail("cannot read", path_, errno);
      if (got == 0) break;
      filled += static_cast<std::size_t>(got);
    }
    return filled;
  }

 private:
  Descriptor file_;
  const Path path_;
};

class FileLock : public FileSystem::Lock {
 public:
  explicit FileLock(Descriptor file) : file_(std::move(file)) {}

 private:
  Descriptor file_;  // flock ends with its last descriptor
};

class RealFileSystem : public FileSystem {
 public:
  std::unique_ptr<ByteSink> create(const Path& path) override {
    return std::make_unique<FileSink>(
        open_descriptor("cannot create", path, O_WRONLY | O_CREAT | O_EXCL), path);
  }

  std::unique_ptr<ByteSink> open_for_writing(const Path& path,
                                             const Cancellation& cancellation) override {
    // A fifo that nobody reads is waited for, with an ear for cancellation.
    int fd = -1;
    while ((fd = ::open(path.c_str(), O_WRONLY | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)) < 0) {
      struct stat found {};
      const int error = errno;
      const bool unread =
          error == ENXIO && ::stat(path.c_str(), &found) == 0 && S_ISFIFO(found.st_mode);
      if (!unread && error != EINTR) fail("cannot open for writing", path, error);
      cancellation.check();
      ::poll(nullptr, 0, 100);
    }
    return std::make_unique<StreamSink>(Descriptor(fd), path, cancellation);
  }

  std::unique_ptr<ByteSource> open(const Path& path) const override {
    Descriptor file = open_descriptor("cannot open", path, O_RDONLY | O_NOCTTY);
    if (S_ISDIR(status_of(file, path).st_mode)) fail("cannot open", path, EISDIR);
    return std::make_unique<FileSource>(std::move(file), path);
  }

  std::unique_ptr<RandomAccessFile> open_random(const Path& path) const override {
    // O_NONBLOCK: a fifo must be refused, not waited for; it means nothing to a regular file.
    Descriptor file = open_descriptor("cannot open", path, O_RDONLY | O_NOCTTY | O_NONBLOCK);
    if (!S_ISREG(status_of(file, path).st_mode)) {
      throw Error(ErrorKind::io, "cannot open").object(path.native()).cause("not a regular file");
    }
    return std::make_unique<RegularFile>(std::move(file), path);
  }

  FileStatus status(const Path& path) const override {
    struct stat found {};
    if (::stat(path.c_str(), &found) != 0) {
      if (errno == ENOENT || errno == ENOTDIR) return {};
      fail("cannot examine", path, errno);
    }
    FileStatus result;
    result.type = S_ISREG(found.st_mode)   ? FileStatus::Type::regular
                  : S_ISDIR(found.st_mode) ? FileStatus::Type::directory
                                           : FileStatus::Type::other;
    result.size = static_cast<std::uint64_t>(found.st_size);
    return result;
  }

  Path resolve(const Path& path) const override {
    constexpr int kMostLinks = 40;  // as the kernel
    Path at = path;
    std::error_code none;
    for (int links = 0; links < kMostLinks; ++links) {
      const Path target = std::filesystem::read_symlink(at, none);
      if (none) return at;
      at = at.parent_path() / target;
    }
    fail("cannot resolve", path, ELOOP);
  }

  void rename(const Path& from, const Path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) {
      const int error = errno;
      fail(fmt::format("cannot rename to {}", to.native()), from, error);
    }
  }

  void remove(const Path& path) override {
    if (std::remove(path.c_str()) != 0 && errno != ENOENT) fail("cannot remove", path, errno);
  }

  void make_directories(const Path& path) override {
    Path so_far;
    for (const Path& part : path) {
      so_far /= part;
      if (part.empty() || status(so_far).type == FileStatus::Type::directory) continue;
      if (::mkdir(so_far.c_str(), 0700) == 0) {
        if (::chmod(so_far.c_str(), 0700) != 0) fail("cannot set the mode", so_far, errno);
        continue;
      }
      const int error = errno;
      // Another process may have made it meanwhile.
      if (error == EEXIST && status(so_far).type == FileStatus::Type::directory) continue;
      fail("cannot create directory", so_far, error);
    }
  }

  void sync_directory(const Path& path) override {
    const Descriptor directory =
        open_descriptor("cannot open directory", path, O_RDONLY | O_DIRECTORY);
    // Some network file systems cannot do it and need not: their renames are durable or never are.
    if (uninterrupted([&] { return ::fsync(directory.get()); }) != 0 && errno != EINVAL &&
        errno != ENOTSUP) {
      fail("cannot make durable", path, errno);
    }
  }

  std::vector<std::string> list(const Path& directory) const override {
    std::vector<std::string> names;
    std::error_code error;
    std::filesystem::directory_iterator entry(directory, error);
    while (!error && entry != std::filesystem::directory_iterator()) {
      names.push_back(entry->path().filename().native());
      entry.increment(error);
    }
    if (error) fail("cannot list", directory, error.value());
    std::sort(names.begin(), names.end());
    return names;
  }

  std::uint64_t free_space(const Path& path) const override {
    struct statvfs found {};
    if (uninterrupted([&] { return ::statvfs(path.c_str(), &found); }) != 0) {
      fail("cannot determine the free space", path, errno);
    }
    return static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize;
  }

  std::string volatile_kind(const Path& path) const override {
    Path there = std::filesystem::absolute(path);
    struct statfs found {};
    while (::statfs(there.c_str(), &found) != 0) {
      if (errno != ENOENT || there == there.parent_path()) {
        fail("cannot determine the file system", path, errno);
      }
      there = there.parent_path();
    }
    switch (static_cast<std::uint32_t>(found.f_type)) {
      case OVERLAYFS_SUPER_MAGIC:
        return "overlay";
      case TMPFS_MAGIC:
        return "tmpfs";
      case RAMFS_MAGIC:
        return "ramfs";
      default:
        return "";
    }
  }

  std::unique_ptr<Lock> try_lock(const Path& path) override {
    while (true) {
      Descriptor file = open_descriptor("cannot open lock file", path, O_RDWR | O_CREAT);
      if (uninterrupted([&] { return ::flock(file.get(), LOCK_EX | LOCK_NB); }) != 0) {
        if (errno == EWOULDBLOCK) return nullptr;
        fail("cannot lock", path, errno);
      }
      // If the file was removed meanwhile, this is a lock on something nobody else will open.
      const struct stat locked = status_of(file, path);
      struct stat present {};
      if (::stat(path.c_str(), &present) == 0 && present.st_dev == locked.st_dev &&
          present.st_ino == locked.st_ino) {
        return std::make_unique<FileLock>(std::move(file));
      }
    }
  }
};

// A duplicate, so that closing reports errors but leaves 0 and 1 in place: a file opened later
// must not become somebody's standard output.
Descriptor duplicate(int fd, const Path& name) {
  const int copy = ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
  if (copy < 0) fail("cannot use", name, errno);
  return Descriptor(copy);
}

}  // namespace

FileSystem& real_file_system() {
  static RealFileSystem files;
  return files;
}

std::unique_ptr<ByteSink> standard_output(const Cancellation& cancellation) {
  const Path name = "standard output";
  return std::make_unique<StreamSink>(duplicate(STDOUT_FILENO, name), name, cancellation);
}

std::unique_ptr<ByteSource> standard_input() {
  const Path name = "standard input";
  return std::make_unique<FileSource>(duplicate(STDIN_FILENO, name), name);
}

std::string read_file(const FileSystem& files, const Path& path, std::uint64_t limit) {
  const std::unique_ptr<ByteSource> source = files.open(path);
  std::string content;
  std::array<char, 65536> buffer{};
  while (const std::size_t got = source->read(buffer.data(), buffer.size())) {
    if (content.size() + got > limit) {
      throw Error(ErrorKind::damaged, "file too large")
          .object(path.native())
          .cause(fmt::format("more than {} bytes", limit));
    }
    content.append(buffer.data(), got);
  }
  return content;
}

void publish_file(FileSystem& files, const Path& name, std::string_view content) {
  const Path path = files.resolve(name);
  if (files.status(path).type == FileStatus::Type::other) {
    throw Error(ErrorKind::io, "cannot replace").object(name.native()).cause("not a regular file");
  }
  // As archives in the making are named, so that what a killed run leaves is known for it.
  const Path temporary =
      path.parent_path() / ("." + path.filename().native() + "." + random_hex(6) + ".partial");
  try {
    const std::unique_ptr<ByteSink> sink = files.create(temporary);
    sink->write(content);
    sink->sync();
    sink->close();
    files.rename(temporary, path);
  } catch (...) {
    try {
      files.remove(temporary);
    } catch (const Error&) {
      // What failed first is what the caller must hear.
    }
    throw;
  }
  files.sync_directory(path.has_parent_path() ? path.parent_path() : Path("."));
}

}  // namespace belay
