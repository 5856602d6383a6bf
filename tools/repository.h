// A directory of archives: DIR/<database>/<UTC time>-<id>.belay, receipts beside them.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/archive/receipt.h"
#include "libcore/base/clock.h"
#include "libcore/base/error.h"
#include "libcore/base/file_system.h"

namespace belay::tools {

// The database's name, percent-encoded outside [A-Za-z0-9_.-]; a dot at the beginning is encoded,
// and so is the first letter of "journal".
std::string directory_of(std::string_view database);
std::string database_of(std::string_view directory);
// <UTC time>-<id>.belay
bool is_repository_name(std::string_view file_name);

// What an archive's receipt proves.
enum class Proved { nothing, readable, compared };

// One archive as its header, manifest and receipt tell it; its rows were not read.
struct Stored {
  Path path;
  std::string database;  // of the directory
  std::uint64_t size = 0;
  std::string problem;  // why it cannot be used; then header and manifest are empty
  archive::Header header;
  archive::Manifest manifest;
  std::optional<archive::Receipt> receipt;  // only if it names this archive's id and size

  Proved proved() const;
  // Everything that was in the database, as far as the manifest says.
  bool whole() const;
  // When its snapshot was taken; requires: no problem.
  Moment taken() const;
  const std::string& system_identifier() const { return header.source.system_identifier; }
};

// Reads one archive's header, manifest and receipt. Defects become Stored::problem.
Stored look_at(const FileSystem& files, const Path& path, std::string database);

// The path below `root`, as the journal has it; absolute if the archive lies elsewhere.
std::string relative_to(const Path& root, const Path& archive);

// What a verb that only reads a repository says of it: a refusal by the operating system is
// Error{not_permitted}, not a bug of belay.
Error not_readable(const Error& error);

class Repository {
 public:
  // `files` must outlive it. Nothing is created.
  Repository(FileSystem& files, Path root) : files_(files), root_(std::move(root)) {}

  const Path& root() const { return root_; }

  // Makes the database's directory. Error{io} if it cannot.
  Path new_archive(std::string_view database, Moment now);
  // Held while a backup of that database writes here. Error{busy} if another one does.
  std::unique_ptr<FileSystem::Lock> lock(std::string_view database);
  // Temporary files of killed runs in a database's directory or the journal's. Those of archives
  // may be younger than a day if nobody writes one: the caller has the database's lock.
  std::vector<Path> left_behind(const Path& directory, Moment now,
                                std::chrono::hours age_of_archives) const;
  // Removes what a killed run left behind more than 24 hours ago; returns what was removed.
  // Requires: the database's lock.
  std::vector<Path> sweep(std::string_view database, Moment now);

  // Names of the databases, from the directories. Error{usage} if there is no such repository,
  // Error{not_permitted} if the operating system refuses it.
  std::vector<std::string> databases() const;
  // Archives of one database, oldest first (by name). Error{not_permitted} as above.
  std::vector<Stored> archives(std::string_view database) const;
  // Receipt first, so that no proof stands without its archive.
  void remove(const Path& archive);

  Path directory(std::string_view database) const { return root_ / directory_of(database); }
  Path journal() const;

 private:
  FileSystem& files_;
  Path root_;
};

}  // namespace belay::tools
