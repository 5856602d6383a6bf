#include "libcore/archive/verify.h"

#include <fmt/format.h>

#include "libcore/archive/chunk.h"
#include "libcore/archive/damage.h"
#include "libcore/archive/members.h"

namespace belay::archive {
namespace {

// What a data item's chunks hold, added up while they come.
struct Sum {
  ContentDigest digest;
  std::uint64_t bytes = 0;
};

}  // namespace

ContentDigest digest_chunk(std::string_view chunk, const DataItem& item,
                           const std::function<void(std::string_view piece)>& piece,
                           std::uint64_t* bytes) {
  ContentDigest digest;
  RowScanner rows(item.format, [&](std::string_view row) { digest.add_row(row); });
  std::uint64_t count = 0;
  decode_chunk(chunk, item.compression, [&](std::string_view decoded) {
    count += decoded.size();
    rows.feed(decoded);
    if (piece) piece(decoded);
  });
  rows.finish();
  if (bytes != nullptr) *bytes = count;
  return digest;
}

void check_end(const DataEnd& end, const ContentDigest& rows, std::uint64_t bytes) {
  const std::string member = end_name(end.number);
  const auto refuse = [&](const std::string& cause) {
    throw Error(ErrorKind::damaged, "the archive is damaged").object(member).cause(cause);
  };
  if (rows.rows != end.stored.rows) {
    refuse(fmt::format("it counts {} rows, but there are {}", end.stored.rows, rows.rows));
  }
  if (bytes != end.bytes) {
    refuse(fmt::format("it counts {} bytes, but there are {}", end.bytes, bytes));
  }
  if (rows != end.stored) refuse("the rows have another digest");
}

Readable verify_readable(ByteSource& source, Progress& progress, const Cancellation& cancellation) {
  StreamReader reader(source);
  Readable readable;
  readable.header = reader.header();
  readable.contents = reader.contents();
  const std::vector<DataItem>& items = readable.contents.items;
  readable.ends.resize(items.size());
  progress.stage("verify", items.size(), 0);
  std::vector<Sum> sums(items.size());
  while (const std::optional<StreamReader::Event> event = reader.next()) {
    cancellation.check();
    if (const auto* chunk = std::get_if<StreamReader::Chunk>(&*event)) {
      const std::size_t at = static_cast<std::size_t>(chunk->number) - 1;
      std::uint64_t bytes = 0;
      in_member({chunk->ref.name, chunk->ref.offset},
                [&] { sums[at].digest += digest_chunk(chunk->bytes, items[at], nullptr, &bytes); });
      sums[at].bytes += bytes;
      ++readable.chunks;
      progress.advance(items[at].name, 0, bytes);
    } else if (const auto* end = std::get_if<DataEnd>(&*event)) {
      const std::size_t at = static_cast<std::size_t>(end->number) - 1;
      check_end(*end, sums[at].digest, sums[at].bytes);
      readable.ends[at] = *end;
      progress.advance(items[at].name, 1, 0);
    }
  }
  readable.manifest = reader.manifest();
  readable.sha256 = reader.sha256();
  readable.size = reader.size();
  readable.rows = readable.manifest.rows;
  readable.bytes = readable.manifest.bytes;
  return readable;
}

}  // namespace belay::archive
