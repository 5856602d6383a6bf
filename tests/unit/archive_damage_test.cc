// Every flipped bit, every cut, random mutations: found, named, and never worse than an error.
#include <random>

#include "tests/support/catch.h"
#include "tests/unit/archive_sample.h"

using namespace belay;
using namespace belay::testing;

namespace {

void require_damaged(const Error& error) {
  if (error.kind() != ErrorKind::damaged) FAIL("accepted or misjudged: " << error.what());
  if (error.object().empty() && error.what_happened() != "not a belay archive") {
    FAIL("no member is named: " << error.what());
  }
}

// Both ways of reading must refuse it as damaged, and say where.
void require_damaged(std::string_view archive) {
  require_damaged(error_of([&] { verify(archive); }));
  require_damaged(error_of([&] { verify_as_file(archive); }));
}

std::string small_archive() {
  const std::string archive = sample_archive(
      {{CopyFormat::text, Compression::zstd}, {CopyFormat::binary, Compression::none}}, 1, 2);
  REQUIRE(archive.size() < 12'288);
  verify(archive);
  verify_as_file(archive);
  return archive;
}

}  // namespace

TEST_CASE("every flipped bit is found") {
  std::string archive = small_archive();
  std::size_t flips = 0;
  for (char& byte : archive) {
    for (int bit = 0; bit < 8; ++bit) {
      const char flip = static_cast<char>(1 << bit);
      byte = static_cast<char>(byte ^ flip);
      require_damaged(error_of([&] { verify(archive); }));
      // The file reader gets one bit of each byte: both check the same hashes, and time is dear.
      if (flips / 8 % 8 == flips % 8) {
        require_damaged(error_of([&] { verify_as_file(archive); }));
      }
      byte = static_cast<char>(byte ^ flip);
      ++flips;
    }
  }
  REQUIRE(flips == archive.size() * 8);
}

TEST_CASE("a flipped bit in a chunk is told by the chunk's name, also where it changes no row") {
  std::string archive = small_archive();
  std::size_t flips = 0;
  for (std::size_t at = 0; archive[at] != '\0';) {
    const TarHeader header = parse_tar_header(std::string_view(archive).substr(at, kBlock));
    const std::size_t begin = at + kBlock;
    at = begin + (header.size + kBlock - 1) / kBlock * kBlock;
    if (header.name.find(".copy") == std::string::npos) continue;
    for (std::size_t i = begin; i < begin + header.size; ++i) {
      for (int bit = 0; bit < 8; ++bit, ++flips) {
        archive[i] = static_cast<char>(archive[i] ^ (1 << bit));
        INFO(header.name << ", byte " << i - begin << ", bit " << bit);
        REQUIRE(std::string(error_of([&] { verify(archive); }).what()).find(header.name) !=
                std::string::npos);
        archive[i] = static_cast<char>(archive[i] ^ (1 << bit));
      }
    }
  }
  REQUIRE(flips > 0);
}

TEST_CASE("a cut at any length is found") {
  const std::string archive = small_archive();
  for (std::size_t length = 0; length < archive.size(); ++length) {
    require_damaged(std::string_view(archive).substr(0, length));
  }
}

TEST_CASE("anything after the end is found") {
  const std::string archive = small_archive();
  for (const std::size_t count : {1, 511, 512, 1024, 10'240}) {
    for (const char byte : {'\0', 'x'}) require_damaged(archive + std::string(count, byte));
  }
  require_damaged(archive + archive);
}

TEST_CASE("zeroed, swapped and repeated blocks are found") {
  const std::string archive = small_archive();
  const std::size_t blocks = archive.size() / kBlock;
  const auto block = [&](std::size_t at) { return archive.substr(at * kBlock, kBlock); };
  for (std::size_t i = 0; i < blocks; ++i) {
    std::string bad = archive;
    if (block(i) != std::string(kBlock, '\0')) {
      require_damaged(bad.replace(i * kBlock, kBlock, kBlock, '\0'));
    }
    bad = archive;
    require_damaged(bad.erase(i * kBlock, kBlock));
    bad = archive;
    require_damaged(bad.insert(i * kBlock, block(i)));
    for (std::size_t j = 0; j < i; ++j) {
      if (block(i) == block(j)) continue;
      bad = archive;
      bad.replace(i * kBlock, kBlock, block(j)).replace(j * kBlock, kBlock, block(i));
      require_damaged(bad);
    }
  }
}

TEST_CASE("20,000 random mutations are found") {
  constexpr unsigned kSeed = 20'261'123;
  std::mt19937 random(kSeed);
  const std::string archive = small_archive();
  const auto below = [&](std::size_t limit) { return random() % limit; };
  for (int round = 0; round < 20'000; ++round) {
    std::string bad = archive;
    for (std::size_t changes = 1 + below(4); changes > 0; --changes) {
      const std::size_t at = below(bad.size());
      switch (below(4)) {
        case 0:
          bad[at] = static_cast<char>(random());
          break;
        case 1:
          bad.erase(at, below(700));
          break;
        case 2:
          bad.insert(at, archive, below(archive.size()), below(700));
          break;
        default:
          bad.replace(at, 1 + below(40), archive, below(archive.size()), 1 + below(40));
          break;
      }
      if (bad.empty()) bad.push_back('x');
    }
    INFO("seed " << kSeed << ", round " << round);
    if (bad != archive) require_damaged(bad);
  }
}

TEST_CASE("what is no archive at all is called so") {
  for (const std::string& bytes :
       {std::string(), std::string("-- SQL dump\n"), std::string("PGDMP\1\16\0", 8),
        std::string(100'000, '\0'), std::string(100'000, '0')}) {
    for (const auto& read : {std::function<void()>([&] { verify(bytes); }),
                             std::function<void()>([&] { verify_as_file(bytes); })}) {
      const Error error = error_of(read);
      REQUIRE(error.kind() == ErrorKind::damaged);
      REQUIRE(error.what_happened() == "not a belay archive");
    }
  }
}
