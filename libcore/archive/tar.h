// The tar layer: ustar members in the canonical form of docs/archive-format.md, section 2.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "libcore/base/digest.h"
#include "libcore/base/file_system.h"

namespace belay::archive {

inline constexpr std::uint64_t kBlock = 512;

constexpr std::uint64_t padding(std::uint64_t size) { return (kBlock - size % kBlock) % kBlock; }

// The only header that a member of this name and size may have. Requires: a name of 1 to 100 bytes,
// a size below 8 GB.
std::array<char, kBlock> canonical_header(std::string_view name, std::uint64_t size);

struct TarHeader {
  std::string name;
  std::uint64_t size = 0;
};

// Throws Error{damaged} without a member's name unless `block` is a canonical header.
TarHeader parse_tar_header(std::string_view block);

// Writes members through libarchive and checks each header that it makes. Not thread-safe.
class TarWriter {
 public:
  explicit TarWriter(ByteSink& sink);  // must outlive the writer
  ~TarWriter();                        // writes nothing

  void add(std::string_view name, std::string_view content);
  void finish();  // the two zero blocks

  std::uint64_t size() const;  // bytes written
  Sha256 sha256() const;       // of them

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// Reads members one after the other: next(), content(), next(), content() ... end().
// Not thread-safe.
class TarReader {
 public:
  explicit TarReader(ByteSource& source) : source_(source) {}  // must outlive the reader

  TarHeader next();
  // The content of the member whose header was read last, its padding checked.
  std::string content(std::uint64_t limit);
  // Nothing may follow but the two zero blocks.
  void end();

  std::uint64_t offset() const { return offset_; }         // of what is read next
  Sha256 sha256() const { return hash_.value(); }          // of what was read
  const Sha256& before_header() const { return before_; }  // the same, before a tail's header

 private:
  std::size_t fill(char* buffer, std::size_t size);
  std::string after() const;

  ByteSource& source_;
  Sha256Stream hash_;
  Sha256 before_;
  std::uint64_t offset_ = 0;
  TarHeader member_;
};

}  // namespace belay::archive
