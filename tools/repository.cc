#include "tools/repository.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/archive/reader.h"
#include "libcore/base/digest.h"
#include "libcore/base/error.h"

namespace belay::tools {
namespace {

constexpr std::string_view kExtension = ".belay";
constexpr std::string_view kLockName = ".lock";
constexpr std::string_view kJournalName = "journal";
constexpr std::size_t kStampLength = std::string_view("20261123T093153Z").size();

bool plain(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '.' || c == '-';
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "20261123T093153Z-", or in the journal "20261123T093153.123456Z-".
bool starts_with_time(std::string_view name) {
  constexpr std::string_view kForm = "00000000T000000";
  if (name.size() < kForm.size()) return false;
  for (std::size_t i = 0; i < kForm.size(); ++i) {
    const bool digit = name[i] >= '0' && name[i] <= '9';
    if (kForm[i] == '0' ? !digit : name[i] != kForm[i]) return false;
  }
  return true;
}

bool starts_with_stamp(std::string_view name) {
  return starts_with_time(name) && name.substr(kStampLength - 1).starts_with("Z-");
}

// ".<final name>.<random>.partial", as archive::Publication and publish_file() name it. Names begin
// with the time at which their run began, so names tell the age.
bool is_left_behind(std::string_view name, Moment now, std::chrono::hours age_of_archives) {
  constexpr std::chrono::hours kAge{24};
  if (!name.starts_with(".") || !name.ends_with(".partial")) return false;
  name.remove_prefix(1);
  if (!starts_with_time(name)) return false;
  const bool archive = name.find(fmt::format("{}.", kExtension)) != std::string_view::npos;
  const std::string limit = to_file_stamp(now - (archive ? age_of_archives : kAge));
  return name.substr(0, kStampLength - 1) <= std::string_view(limit).substr(0, kStampLength - 1);
}

}  // namespace

Error not_readable(const Error& error) {
  return error.kind() == ErrorKind::io ? Error(error).as(ErrorKind::not_permitted) : error;
}

std::string directory_of(std::string_view database) {
  const bool reserved = database.starts_with('.') || database == kJournalName;
  std::string result;
  for (std::size_t i = 0; i < database.size(); ++i) {
    if (plain(database[i]) && !(reserved && i == 0)) {
      result += database[i];
    } else {
      result += fmt::format("%{:02X}", static_cast<unsigned char>(database[i]));
    }
  }
  return result;
}

std::string database_of(std::string_view directory) {
  std::string result;
  for (std::size_t i = 0; i < directory.size(); ++i) {
    const int high = i + 2 < directory.size() ? hex_digit(directory[i + 1]) : -1;
    const int low = i + 2 < directory.size() ? hex_digit(directory[i + 2]) : -1;
    if (directory[i] == '%' && high >= 0 && low >= 0) {
      result += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      result += directory[i];
    }
  }
  return result;
}

bool is_repository_name(std::string_view file_name) {
  return starts_with_stamp(file_name) && file_name.ends_with(kExtension) &&
         file_name.size() > kStampLength + 1 + kExtension.size();
}

Proved Stored::proved() const {
  if (!receipt) return Proved::nothing;
  return receipt->level == archive::Level::readable ? Proved::readable : Proved::compared;
}

bool Stored::whole() const { return !manifest.schema_only && manifest.left_out.empty(); }

Moment Stored::taken() const { return from_iso8601(header.source.server_clock); }

Stored look_at(const FileSystem& files, const Path& path, std::string database) {
  Stored stored;
  stored.path = path;
  stored.database = std::move(database);
  try {
    const std::unique_ptr<RandomAccessFile> file = files.open_random(path);
    stored.size = file->size();
    const archive::ArchiveFile archive(*file);
    static_cast<void>(from_iso8601(archive.header().source.server_clock));
    stored.header = archive.header();
    stored.manifest = archive.manifest();
  } catch (const Error& error) {
    stored.problem = error.what();
    return stored;
  }
  try {
    const bool in_repository = is_repository_name(path.filename().native());
    stored.receipt = archive::read_receipt(files, archive::receipt_path(path, in_repository));
  } catch (const Error&) {
    // A receipt that cannot be read proves nothing, as if there were none.
  }
  if (stored.receipt && (stored.receipt->archive_id != stored.header.archive_id ||
                         stored.receipt->archive_size != stored.size)) {
    stored.receipt.reset();
  }
  return stored;
}

std::string relative_to(const Path& root, const Path& archive) {
  const Path relative = archive.lexically_relative(root);
  return relative.empty() || relative.native().starts_with("..") ? archive.native()
                                                                 : relative.native();
}

Path Repository::new_archive(std::string_view database, Moment now) {
  files_.make_directories(directory(database));
  return directory(database) /
         fmt::format("{}-{}{}", to_file_stamp(now), random_hex(4), kExtension);
}

std::unique_ptr<FileSystem::Lock> Repository::lock(std::string_view database) {
  files_.make_directories(directory(database));
  std::unique_ptr<FileSystem::Lock> lock = files_.try_lock(directory(database) / kLockName);
  if (lock == nullptr) {
    throw Error(ErrorKind::busy, "another backup of this database writes into this repository")
        .object(database)
        .cause(root_.native())
        .next("wait for it to end, then run this again if it is still needed");
  }
  return lock;
}

std::vector<Path> Repository::left_behind(const Path& directory, Moment now,
                                          std::chrono::hours age_of_archives) const {
  std::vector<Path> left;
  if (files_.status(directory).type == FileStatus::Type::none) return left;
  for (const std::string& name : files_.list(directory)) {
    if (is_left_behind(name, now, age_of_archives)) left.push_back(directory / name);
  }
  return left;
}

std::vector<Path> Repository::sweep(std::string_view database, Moment now) {
  const std::vector<Path> left = left_behind(directory(database), now, std::chrono::hours(24));
  for (const Path& path : left) files_.remove(path);
  return left;
}

Path Repository::journal() const { return root_ / kJournalName; }

std::vector<std::string> Repository::databases() const try {
  if (files_.status(root_).type != FileStatus::Type::directory) {
    throw Error(ErrorKind::usage, "no such repository").object(root_.native());
  }
  std::vector<std::string> names;
  for (const std::string& name : files_.list(root_)) {
    const std::string database = database_of(name);
    if (directory_of(database) != name) continue;  // lost+found and the like, and the journal
    if (files_.status(root_ / name).type == FileStatus::Type::directory) names.push_back(database);
  }
  return names;
} catch (const Error& error) {
  throw not_readable(error);
}

std::vector<Stored> Repository::archives(std::string_view database) const try {
  std::vector<Stored> result;
  if (files_.status(directory(database)).type == FileStatus::Type::none) return result;
  for (const std::string& name : files_.list(directory(database))) {
    if (!is_repository_name(name)) continue;
    result.push_back(look_at(files_, directory(database) / name, std::string(database)));
  }
  return result;
} catch (const Error& error) {
  throw not_readable(error);
}

void Repository::remove(const Path& archive) {
  files_.remove(archive::receipt_path(archive, is_repository_name(archive.filename().native())));
  files_.remove(archive);
  files_.sync_directory(archive.parent_path());
}

}  // namespace belay::tools
