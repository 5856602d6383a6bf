#include "libcore/base/digest.h"
#include "libcore/base/error.h"
#include "tests/support/catch.h"

using namespace belay;

TEST_CASE("SHA-256 gives the published values") {
  CHECK(sha256("").hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(sha256("abc").hex() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a SHA-256 stream tells its value on the way") {
  Sha256Stream stream;
  CHECK(stream.value() == sha256(""));
  stream.update("ab");
  CHECK(stream.value() == sha256("ab"));
  stream.update("c");
  Sha256Stream moved = std::move(stream);
  CHECK(moved.value() == sha256("abc"));
}

TEST_CASE("SHA-256 is read back strictly") {
  const std::string hex = sha256("x").hex();
  CHECK(Sha256::from_hex(hex) == sha256("x"));
  CHECK_THROWS_AS(Sha256::from_hex(hex.substr(1)), Error);
  CHECK_THROWS_AS(Sha256::from_hex(hex + "0"), Error);
  CHECK_THROWS_AS(Sha256::from_hex("G" + hex.substr(1)), Error);
  CHECK_THROWS_AS(Sha256::from_hex("A" + hex.substr(1)), Error);
}

TEST_CASE("the content digest uses XXH3-128 with seed 0") {
  ContentDigest digest;
  digest.add_row("");
  CHECK(digest.hex() == "99aa06d3014798d86001c324468d497f");  // the published value of no bytes
  CHECK(digest.rows == 1);
}

TEST_CASE("the content digest does not depend on order or on how rows were shared out") {
  ContentDigest forward, backward, left, right;
  for (int i = 0; i < 1000; ++i) forward.add_row(std::to_string(i));
  for (int i = 999; i >= 0; --i) backward.add_row(std::to_string(i));
  for (int i = 0; i < 1000; ++i) (i % 3 == 0 ? left : right).add_row(std::to_string(i));
  CHECK(forward == backward);
  left += right;
  CHECK(left == forward);
  CHECK(forward.rows == 1000);

  ContentDigest changed = backward;
  changed.add_row("one more");
  CHECK_FALSE(changed == forward);
}

TEST_CASE("the sum carries into the upper half and wraps at 2^128") {
  ContentDigest a{1, UINT64_MAX, 0};
  a += ContentDigest{1, 1, 0};
  CHECK(a == ContentDigest{2, 0, 1});
  ContentDigest b{1, UINT64_MAX, UINT64_MAX};
  b += ContentDigest{1, 2, 0};
  CHECK(b == ContentDigest{2, 1, 0});
}

TEST_CASE("a content digest is read back strictly") {
  ContentDigest digest;
  digest.add_row("a");
  digest.add_row("b");
  CHECK(digest.hex().size() == 32);
  CHECK(ContentDigest::from_hex(2, digest.hex()) == digest);
  CHECK(ContentDigest{0, 1, 0}.hex() == "00000000000000000000000000000001");
  CHECK_THROWS_AS(ContentDigest::from_hex(2, "12"), Error);
  CHECK_THROWS_AS(ContentDigest::from_hex(2, std::string(31, '0') + "x"), Error);
}

TEST_CASE("random digits have the asked length and differ") {
  CHECK(random_hex(0).empty());
  CHECK(random_hex(16).size() == 32);
  CHECK(random_hex(16) != random_hex(16));
}
