#include "tests/support/memory_file_system.h"

#include <algorithm>
#include <utility>

#include "libcore/base/error.h"

namespace belay::testing {
namespace {

Path normal(const Path& path) {
  const Path result = path.lexically_normal();
  return result.has_filename() || result == "/" ? result : result.parent_path();
}

Path parent(const Path& path) { return path.has_parent_path() ? path.parent_path() : Path("."); }

[[noreturn]] void fail(const char* what, const Path& path, const char* cause) {
  throw Error(ErrorKind::io, what).object(path.native()).cause(cause);
}

}  // namespace

class MemoryFileSystem::Sink : public ByteSink {
 public:
  Sink(MemoryFileSystem& files, std::shared_ptr<File> file, Path path)
      : files_(files), file_(std::move(file)), path_(std::move(path)) {}

  void write(std::string_view bytes) override {
    std::lock_guard lock(files_.mutex_);
    files_.write(*file_, path_, bytes);
  }
  void sync() override {
    std::lock_guard lock(files_.mutex_);
    files_.count("cannot make durable", path_);
    file_->durable = file_->content;
  }
  void close() override {
    std::lock_guard lock(files_.mutex_);
    files_.count("cannot close", path_);
  }

 private:
  MemoryFileSystem& files_;
  const std::shared_ptr<File> file_;
  const Path path_;
};

class MemoryFileSystem::Reader : public RandomAccessFile {
 public:
  Reader(const MemoryFileSystem& files, std::shared_ptr<File> file)
      : files_(files), file_(std::move(file)) {}

  std::uint64_t size() const override {
    std::lock_guard lock(files_.mutex_);
    return file_->content.size();
  }
  std::size_t read_at(std::uint64_t offset, char* buffer, std::size_t length) const override {
    std::lock_guard lock(files_.mutex_);
    if (offset >= file_->content.size()) return 0;
    return file_->content.copy(buffer, length, offset);
  }

 private:
  const MemoryFileSystem& files_;
  const std::shared_ptr<File> file_;
};

class MemoryFileSystem::Source : public ByteSource {
 public:
  Source(const MemoryFileSystem& files, std::shared_ptr<File> file)
      : reader_(files, std::move(file)) {}

  std::size_t read(char* buffer, std::size_t size) override {
    const std::size_t got = reader_.read_at(position_, buffer, size);
    position_ += got;
    return got;
  }

 private:
  Reader reader_;
  std::uint64_t position_ = 0;
};

class MemoryFileSystem::HeldLock : public FileSystem::Lock {
 public:
  HeldLock(MemoryFileSystem& files, Path path) : files_(files), path_(std::move(path)) {}
  ~HeldLock() override {
    std::lock_guard lock(files_.mutex_);
    files_.locked_.erase(path_);
  }

