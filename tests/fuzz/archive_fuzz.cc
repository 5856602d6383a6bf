// Feeds arbitrary bytes to every parser of the archive layer. The only allowed outcomes are a value
// or belay::Error. Built and run by tests/fuzz/run; not part of the ordinary tests.
//
// Hashes would stop a fuzzer at the door, so documents are fed past them, and headers get their
// hash line added.
#include <cstddef>
#include <cstdint>

#include "libcore/archive/compression.h"
#include "libcore/archive/documents.h"
#include "libcore/archive/members.h"
#include "libcore/archive/receipt.h"
#include "libcore/archive/tar.h"
#include "libcore/archive/toc.h"
#include "tests/unit/archive_sample.h"

namespace {

using namespace belay;
using namespace belay::testing;

constexpr Where kWhere{"fuzzed", 512};

void scan(CopyFormat format, std::string_view bytes) {
  std::uint64_t rows = 0;
  RowScanner scanner(format, [&](std::string_view) { ++rows; });
  for (; !bytes.empty(); bytes.remove_prefix(std::min<std::size_t>(bytes.size(), 7))) {
    scanner.feed(bytes.substr(0, 7));
  }
  scanner.finish();
}

// The bytes replace one member of a good archive whose hashes are then made right.
void forge(std::string_view bytes, std::size_t which) {
  static const std::string good = sample_archive(
      {{CopyFormat::text, Compression::none}, {CopyFormat::binary, Compression::none}}, 1, 2);
  Forger forger(good);
  forger.fix_references = false;
  forger.members[which % forger.members.size()].content = bytes;
  const std::string archive = forger.build();
  verify(archive);
}

void parse(unsigned choice, std::string_view bytes) {
  std::uint64_t count = 0;
  const auto piece = [&](std::string_view decoded) { count += decoded.size(); };
  switch (choice % 14) {
    case 0: {
      std::string lines = std::string(bytes) + "\n";
      lines += belay::sha256(lines).hex() + "\n";
      read_header(lines, kWhere);
      break;
    }
    case 1:
      read_end(bytes, sample_item(1, CopyFormat::text, Compression::none), kWhere);
      break;
    case 2:
      read_manifest(bytes, kWhere);
      break;
    case 3:
      read_tail(bytes, kWhere);
      break;
    case 4:
      TocReader().add_piece(bytes, kWhere);
      break;
    case 5:
      TocReader().add_piece(compress(bytes, Compression::zstd, 1), kWhere);
      break;
    case 6:
      decode_chunk(bytes, Compression::zstd, piece);
      break;
    case 7:
      decode_chunk(bytes, Compression::gzip, piece);
      break;
    case 8:
      scan(CopyFormat::binary, bytes);
      break;
    case 9:
      scan(CopyFormat::text, bytes);
      break;
    case 10:
      verify(bytes);
      break;
    case 11:
      verify_as_file(bytes);
      break;
    case 12:
      receipt_from_json(bytes);
      break;
    default:
      if (!bytes.empty()) forge(bytes.substr(1), static_cast<unsigned char>(bytes[0]));
      break;
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  if (size == 0) return 0;
  try {
    parse(bytes[0], {reinterpret_cast<const char*>(bytes) + 1, size - 1});
  } catch (const Error& error) {
    // Never a bug of ours: `internal` is what broken invariants throw.
    if (error.kind() == ErrorKind::internal) __builtin_trap();
  }
  return 0;
}
