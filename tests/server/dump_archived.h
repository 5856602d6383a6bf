// A database dumped into memory, proved readable, with its rows decompressed.
#pragma once

#include <functional>
#include <map>
#include <string>

#include "libcore/archive/chunk.h"
#include "libcore/archive/verify.h"
#include "libdump/dump.h"

namespace belay::testing {

class MemorySink : public ByteSink {
 public:
  void write(std::string_view bytes) override {
    content += bytes;
    if (on_write) on_write();
  }
  void sync() override {}
  void close() override {}
  std::string content;
  std::function<void()> on_write;  // runs on whatever thread writes
};

class MemorySource : public ByteSource {
 public:
  explicit MemorySource(std::string_view content) : rest_(content) {}
  std::size_t read(char* buffer, std::size_t size) override {
    const std::size_t count = std::min(size, rest_.size());
    rest_.copy(buffer, count);
    rest_.remove_prefix(count);
    return count;
  }

 private:
  std::string_view rest_;
};

struct World {
  SilentProgress progress;
  Cancellation cancellation;
  Environment environment{real_file_system(), system_clock(), progress, cancellation};
};

struct Archived {
  dump::Summary summary;
  archive::Readable readable;
  std::map<std::string, std::string> rows;  // by name of the item; decompressed chunks joined

  const archive::DataItem& item(const std::string& name) const {
    for (const archive::DataItem& item : readable.contents.items) {
      if (item.name == name) return item;
    }
    throw Error(ErrorKind::internal, "the archive has no such item").object(name);
  }
  const archive::DataEnd& end(const std::string& name) const {
    return readable.ends.at(static_cast<std::size_t>(item(name).number - 1));
  }
};

inline std::string name_of_other(archive::DataKind kind) {
  if (kind == archive::DataKind::planner_statistics) return "(planner statistics)";
  return kind == archive::DataKind::sequence_states ? "(sequences)" : "(large objects)";
}

inline Archived archive_of(const pg::ConnectTarget& target, const dump::Options& options,
                           World& world, MemorySink& sink) {
  Archived archived;
  archived.summary = dump::dump(target, options, sink, world.environment);
  MemorySource proof(sink.content);
  archived.readable = archive::verify_readable(proof, world.progress, world.cancellation);
  MemorySource source(sink.content);
  archive::StreamReader reader(source);
  while (const auto event = reader.next()) {
    const auto* chunk = std::get_if<archive::StreamReader::Chunk>(&*event);
    if (chunk == nullptr) continue;
    const archive::DataItem& item =
        reader.contents().items[static_cast<std::size_t>(chunk->number - 1)];
    const std::string name =
        item.kind == archive::DataKind::table ? item.name : name_of_other(item.kind);
    archive::decode_chunk(chunk->bytes, item.compression,
                          [&](std::string_view piece) { archived.rows[name] += piece; });
  }
  return archived;
}

inline Archived archive_of(const pg::ConnectTarget& target, const dump::Options& options = {}) {
  World world;
  MemorySink sink;
  return archive_of(target, options, world, sink);
}

}  // namespace belay::testing
