// An archive as one script that psql runs into an empty database.
#pragma once

#include "libcore/archive/reader.h"
#include "libcore/base/environment.h"

namespace belay::dump {

struct ScriptSummary {
  std::uint64_t tables = 0, rows = 0, bytes = 0;  // bytes of the script, decompressed
};

// Definitions, rows as COPY blocks, sequence states, large objects, the rest of the definitions.
// Every chunk is checked by its hash. Error{usage}, before a byte is written, for rows that a
// script cannot hold: binary ones, and names that are not ASCII in a database of another encoding
// than UTF8. `compression` makes frames that follow each other, which zstd and gzip read as one.
ScriptSummary export_script(const archive::ArchiveFile& file, archive::Compression compression,
                            ByteSink& sink, Environment& environment);

}  // namespace belay::dump
