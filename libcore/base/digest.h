// Hashes: SHA-256 guards bytes, the content digest recognizes rows.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace belay {

struct Sha256 {
  std::array<std::uint8_t, 32> bytes{};

  bool operator==(const Sha256&) const = default;
  std::string hex() const;
  // Throws Error{damaged} unless `hex` is 64 lower-case hexadecimal digits.
  static Sha256 from_hex(std::string_view hex);
};

class Sha256Stream {
 public:
  Sha256Stream();
  ~Sha256Stream();
  Sha256Stream(Sha256Stream&&) noexcept;
  Sha256Stream& operator=(Sha256Stream&&) noexcept;

  void update(std::string_view bytes);
  // The hash of everything so far; more may follow.
  Sha256 value() const;

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Sha256 sha256(std::string_view bytes);

// Number of rows and the sum modulo 2^128 of XXH3-128 (seed 0) over each row's COPY bytes. A sum,
// so that rows may come in any order and partial digests add up.
struct ContentDigest {
  std::uint64_t rows = 0;
  std::uint64_t low = 0;
  std::uint64_t high = 0;

  void add_row(std::string_view copy_bytes);
  ContentDigest& operator+=(const ContentDigest& other);
  bool operator==(const ContentDigest&) const = default;
  std::string hex() const;  // 32 digits, high half first; without the row count
  static ContentDigest from_hex(std::uint64_t rows, std::string_view hex);
};

inline constexpr std::string_view kContentDigestAlgorithm = "xxh3-128-sum";

// `bytes` random bytes of the operating system, as lower-case hexadecimal digits.
std::string random_hex(std::size_t bytes);

}  // namespace belay
