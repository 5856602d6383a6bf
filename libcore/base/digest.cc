#include "libcore/base/digest.h"

#include <sys/random.h>

#include <cerrno>
#include <charconv>
#include <system_error>

#include <fmt/format.h>
#include <openssl/evp.h>
#include <xxhash.h>

#include "libcore/base/error.h"
#include "libcore/base/hex.h"

namespace belay {
namespace {

void require_hex(std::string_view hex, std::size_t digits, std::string_view what) {
  if (hex.size() == digits && hex.find_first_not_of("0123456789abcdef") == std::string_view::npos) {
    return;
  }
  throw Error(ErrorKind::damaged, fmt::format("not a {}", what))
      .object(hex.substr(0, 80))
      .cause(fmt::format("{} lower-case hexadecimal digits are expected", digits));
}

std::uint64_t parse_hex(std::string_view digits) {
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value, 16);
  return value;
}

void require(bool ok) {
  if (!ok) throw Error(ErrorKind::internal, "libcrypto failed to compute SHA-256");
}

}  // namespace

std::string Sha256::hex() const { return to_hex(bytes); }

Sha256 Sha256::from_hex(std::string_view hex) {
  require_hex(hex, 64, "SHA-256");
  Sha256 result;
  for (std::size_t i = 0; i < result.bytes.size(); ++i) {
    result.bytes[i] = static_cast<std::uint8_t>(parse_hex(hex.substr(2 * i, 2)));
  }
  return result;
}

struct Sha256Stream::Context {
  Context() : running(EVP_MD_CTX_new()), copy(EVP_MD_CTX_new()) {
    require(running && copy && EVP_DigestInit_ex(running.get(), EVP_sha256(), nullptr) == 1);
  }

  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> running;
  std::unique_ptr<EVP_MD_CTX, Free> copy;  // finishing ends a context, so value() ends this one
};

Sha256Stream::Sha256Stream() : context_(std::make_unique<Context>()) {}
Sha256Stream::~Sha256Stream() = default;
Sha256Stream::Sha256Stream(Sha256Stream&&) noexcept = default;
Sha256Stream& Sha256Stream::operator=(Sha256Stream&&) noexcept = default;

void Sha256Stream::update(std::string_view bytes) {
  require(EVP_DigestUpdate(context_->running.get(), bytes.data(), bytes.size()) == 1);
}

Sha256 Sha256Stream::value() const {
  Sha256 result;
  unsigned int length = 0;
  require(EVP_MD_CTX_copy_ex(context_->copy.get(), context_->running.get()) == 1 &&
          EVP_DigestFinal_ex(context_->copy.get(), result.bytes.data(), &length) == 1 &&
          length == result.bytes.size());
  return result;
}

Sha256 sha256(std::string_view bytes) {
  Sha256Stream stream;
  stream.update(bytes);
  return stream.value();
}

void ContentDigest::add_row(std::string_view copy_bytes) {
  const XXH128_hash_t hash = XXH3_128bits(copy_bytes.data(), copy_bytes.size());
  *this += ContentDigest{1, hash.low64, hash.high64};
}

ContentDigest& ContentDigest::operator+=(const ContentDigest& other) {
  rows += other.rows;
  low += other.low;
  high += other.high + (low < other.low ? 1 : 0);  // the carry of the lower half
  return *this;
}

std::string ContentDigest::hex() const { return fmt::format("{:016x}{:016x}", high, low); }

ContentDigest ContentDigest::from_hex(std::uint64_t rows, std::string_view hex) {
  require_hex(hex, 32, "content digest");
  return {rows, parse_hex(hex.substr(16)), parse_hex(hex.substr(0, 16))};
}

std::string random_hex(std::size_t bytes) {
  std::string random(bytes, '\0');
  for (std::size_t filled = 0; filled < bytes;) {
    const ssize_t got = getrandom(random.data() + filled, bytes - filled, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw Error(ErrorKind::io, "the operating system gave no random bytes")
          .cause(std::generic_category().message(errno));
    }
    filled += static_cast<std::size_t>(got);
  }
  return to_hex({reinterpret_cast<const std::uint8_t*>(random.data()), bytes});
}

}  // namespace belay
