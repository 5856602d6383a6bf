// Signatures: what holds, and that nothing else does.
#include "libcore/base/error.h"
#include "libcore/base/signature.h"
#include "tests/support/catch.h"

namespace {

using namespace belay;

// RFC 8032, section 7.1, test 2, in the form of openssl.
const std::string kPrivate =
    "-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIEzNCJso/5banbbDRuwRTg9bijGfNaumJNqM9u1PuKb7\n"
    "-----END PRIVATE KEY-----\n";
const std::string kPublic =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEAPUAXw+hDiVqStwqnTRt+vJyYLM8uxJaMwM1V8Sr0Zgw=\n"
    "-----END PUBLIC KEY-----\n";
const std::string kSignature =
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00";
const std::string kOther =
    "-----BEGIN PUBLIC KEY-----\n"
    "MCowBQYDK2VwAyEApvqCqeCM2lJr4Vv6OI8PeldBA1SrE+5HdkD6riIpjp8=\n"
    "-----END PUBLIC KEY-----\n";

TEST_CASE("signatures are those of RFC 8032") {
  const SigningKey signing(kPrivate);
  const TrustedKey trusted(kPublic);
  CHECK(signing.sign("\x72") == kSignature);
  CHECK(trusted.holds("\x72", kSignature));
  CHECK(signing.id() == trusted.id());
  CHECK(trusted.id().size() == 32);
  CHECK(trusted.id() != TrustedKey(kOther).id());
}

TEST_CASE("a signature holds for one text, of one key, as it was written") {
  const TrustedKey trusted(kPublic);
  const std::string text = "a receipt";
  const std::string signature = SigningKey(kPrivate).sign(text);
  CHECK(trusted.holds(text, signature));
  CHECK_FALSE(trusted.holds(text + " ", signature));
  CHECK_FALSE(trusted.holds("", signature));
  CHECK_FALSE(TrustedKey(kOther).holds(text, signature));
  CHECK_FALSE(trusted.holds(text, ""));
  CHECK_FALSE(trusted.holds(text, signature + "00"));
  CHECK_FALSE(trusted.holds(text, std::string(128, 'x')));
  for (std::size_t i = 0; i < signature.size(); ++i) {
    std::string flipped = signature;
    flipped[i] = flipped[i] == '0' ? '1' : '0';
    CHECK_FALSE(trusted.holds(text, flipped));
  }
}

TEST_CASE("what is no key is refused, and says how to make one") {
  const auto refused = [](const auto& make) {
    try {
      make();
    } catch (const Error& error) {
      return error.kind() == ErrorKind::usage && !error.next().empty();
    }
    return false;
  };
  CHECK(refused([] { SigningKey(std::string("")); }));
  CHECK(refused([] { SigningKey{kPublic}; }));
  CHECK(refused([] { TrustedKey{kPrivate}; }));
  CHECK(refused([] { TrustedKey(kPublic.substr(0, 60)); }));
  CHECK(refused([] {
    TrustedKey(
        "-----BEGIN PUBLIC KEY-----\n"
        "MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDCxfrZqpOX+obi6hLJ2gpkjs5y\n"
        "dGmq2gMNnFN98PYpytnhA2QLP3xb/dHJ9bFo8ro5cHML7BZ8YWmwwBu/dcyvr2wd\n"
        "tBHj0q4R2amEy23vw3BEm0gmbboaDa7rQB64b35uiZ/tuSDiBTibpGO37ym18v/4\n"
        "b/G0O+hjwL7WKfLkhQIDAQAB\n"
        "-----END PUBLIC KEY-----\n");
  }));
}

}  // namespace
