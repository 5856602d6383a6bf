#include <algorithm>
#include <array>
#include <utility>

#include "libcore/archive/documents.h"
#include "libcore/archive/members.h"
#include "libcore/archive/reader.h"
#include "libcore/archive/tar.h"
#include "libcore/archive/toc.h"

namespace belay::archive {
namespace {

constexpr std::uint64_t kReadBytes = 1u << 20;
// Tail: header, one block of content; then the two zero blocks.
constexpr std::uint64_t kTailToEnd = 4 * kBlock;

}  // namespace

struct ArchiveFile::State {
  explicit State(const RandomAccessFile& random_file) : file(random_file), size(file.size()) {}

  // Bytes [offset, offset + length); memory grows as they arrive.
  std::string read(std::uint64_t offset, std::uint64_t length, const Where& where) const {
    if (offset > size || length > size - offset) {
      throw_damaged(where, "it reaches beyond the end of the archive");
    }
    std::string bytes;
    while (bytes.size() < length) {
      const std::size_t have = bytes.size();
      const auto step = static_cast<std::size_t>(std::min(kReadBytes, length - have));
      bytes.resize(have + step);
      if (file.read_at(offset + have, bytes.data() + have, step) < step) {
        throw_damaged(where, "it is cut off");
      }
    }
    return bytes;
  }

  // Content of a member with its tar header and padding checked, but not its hash.
  std::string read_member(const MemberRef& ref, std::uint64_t limit) const {
    const Where where{ref.name, ref.offset};
    if (ref.size > limit) throw_damaged(where, "it is larger than such a member may be");
    if (ref.offset < kBlock || ref.offset % kBlock != 0) {
      throw_damaged(where, "its offset is impossible");
    }
    const std::string block = read(ref.offset - kBlock, kBlock, where);
    const TarHeader found = in_member(where, [&] { return parse_tar_header(block); });
    if (found.name != ref.name || found.size != ref.size) {
      throw_damaged(where, "another member is there");
    }
    std::string content = read(ref.offset, ref.size + padding(ref.size), where);
    if (content.find_first_not_of('\0', ref.size) != std::string::npos) {
      throw_damaged(where, "the padding behind it is not zero");
    }
    content.resize(ref.size);
    return content;
  }

  std::string read_checked(const MemberRef& ref, std::uint64_t limit) const {
    std::string content = read_member(ref, limit);
    if (belay::sha256(content) != ref.sha256) {
      throw_damaged({ref.name, ref.offset}, "its SHA-256 does not hold");
    }
    return content;
  }

  // Guarded by its own last line, and read before the tail: a newer version may end otherwise.
  void open_header() {
    std::array<char, kBlock> buffer{};
    const std::string_view block(buffer.data(), file.read_at(0, buffer.data(), buffer.size()));
    if (!block.starts_with(std::string(kHeaderName) + '\0')) {
      throw Error(ErrorKind::damaged, "not a belay archive")
          .cause(block.empty() ? "it is empty" : "it does not begin as one");
    }
    const Where where{kHeaderName, kBlock};
    if (block.size() < kBlock) throw_damaged(where, "it is cut off");
    const TarHeader found = in_member(where, [&] { return parse_tar_header(block); });
    const MemberRef ref{found.name, kBlock, found.size, {}};
    header = read_header(read_member(ref, kMaxHeaderBytes), where);
  }

  Tail open_tail() const {
    const MemberRef ref{std::string(kTailName), size - kTailToEnd + kBlock, kTailBytes, {}};
    const Where where{kTailName, ref.offset};
    if (size < 2 * kTailToEnd || size % kBlock != 0) throw_damaged(where, "it is cut off");
    const Tail tail = read_tail(read_member(ref, kTailBytes), where);
    const std::string zeros = read(size - 2 * kBlock, 2 * kBlock, where);
    if (zeros.find_first_not_of('\0') != std::string::npos) {
      throw_damaged(where, "the two blocks behind it are not zero");
    }
    return tail;
  }

  void open_contents() {
    if (manifest.toc.size() > kMaxTocPieces) {
      throw_damaged({kManifestName, manifest.header.offset}, "it lists too many pieces");
    }
    TocReader toc;
    for (const MemberRef& piece : manifest.toc) {
      const Where where{piece.name, piece.offset};
      if (toc.complete()) throw_damaged(where, "the table of contents has ended before it");
      toc.add_piece(read_checked(piece, max_compressed(kMaxTocLineBytes)), where);
    }
    if (!toc.complete()) {
      throw_damaged({kManifestName, manifest_ref.offset}, "the table of contents has no last line");
    }
    contents = toc.take();
  }

