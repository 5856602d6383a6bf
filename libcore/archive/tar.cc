#include "libcore/archive/tar.h"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <ctime>
#include <exception>
#include <new>
#include <utility>

#include <fmt/format.h>

#include "libcore/archive/damage.h"
#include "libcore/archive/members.h"

namespace belay::archive {
namespace {

constexpr std::time_t kTime = 946'684'800;  // 2000-01-01 00:00:00 UTC, of every member
constexpr std::size_t kNameBytes = 100, kSizeAt = 124, kSizeDigits = 11, kChecksumAt = 148;
// What a size field claims is not believed: memory grows with the bytes that arrive.
constexpr std::uint64_t kReadBytes = 1u << 20;

bool all_zero(std::string_view bytes) {
  return bytes.find_first_not_of('\0') == std::string_view::npos;
}

}  // namespace

std::array<char, kBlock> canonical_header(std::string_view name, std::uint64_t size) {
  if (name.empty() || name.size() > kNameBytes || size >> 33 != 0) {
    throw Error(ErrorKind::internal, "no tar header for this member").object(name);
  }
  std::array<char, kBlock> block{};
  const auto put = [&](std::size_t at, std::string_view bytes) {
    std::copy(bytes.begin(), bytes.end(), block.begin() + static_cast<std::ptrdiff_t>(at));
  };
  put(0, name);
  put(100, "000600 ");
  put(108, "000000 ");
  put(116, "000000 ");
  put(kSizeAt, fmt::format("{:011o} ", size));
  put(136, fmt::format("{:011o} ", kTime));
  put(kChecksumAt, "        ");
  put(156, "0");
  put(257, "ustar");
  put(263, "00");
  put(329, "000000 ");
  put(337, "000000 ");
  unsigned sum = 0;
  for (const char byte : block) sum += static_cast<unsigned char>(byte);
  put(kChecksumAt, fmt::format("{:06o}", sum));
  block[kChecksumAt + 6] = '\0';
  return block;
}

TarHeader parse_tar_header(std::string_view block) {
  TarHeader header;
  const std::string_view name = block.substr(0, kNameBytes);
  header.name = name.substr(0, name.find('\0'));
  for (const char digit : block.substr(kSizeAt, kSizeDigits)) {
    if (digit < '0' || digit > '7') throw_damaged("the tar header holds no size");
    header.size = header.size * 8 + static_cast<std::uint64_t>(digit - '0');
  }
  if (header.name.empty()) throw_damaged("the tar header holds no name");
  const std::array<char, kBlock> expected = canonical_header(header.name, header.size);
  if (!std::equal(block.begin(), block.end(), expected.begin(), expected.end())) {
    throw_damaged("the tar header is not in canonical form");
  }
  return header;
}

struct TarWriter::State {
  explicit State(ByteSink& output) : sink(output) {}

  struct Free {
    void operator()(::archive* tar) const { archive_write_free(tar); }
  };
  struct FreeEntry {
    void operator()(::archive_entry* entry) const { archive_entry_free(entry); }
  };

  // libarchive is C: an exception waits here until control is back in C++. It is not told of it,
  // because it never frees its buffer once a write has failed; nothing more is written all the
  // same.
  static la_ssize_t on_write(::archive*, void* self, const void* bytes, std::size_t size) {
    State& state = *static_cast<State*>(self);
    try {
      if (state.alive) state.write({static_cast<const char*>(bytes), size});
    } catch (...) {
      state.alive = false;
      state.failure = std::current_exception();
    }
    return static_cast<la_ssize_t>(size);
  }

  void write(std::string_view bytes) {
    if (header_due && bytes != std::string_view(header.data(), header.size())) {
      throw Error(ErrorKind::internal, "libarchive made a tar header that is not canonical");
    }
    header_due = false;
    hash.update(bytes);
    size += bytes.size();
    sink.write(bytes);
  }

  void require_alive() const {
    if (!alive) throw Error(ErrorKind::internal, "the tar is finished, or could not be written");
  }

  void require(bool ok) {
    if (failure) std::rethrow_exception(std::exchange(failure, nullptr));
    if (ok) return;
    const char* text = archive_error_string(tar.get());
    throw Error(ErrorKind::internal, "libarchive cannot write the tar").cause(text ? text : "");
  }

