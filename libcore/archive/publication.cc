#include <utility>

#include <fmt/format.h>

#include "libcore/archive/receipt.h"
#include "libcore/archive/writer.h"
#include "libcore/base/error.h"

namespace belay::archive {
namespace {

// A file name may have 255 bytes; the temporary one adds 22 to it.
constexpr std::size_t kMaxStem = 200;

Path directory_of(const Path& path) {
  return path.has_parent_path() ? path.parent_path() : Path(".");
}

Path temporary_beside(const Path& path) {
  const std::string name = path.filename().native();
  return directory_of(path) /
         fmt::format(".{}.{}.partial", name.substr(0, kMaxStem), random_hex(6));
}

}  // namespace

struct Publication::State {
  State(FileSystem& file_system, Path path) : files(file_system), destination(std::move(path)) {}

  FileSystem& files;
  Path destination;
  Path place;      // where the links of `destination` lead
  Path temporary;  // empty where there is no rename
  std::unique_ptr<ByteSink> sink;
  bool published = false;
};

Publication::Publication(FileSystem& files, Path destination, const Cancellation& cancellation)
    : state_(std::make_unique<State>(files, std::move(destination))) {
  State& state = *state_;
  if (state.destination == "-") {
    state.sink = standard_output(cancellation);
    return;
  }
  switch (files.status(state.destination).type) {
    case FileStatus::Type::directory:
      throw Error(ErrorKind::usage, "cannot write the archive")
          .object(state.destination.native())
          .cause("it is a directory")
          .next("name a file, or use --repo for a repository");
    case FileStatus::Type::other:
      state.sink = files.open_for_writing(state.destination, cancellation);
      return;
    case FileStatus::Type::none:
    case FileStatus::Type::regular:
      break;
  }
  state.place = files.resolve(state.destination);
  Path temporary = temporary_beside(state.place);
  state.sink = files.create(temporary);
  state.temporary = std::move(temporary);  // ours to remove from here on
}

Publication::~Publication() {
  State& state = *state_;
  state.sink.reset();
  if (state.published || state.temporary.empty()) return;
  try {
    state.files.remove(state.temporary);
  } catch (const Error&) {
    // The failure that brought us here matters more; a file named .partial is no archive.
  }
}

ByteSink& Publication::sink() { return *state_->sink; }

bool Publication::is_regular_file() const { return !state_->temporary.empty(); }

void Publication::commit() {
  State& state = *state_;
  state.sink->sync();
  state.sink->close();
  if (!is_regular_file()) return;
  if (state.files.status(state.destination).type == FileStatus::Type::regular) {
    // A receipt must never stand beside an archive that it was not made for.
    for (const Path& path : {state.destination, state.place}) {
      for (const bool in_repository : {false, true}) {
        state.files.remove(receipt_path(path, in_repository));
      }
    }
  }
  state.files.rename(state.temporary, state.place);
  state.published = true;
  state.files.sync_directory(directory_of(state.place));
}

}  // namespace belay::archive
