#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/archive/writer.h"
#include "libcore/base/error.h"
#include "libdump/script_export.h"
#include "tools/commands.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

archive::Compression compression_of(const Path& file) {
  if (file.extension() == ".zst") return archive::Compression::zstd;
  return file.extension() == ".gz" ? archive::Compression::gzip : archive::Compression::none;
}

}  // namespace

int run_export(const Command& command, Context& context) {
  const Path path = command.arguments().front();
  const Path file = command.text(Option::file);
  if (file.empty()) {
    throw Error(ErrorKind::usage, "export needs -f")
        .next(
            fmt::format("belay export {} -f FILE.sql, FILE.sql.gz or FILE.sql.zst", path.native()));
  }
  std::unique_ptr<RandomAccessFile> source;
  try {
    source = context.environment.files.open_random(path);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  }
  const archive::ArchiveFile archive(*source);
  archive::Publication publication(context.environment.files, file,
                                   context.environment.cancellation);
  const dump::ScriptSummary summary =
      dump::export_script(archive, compression_of(file), publication.sink(), context.environment);
  publication.commit();

  Output& output = context.output;
  output.line(fmt::format("exported: {}", file == "-" ? "standard output" : file.native()));
  output.facts(
      {{"from", path.native()},
       {"contents", fmt::format("{}, {}, {} of script", counted(summary.tables, "table"),
                                counted(summary.rows, "row"), human_bytes(summary.bytes))}});
  nlohmann::ordered_json object;
  object["archive"] = path.native();
  object["file"] = file == "-" ? "" : file.native();
  object["tables"] = summary.tables;
  object["rows"] = summary.rows;
  object["bytes"] = summary.bytes;
  output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