  ByteSink& sink;
  bool alive = true;  // false: nothing may reach the sink any more
  bool header_due = false;
  std::array<char, kBlock> header{};  // expected while header_due
  std::exception_ptr failure;
  Sha256Stream hash;
  std::uint64_t size = 0;
  std::unique_ptr<::archive, Free> tar;  // last: its destructor may call on_write
};

TarWriter::TarWriter(ByteSink& sink) : state_(std::make_unique<State>(sink)) {
  state_->tar.reset(archive_write_new());
  ::archive* tar = state_->tar.get();
  if (tar == nullptr) throw std::bad_alloc();
  // No blocking: what is written arrives at once and nothing is padded behind the zero blocks.
  state_->require(archive_write_set_format_ustar(tar) == ARCHIVE_OK &&
                  archive_write_set_bytes_per_block(tar, 0) == ARCHIVE_OK &&
                  archive_write_set_bytes_in_last_block(tar, 1) == ARCHIVE_OK &&
                  archive_write_open(tar, state_.get(), nullptr, State::on_write, nullptr) ==
                      ARCHIVE_OK);
}

TarWriter::~TarWriter() {
  state_->alive = false;  // freeing an open libarchive writer finishes the tar
}

void TarWriter::add(std::string_view name, std::string_view content) {
  State& state = *state_;
  state.require_alive();
  const std::unique_ptr<::archive_entry, State::FreeEntry> entry(archive_entry_new());
  if (entry == nullptr) throw std::bad_alloc();
  archive_entry_set_pathname(entry.get(), std::string(name).c_str());
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0600);
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(content.size()));
  archive_entry_set_mtime(entry.get(), kTime, 0);
  state.header = canonical_header(name, content.size());
  state.header_due = true;
  state.require(archive_write_header(state.tar.get(), entry.get()) == ARCHIVE_OK);
  while (!content.empty()) {
    const la_ssize_t taken = archive_write_data(state.tar.get(), content.data(), content.size());
    state.require(taken > 0);
    content.remove_prefix(static_cast<std::size_t>(taken));
  }
  state.require(archive_write_finish_entry(state.tar.get()) == ARCHIVE_OK);
}

void TarWriter::finish() {
  state_->require_alive();
  state_->require(archive_write_close(state_->tar.get()) == ARCHIVE_OK);
  state_->alive = false;
}

std::uint64_t TarWriter::size() const { return state_->size; }

Sha256 TarWriter::sha256() const { return state_->hash.value(); }

// Less than `size` only at the end.
std::size_t TarReader::fill(char* buffer, std::size_t size) {
  std::size_t filled = 0;
  while (filled < size) {
    const std::size_t got = source_.read(buffer + filled, size - filled);
    if (got == 0) break;
    filled += got;
  }
  return filled;
}

std::string TarReader::after() const { return fmt::format("the member after {}", member_.name); }

TarHeader TarReader::next() {
  std::array<char, kBlock> buffer{};
  const std::string_view block(buffer.data(), fill(buffer.data(), buffer.size()));
  const std::string previous = after();
  const Where where{offset_ == 0 ? kHeaderName : std::string_view(previous), offset_};
  if (offset_ == 0 && !block.starts_with(std::string(kHeaderName) + '\0')) {
    throw Error(ErrorKind::damaged, "not a belay archive")
        .cause(block.empty() ? "it is empty" : "it does not begin as one");
  }
  if (block.size() < kBlock) throw_damaged(where, "the archive is cut off here");
  if (all_zero(block)) throw_damaged(where, "the archive ends here, before its tail");
  member_ = in_member(where, [&] { return parse_tar_header(block); });
  if (member_.name == kTailName) before_ = hash_.value();
  hash_.update(block);
  offset_ += kBlock;
  return member_;
}

std::string TarReader::content(std::uint64_t limit) {
  const Where where{member_.name, offset_};
  if (member_.size > limit) {
    throw_damaged(
        where, fmt::format("a size of {} bytes, more than the limit of {}", member_.size, limit));
  }
  std::string content;
  while (content.size() < member_.size) {
    const std::size_t have = content.size();
    const auto step = static_cast<std::size_t>(std::min(kReadBytes, member_.size - have));
    content.resize(have + step);
    if (fill(content.data() + have, step) < step) throw_damaged(where, "cut off in this member");
    hash_.update(std::string_view(content).substr(have));
  }
  std::array<char, kBlock> buffer{};
  const auto rest = static_cast<std::size_t>(padding(member_.size));
  const std::string_view pad(buffer.data(), fill(buffer.data(), rest));
  if (pad.size() < rest) throw_damaged(where, "cut off behind this member");
  if (!all_zero(pad)) throw_damaged(where, "the padding behind it is not zero");
  hash_.update(pad);
  offset_ += member_.size + rest;
  if (offset_ > kMaxArchiveBytes) throw_damaged(where, "the archive is too large");
  return content;
}

void TarReader::end() {
  std::array<char, 2 * kBlock + 1> buffer{};
  const std::string_view rest(buffer.data(), fill(buffer.data(), buffer.size()));
  const Where where{kTailName, offset_};
  if (rest.size() > 2 * kBlock)
    throw_damaged(where, "there are bytes after the end of the archive");
  if (rest.size() < 2 * kBlock) throw_damaged(where, "the two zero blocks behind it are cut off");
  if (!all_zero(rest)) throw_damaged(where, "the two blocks behind it are not zero");
  hash_.update(rest);
  offset_ += rest.size();
}

}  // namespace belay::archive
