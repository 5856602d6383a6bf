// Ed25519 signatures, with keys as `openssl genpkey -algorithm ed25519` writes them.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "libcore/base/file_system.h"

namespace belay {

// The public half: it tells what its private half has signed.
class TrustedKey {
 public:
  // PEM text of a public key. Throws Error{usage} if it is none of Ed25519.
  explicit TrustedKey(std::string_view pem);

  // First half of the SHA-256 of the public key: a name, not a secret.
  const std::string& id() const { return id_; }
  // `signature`: hexadecimal digits; anything else holds for nothing.
  bool holds(std::string_view text, std::string_view signature) const;

 private:
  std::shared_ptr<void> key_;
  std::string id_;
};

class SigningKey {
 public:
  // PEM text of a private key that has no password. Throws Error{usage}.
  explicit SigningKey(std::string_view pem);

  const std::string& id() const { return id_; }   // as of its public half
  std::string sign(std::string_view text) const;  // 128 hexadecimal digits

 private:
  std::shared_ptr<void> key_;
  std::string id_;
};

}  // namespace belay
