#include "tools/schema_source.h"

#include <utility>

#include "libcore/archive/reader.h"
#include "libcore/base/error.h"
#include "libdump/ddl.h"
#include "tools/target.h"

namespace belay::tools {
namespace {

constexpr std::uint64_t kMostExportedBytes = 2ull << 30;
constexpr std::string_view kScriptStart = "-- Schema of a PostgreSQL database, written by belay.";

std::unique_ptr<RandomAccessFile> open(const Path& path, const FileSystem& files) {
  try {
    return files.open_random(path);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  }
}

// What an exported file begins with; an archive begins with the name of its first member.
char first_byte(const Path& path, const FileSystem& files) {
  char first = 0;
  open(path, files)->read_at(0, &first, 1);
  return first;
}

}  // namespace

SchemaSource schema_of_archive(const Path& path, const FileSystem& files) {
  const std::unique_ptr<RandomAccessFile> file = open(path, files);
  const archive::ArchiveFile archive(*file);
  const archive::Contents& contents = archive.contents();
  return {path.native(), dump::render_script(contents.database, contents.entries),
          archive.manifest().fingerprint,
          dump::schema_objects_of(archive.header(), archive.manifest(), contents.entries)};
}

SchemaSource schema_of_database(pg::ConnectTarget target, const Command& command,
                                Context& context) {
  const Reached reached = reach(target, command, context);
  dump::SchemaExport exported = dump::export_schema(target, context.environment);
  const Sha256 fingerprint = exported.objects.fingerprint;
  return {reached.database, std::move(exported.sql), fingerprint, std::move(exported.objects)};
}

SchemaSource schema_of_export(const Path& path, const FileSystem& files) {
  std::string text;
  try {
    text = read_file(files, path, kMostExportedBytes);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  }
  if (text.starts_with(kScriptStart)) return {path.native(), std::move(text), {}, std::nullopt};
  dump::SchemaObjects objects = dump::schema_objects_of(text, path.native());
  const Sha256 fingerprint = objects.fingerprint;
  return {path.native(), "", fingerprint, std::move(objects)};
}

SchemaSource schema_named(const std::string& text, const Command& command, Context& context) {
  const FileSystem& files = context.environment.files;
  const bool is_file = files.status(text).type == FileStatus::Type::regular;
  if (is_file && first_byte(text, files) != '0') return schema_of_export(text, files);
  if (is_file || text.ends_with(".belay")) return schema_of_archive(text, files);
  if (text.ends_with(".json") || text.ends_with(".sql")) return schema_of_export(text, files);
  return schema_of_database(named(text, command, context), command, context);
}

const dump::SchemaObjects& objects_of(const SchemaSource& schema) {
  if (schema.objects) return *schema.objects;
  if (schema.sql.starts_with(kScriptStart) && schema.fingerprint == Sha256()) {
    throw Error(ErrorKind::usage, "a script cannot be taken apart into objects")
        .object(schema.title)
        .next("export JSON instead: belay schema --format json -f FILE; or use --check");
  }
  throw Error(ErrorKind::usage, "the archive holds its schema as SQL only")
      .object(schema.title)
      .cause("the belay that wrote it did not record more")
      .next("restore it, and use that database");
}

}  // namespace belay::tools