  void open_ends() {
    const Where where{kManifestName, manifest_ref.offset};
    if (manifest.ends.size() != contents.items.size()) {
      throw_damaged(where, "it lists another number of ends than there are data items");
    }
    std::uint64_t rows = 0, bytes = 0;
    for (std::size_t i = 0; i < manifest.ends.size(); ++i) {
      const MemberRef& ref = manifest.ends[i];
      // Every chunk takes a block or more in the file, and at most 256 bytes in its end.
      const std::string document = read_checked(ref, max_end_bytes(size / kBlock));
      ends.push_back(read_end(document, contents.items[i], {ref.name, ref.offset}));
      rows += ends.back().stored.rows;
      bytes += ends.back().bytes;
      if (rows > kMaxArchiveBytes || bytes > kMaxArchiveBytes) break;
    }
    if (rows != manifest.rows || bytes != manifest.bytes) {
      throw_damaged(where, "it has another number of rows or bytes than the ends");
    }
  }

  // Nothing overlaps, nothing lies hidden between: the members tile the file, in their order.
  void check_layout() const {
    std::uint64_t at = 0;
    const auto place = [&](const MemberRef& ref) {
      at += kBlock;
      if (ref.offset != at) {
        throw_damaged({ref.name, ref.offset}, "it does not lie behind the member before it");
      }
      at += ref.size + padding(ref.size);
    };
    place(manifest.header);
    for (const MemberRef& piece : manifest.toc) place(piece);
    std::vector<const MemberRef*> data;
    for (std::size_t i = 0; i < ends.size(); ++i) {
      const std::vector<MemberRef>& chunks = ends[i].chunks;
      std::uint64_t previous = 0;
      for (const MemberRef& chunk : chunks) {
        if (chunk.offset <= previous)
          throw_damaged({chunk.name, chunk.offset}, "it is out of order");
        previous = chunk.offset;
        data.push_back(&chunk);
      }
      if (manifest.ends[i].offset <= previous) {
        throw_damaged({manifest.ends[i].name, manifest.ends[i].offset}, "it is out of order");
      }
      data.push_back(&manifest.ends[i]);
    }
    std::sort(data.begin(), data.end(),
              [](const MemberRef* a, const MemberRef* b) { return a->offset < b->offset; });
    for (const MemberRef* ref : data) place(*ref);
    place(manifest_ref);
    if (at + kTailToEnd != size) {
      throw_damaged({kTailName, size - kTailToEnd}, "it does not lie behind the manifest");
    }
  }

  void open() {
    open_header();
    const Tail tail = open_tail();
    manifest_ref = tail.manifest;
    const Where where{kManifestName, manifest_ref.offset};
    const std::string document = read_checked(manifest_ref, max_manifest_bytes(size / kBlock));
    manifest = read_manifest(document, where);
    if (manifest.archive_id != header.archive_id) {
      throw_damaged(where, "it has another archive id than the header");
    }
    read_checked(manifest.header, kMaxHeaderBytes);
    open_contents();
    open_ends();
    check_layout();
  }

  const RandomAccessFile& file;
  const std::uint64_t size;
  // Constant after open():
  Header header;
  Contents contents;
  Manifest manifest;
  MemberRef manifest_ref;
  std::vector<DataEnd> ends;
};

ArchiveFile::ArchiveFile(const RandomAccessFile& file) : state_(std::make_unique<State>(file)) {
  state_->open();
}

ArchiveFile::~ArchiveFile() = default;

const Header& ArchiveFile::header() const { return state_->header; }
const Contents& ArchiveFile::contents() const { return state_->contents; }
const Manifest& ArchiveFile::manifest() const { return state_->manifest; }
const std::vector<DataEnd>& ArchiveFile::ends() const { return state_->ends; }

std::string ArchiveFile::read_chunk(const MemberRef& ref) const {
  return state_->read_checked(ref, max_compressed(kMaxChunkBytes));
}

PartReader::PartReader(const ArchiveFile& file, std::uint64_t size, std::vector<bool> items)
    : file_(file), size_(size), items_(std::move(items)) {}

std::optional<Reader::Event> PartReader::next() {
  const std::vector<DataEnd>& ends = file_.ends();
  while (item_ < ends.size() && !items_[item_]) ++item_;
  if (item_ == ends.size()) return std::nullopt;
  const DataEnd& end = ends[item_];
  if (chunk_ == end.chunks.size()) {
    ++item_;
    chunk_ = 0;
    return end;
  }
  Chunk chunk;
  chunk.number = end.number;
  chunk.index = static_cast<int>(chunk_);
  chunk.ref = end.chunks[chunk_++];
  chunk.bytes = file_.read_chunk(chunk.ref);
  return chunk;
}

}  // namespace belay::archive