 private:
  MemoryFileSystem& files_;
  const Path path_;
};

MemoryFileSystem::MemoryFileSystem() : directories_{"/", "."} {}

void MemoryFileSystem::count(const char* what, const Path& path) {
  ++operations_;
  if (fail_at_ == 0 || operations_ < fail_at_) return;
  if (fault_ == Fault::once && operations_ > fail_at_) return;
  fail(what, path, "injected fault");
}

std::shared_ptr<MemoryFileSystem::File> MemoryFileSystem::find(const char* what,
                                                               const Path& path) const {
  const auto found = names_.find(normal(path));
  if (found == names_.end()) fail(what, path, "No such file or directory");
  return found->second;
}

void MemoryFileSystem::require_parent(const char* what, const Path& path) const {
  if (!directories_.contains(parent(normal(path)))) fail(what, path, "No such file or directory");
}

std::uint64_t MemoryFileSystem::used() const {
  std::uint64_t bytes = 0;
  for (const auto& [path, file] : names_) bytes += file->content.size();
  return bytes;
}

void MemoryFileSystem::write(File& file, const Path& path, std::string_view bytes) {
  try {
    count("cannot write", path);
  } catch (const Error&) {
    file.content += bytes.substr(0, bytes.size() / 2);
    throw;
  }
  const std::uint64_t room = capacity_ - std::min(capacity_, used());
  file.content += bytes.substr(0, std::min<std::uint64_t>(room, bytes.size()));
  if (bytes.size() > room) fail("cannot write", path, "No space left on device");
}

std::unique_ptr<ByteSink> MemoryFileSystem::create(const Path& path) {
  std::lock_guard lock(mutex_);
  count("cannot create", path);
  require_parent("cannot create", path);
  const Path key = normal(path);
  if (names_.contains(key) || directories_.contains(key))
    fail("cannot create", path, "File exists");
  return std::make_unique<Sink>(*this, names_[key] = std::make_shared<File>(), path);
}

std::unique_ptr<ByteSink> MemoryFileSystem::open_for_writing(const Path& path,
                                                             const Cancellation&) {
  std::lock_guard lock(mutex_);
  count("cannot open for writing", path);
  return std::make_unique<Sink>(*this, find("cannot open for writing", path), path);
}

std::unique_ptr<ByteSource> MemoryFileSystem::open(const Path& path) const {
  std::lock_guard lock(mutex_);
  return std::make_unique<Source>(*this, find("cannot open", path));
}

std::unique_ptr<RandomAccessFile> MemoryFileSystem::open_random(const Path& path) const {
  std::lock_guard lock(mutex_);
  return std::make_unique<Reader>(*this, find("cannot open", path));
}

FileStatus MemoryFileSystem::status(const Path& path) const {
  std::lock_guard lock(mutex_);
  const Path key = normal(path);
  if (directories_.contains(key)) return {FileStatus::Type::directory, 0};
  const auto found = names_.find(key);
  if (found == names_.end()) return {};
  return {FileStatus::Type::regular, found->second->content.size()};
}

void MemoryFileSystem::rename(const Path& from, const Path& to) {
  std::lock_guard lock(mutex_);
  count("cannot rename", from);
  const std::shared_ptr<File> file = find("cannot rename", from);
  require_parent("cannot rename", to);
  names_.erase(normal(from));
  names_[normal(to)] = file;
}

void MemoryFileSystem::remove(const Path& path) {
  std::lock_guard lock(mutex_);
  count("cannot remove", path);
  names_.erase(normal(path));
}

void MemoryFileSystem::make_directories(const Path& path) {
  std::lock_guard lock(mutex_);
  count("cannot create directory", path);
  for (Path p = normal(path); !directories_.contains(p); p = parent(p)) {
    if (names_.contains(p)) fail("cannot create directory", p, "Not a directory");
    directories_.insert(p);
  }
}

void MemoryFileSystem::sync_directory(const Path& path) {
  std::lock_guard lock(mutex_);
  count("cannot make durable", path);
  const Path directory = normal(path);
  std::erase_if(durable_names_, [&](const auto& entry) {
    return parent(entry.first) == directory && !names_.contains(entry.first);
  });
  for (const auto& [name, file] : names_) {
    if (parent(name) == directory) durable_names_[name] = file;
  }
}

std::vector<std::string> MemoryFileSystem::list(const Path& directory) const {
  std::lock_guard lock(mutex_);
  const Path wanted = normal(directory);
  if (!directories_.contains(wanted)) fail("cannot list", directory, "No such file or directory");
  std::vector<std::string> names;
  for (const auto& [name, file] : names_) {
    if (parent(name) == wanted) names.push_back(name.filename().native());
  }
  for (const Path& name : directories_) {
    if (name != wanted && name != "." && parent(name) == wanted) {
      names.push_back(name.filename().native());
    }
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::uint64_t MemoryFileSystem::free_space(const Path&) const {
  std::lock_guard lock(mutex_);
  return capacity_ - std::min(capacity_, used());
}

std::unique_ptr<FileSystem::Lock> MemoryFileSystem::try_lock(const Path& path) {
  std::lock_guard lock(mutex_);
  count("cannot lock", path);
  require_parent("cannot lock", path);
  const Path key = normal(path);
  if (!locked_.insert(key).second) return nullptr;
  if (!names_.contains(key)) names_[key] = std::make_shared<File>();
  return std::make_unique<HeldLock>(*this, key);
}

void MemoryFileSystem::fail_at(std::uint64_t n, Fault fault) {
  std::lock_guard lock(mutex_);
  fail_at_ = operations_ + n;
  fault_ = fault;
}

std::uint64_t MemoryFileSystem::operations() const {
  std::lock_guard lock(mutex_);
  return operations_;
}

void MemoryFileSystem::set_capacity(std::uint64_t bytes) {
  std::lock_guard lock(mutex_);
  capacity_ = bytes;
}

void MemoryFileSystem::crash(UnsyncedNames names) {
  std::lock_guard lock(mutex_);
  fail_at_ = 0;
  if (names == UnsyncedNames::lost) names_ = durable_names_;
  for (const auto& [name, file] : names_) file->content = file->durable;
  durable_names_ = names_;
}

void MemoryFileSystem::put(const Path& path, std::string content) {
  std::lock_guard lock(mutex_);
  const Path key = normal(path);
  for (Path p = parent(key); !directories_.contains(p); p = parent(p)) directories_.insert(p);
  auto file = std::make_shared<File>();
  file->content = file->durable = std::move(content);
  names_[key] = durable_names_[key] = file;
}

std::string MemoryFileSystem::content(const Path& path) const {
  std::lock_guard lock(mutex_);
  return find("cannot open", path)->content;
}

}  // namespace belay::testing
