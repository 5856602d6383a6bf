#include "libcore/archive/writer.h"

#include <exception>
#include <mutex>
#include <utility>

#include <fmt/format.h>

#include "libcore/archive/documents.h"
#include "libcore/archive/members.h"
#include "libcore/archive/tar.h"
#include "libcore/archive/toc.h"
#include "libcore/base/error.h"

namespace belay::archive {
namespace {

struct ItemState {
  DataItem item;
  std::vector<MemberRef> chunks;
  bool ended = false;
};

void require(bool ok, std::string_view what, std::string_view cause) {
  if (ok) return;
  throw Error(ErrorKind::internal, "the archive cannot be written").object(what).cause(cause);
}

}  // namespace

struct Writer::State {
  State(ByteSink& output, Header archive_header)
      : sink(output),
        header(std::move(archive_header)),
        tar(output),
        toc([this](std::string piece) {
          manifest.toc.push_back(add(toc_name(static_cast<int>(manifest.toc.size())), piece));
        }) {}

  MemberRef add(std::string name, std::string_view content) {
    return add(std::move(name), content, belay::sha256(content));
  }

  MemberRef add(std::string name, std::string_view content, const Sha256& hash) {
    tar.add(name, content);
    // The content lies before what was just written as padding.
    const std::uint64_t offset = tar.size() - padding(content.size()) - content.size();
    return {std::move(name), offset, content.size(), hash};
  }

  // Every public call runs in here: alone, and never after one that failed.
  template <typename Work>
  auto guarded(Work work) {
    const std::lock_guard lock(mutex);
    if (failure) std::rethrow_exception(failure);
    try {
      return work();
    } catch (...) {
      failure = std::current_exception();
      throw;
    }
  }

  ItemState& open_item(int number) {
    require(toc_ended, end_name(number), "the table of contents has not ended");
    require(number >= 1 && static_cast<std::size_t>(number) <= items.size(), end_name(number),
            "there is no such data item");
    ItemState& state = items[static_cast<std::size_t>(number) - 1];
    require(!state.ended, end_name(number), "the data item has ended already");
    return state;
  }

  MemberRef append_chunk(int number, std::string_view chunk, const Sha256& hash) {
    ItemState& state = open_item(number);
    const int index = static_cast<int>(state.chunks.size());
    std::string name = chunk_name(number, index, state.item.compression);
    require(chunk.size() <= max_compressed(kMaxChunkBytes), name, "the chunk is too large");
    require(index < kMaxChunks, name, "the data item has too many chunks");
    if (index == 0) {
      require(++open < header.open_tables + 1, name, "more data items are open than announced");
    }
    state.chunks.push_back(add(std::move(name), chunk, hash));
    return state.chunks.back();
  }

  void end_data(DataEnd end) {
    ItemState& state = open_item(end.number);
    state.ended = true;
    if (!state.chunks.empty()) --open;
    // Moved: what a large table's chunks are is kept once, in the archive.
    end.chunks = std::exchange(state.chunks, {});
    const std::size_t at = static_cast<std::size_t>(end.number) - 1;
    manifest.ends[at] = add(end_name(end.number), write_end(end));
    manifest.rows += end.stored.rows;
    manifest.bytes += end.bytes;
  }

  Written finish(Manifest given) {
    require(toc_ended, kManifestName, "the table of contents has not ended");
    for (const ItemState& state : items) {
      require(state.ended, end_name(state.item.number), "the data item has no end");
    }
    given.archive_id = header.archive_id;
    given.header = manifest.header;
    given.toc = manifest.toc;
    given.ends = manifest.ends;
    given.rows = manifest.rows;
    given.bytes = manifest.bytes;
    Tail tail;
    tail.manifest = add(std::string(kManifestName), write_manifest(given));
    tail.archive = tar.sha256();
    tar.add(kTailName, write_tail(tail));
    tar.finish();
    sink.sync();
    finished = true;
    return {tar.sha256(), tar.size()};
  }

  ByteSink& sink;
  const Header header;
  std::mutex mutex;
  // Guarded by mutex:
  std::exception_ptr failure;
  TarWriter tar;
  TocWriter toc;
  bool toc_ended = false, finished = false;
  std::vector<ItemState> items;
  int open = 0;
  Manifest manifest;  // references and sums so far
};

Writer::Writer(ByteSink& sink, Header header)
    : state_(std::make_unique<State>(sink, std::move(header))) {
  const std::string content = write_header(state_->header);
  // What a reader would refuse must not be written.
  read_header(content, {kHeaderName, kBlock});
  state_->manifest.header = state_->add(std::string(kHeaderName), content);
}

Writer::~Writer() = default;

void Writer::add_database(const DatabaseProperties& properties,
                          const std::vector<RoleDefinition>& roles) {
  state_->guarded([&] { state_->toc.add_database(properties, roles); });
}

void Writer::add_role(std::string_view name) {
  state_->guarded([&] { state_->toc.add_role(name); });
}

void Writer::add_extension(std::string_view name, std::string_view version) {
  state_->guarded([&] { state_->toc.add_extension(name, version); });
}

void Writer::add_entry(const Entry& entry) {
  state_->guarded([&] { state_->toc.add_entry(entry); });
}

void Writer::add_data_item(const DataItem& item) {
  state_->guarded([&] {
    state_->toc.add_data_item(item);
    state_->items.push_back({item, {}, false});
  });
}

void Writer::end_toc() {
  state_->guarded([&] {
    require(!state_->toc_ended, "end", "the table of contents has ended already");
    state_->toc.end();
    state_->toc_ended = true;
    state_->manifest.ends.resize(state_->items.size());
  });
}

MemberRef Writer::append_chunk(int number, std::string_view chunk) {
  const Sha256 hash = belay::sha256(chunk);  // outside of the lock: workers hash at the same time
  return state_->guarded([&] { return state_->append_chunk(number, chunk, hash); });
}

void Writer::end_data(DataEnd end) {
  state_->guarded([&] { state_->end_data(std::move(end)); });
}

Writer::Written Writer::finish(Manifest manifest) {
  return state_->guarded([&] {
    require(!state_->finished, kManifestName, "the archive is finished already");
    return state_->finish(std::move(manifest));
  });
}

}  // namespace belay::archive
