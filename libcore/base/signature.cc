#include "libcore/base/signature.h"

#include <array>
#include <optional>
#include <vector>

#include <openssl/evp.h>
#include <openssl/pem.h>

#include "libcore/base/digest.h"
#include "libcore/base/error.h"
#include "libcore/base/hex.h"

namespace belay {
namespace {

constexpr std::size_t kKeyBytes = 32, kSignatureBytes = 64;
using Digest = std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)>;
using Read = EVP_PKEY* (*)(BIO*, EVP_PKEY**, pem_password_cb*, void*);

void require(bool ok) {
  if (!ok) throw Error(ErrorKind::internal, "libcrypto failed to sign");
}

const unsigned char* bytes_of(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

EVP_PKEY* pointer(const std::shared_ptr<void>& key) { return static_cast<EVP_PKEY*>(key.get()); }

// Nobody is asked for a password.
int no_password(char*, int, int, void*) { return -1; }

std::shared_ptr<void> read_key(std::string_view pem, Read read, std::string_view half) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> memory(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())), BIO_free);
  require(memory != nullptr);
  std::shared_ptr<void> key(read(memory.get(), nullptr, no_password, nullptr),
                            [](void* found) { EVP_PKEY_free(static_cast<EVP_PKEY*>(found)); });
  if (key && EVP_PKEY_get_base_id(pointer(key)) == EVP_PKEY_ED25519) return key;
  throw Error(ErrorKind::usage, "not a " + std::string(half) + " key of Ed25519 without a password")
      .next(
          "openssl genpkey -algorithm ed25519 -out sign.pem; openssl pkey -in sign.pem -pubout "
          "-out "
          "trust.pem");
}

std::string id_of(const std::shared_ptr<void>& key) {
  std::array<unsigned char, kKeyBytes> raw{};
  std::size_t size = raw.size();
  require(EVP_PKEY_get_raw_public_key(pointer(key), raw.data(), &size) == 1);
  const std::string hex = sha256({reinterpret_cast<const char*>(raw.data()), size}).hex();
  return hex.substr(0, hex.size() / 2);
}

}  // namespace

TrustedKey::TrustedKey(std::string_view pem)
    : key_(read_key(pem, PEM_read_bio_PUBKEY, "public")), id_(id_of(key_)) {}

bool TrustedKey::holds(std::string_view text, std::string_view signature) const {
  const std::optional<std::vector<std::uint8_t>> bytes = from_hex(signature, kSignatureBytes);
  if (!bytes) return false;
  const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  require(digest != nullptr &&
          EVP_DigestVerifyInit(digest.get(), nullptr, nullptr, nullptr, pointer(key_)) == 1);
  return EVP_DigestVerify(digest.get(), bytes->data(), bytes->size(), bytes_of(text),
                          text.size()) == 1;
}

SigningKey::SigningKey(std::string_view pem)
    : key_(read_key(pem, PEM_read_bio_PrivateKey, "private")), id_(id_of(key_)) {}

std::string SigningKey::sign(std::string_view text) const {
  const Digest digest(EVP_MD_CTX_new(), EVP_MD_CTX_free);
  require(digest != nullptr &&
          EVP_DigestSignInit(digest.get(), nullptr, nullptr, nullptr, pointer(key_)) == 1);
  std::array<unsigned char, kSignatureBytes> bytes{};
  std::size_t size = bytes.size();
  require(EVP_DigestSign(digest.get(), bytes.data(), &size, bytes_of(text), text.size()) == 1);
  return to_hex({bytes.data(), size});
}

}  // namespace belay
