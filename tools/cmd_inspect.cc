#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/archive/members.h"
#include "libcore/archive/reader.h"
#include "libcore/base/error.h"
#include "libcore/base/shell_word.h"
#include "tools/commands.h"
#include "tools/proof.h"
#include "tools/repository.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

using nlohmann::ordered_json;

std::string title(const archive::DataItem& item) {
  return item.kind == archive::DataKind::table
             ? printable(quote_name_pretty({item.schema, item.name}))
             : archive::title_of(item);
}

std::uint64_t compressed_size(const archive::DataEnd& end) {
  std::uint64_t size = 0;
  for (const archive::MemberRef& chunk : end.chunks) size += chunk.size;
  return size;
}

std::string format_of(const archive::DataItem& item) {
  return item.format == archive::CopyFormat::binary ? "binary" : "text";
}

std::string receipt_text(const Stored& stored) {
  if (!stored.receipt) return "none for these bytes";
  return fmt::format("{}, {} by {}", name_of(stored.receipt->level), stored.receipt->verified_at,
                     stored.receipt->verified_by);
}

bool holds_passwords(const archive::Contents& contents) {
  const auto& roles = contents.role_definitions;
  return std::any_of(roles.begin(), roles.end(),
                     [](const RoleDefinition& role) { return role.password.has_value(); });
}

std::string roles_text(const archive::Contents& contents) {
  const std::size_t defined = contents.role_definitions.size();
  if (defined == 0) return fmt::format("{}", counted(contents.roles.size(), "name"));
  return fmt::format("{}, {}{}", counted(contents.roles.size(), "name"),
                     counted(defined, "definition"),
                     holds_passwords(contents) ? ", with passwords" : "");
}

ordered_json items_of(const archive::ArchiveFile& archive) {
  ordered_json items = ordered_json::array();
  for (const archive::DataItem& item : archive.contents().items) {
    const archive::DataEnd& end = archive.ends().at(static_cast<std::size_t>(item.number) - 1);
    ordered_json one;
    one["kind"] = archive::to_word(item.kind);
    one["schema"] = item.schema;
    one["name"] = item.name;
    one["rows"] = end.stored.rows;
    one["bytes"] = end.bytes;
    one["compressed"] = compressed_size(end);
    one["chunks"] = end.chunks.size();
    one["format"] = format_of(item);
    one["digest"] = end.stored.hex();
    items.push_back(one);
  }
  return items;
}

void print(const archive::ArchiveFile& archive, const Stored& stored, Output& output) {
  const SourceIdentity& source = archive.header().source;
  const archive::Manifest& manifest = archive.manifest();
  output.line(fmt::format("archive {}", archive.header().archive_id));
  output.facts(
      {{"file", fmt::format("{}, {}", stored.path.native(), human_bytes(stored.size))},
       {"format",
        fmt::format("{}.{}, written by {}", archive.header().format_major,
                    archive.header().format_minor, printable(archive.header().created_by))},
       {"of", fmt::format("database {} (OID {}), system {}, server {}", printable(source.database),
                          source.database_oid, source.system_identifier,
                          printable(source.server_version_text))},
       {"environment", printable(source.environment)},
       {"snapshot", source.server_clock},
       {"encoding", printable(archive.contents().database.encoding)},
       {"contents",
        fmt::format("{}, {}, {}{}", counted(archive.contents().entries.size(), "object"),
                    counted(manifest.rows, "row"), human_bytes(manifest.bytes),
                    manifest.schema_only ? ", schema only" : "")},
       {"roles", roles_text(archive.contents())},
       {"fingerprint", manifest.fingerprint.hex()},
       {"receipt", receipt_text(stored)}});
  for (const auto& [table, heads] : manifest.revisions) {
    std::string text;
    for (const std::string& head : heads) text += (text.empty() ? "" : ", ") + printable(head);
    output.line(fmt::format("  revisions in {}: {}", printable(table), text));
  }
  for (const std::string& text : manifest.left_out) {
    output.line(fmt::format("  left out: {}", printable(text)));
  }
  std::vector<std::vector<std::string>> rows;
  for (const archive::DataItem& item : archive.contents().items) {
    const archive::DataEnd& end = archive.ends().at(static_cast<std::size_t>(item.number) - 1);
    rows.push_back({"  " + title(item), counted(end.stored.rows, "row"), human_bytes(end.bytes),
                    human_bytes(compressed_size(end)) + " stored", format_of(item)});
  }
  output.line("");
  output.table(rows);
  if (!stored.receipt)
    output.next(fmt::format("belay verify {}", quote_shell_word(stored.path.native())));
}

}  // namespace

int run_inspect(const Command& command, Context& context) {
  const Path path = command.arguments().front();
  std::unique_ptr<RandomAccessFile> file;
  try {
    file = context.environment.files.open_random(path);
  } catch (const Error& error) {
    throw Error(error).as(ErrorKind::usage);
  }
  const archive::ArchiveFile archive(*file);
  const Stored stored = look_at(context.environment.files, path, "");
  print(archive, stored, context.output);
  const SourceIdentity& source = archive.header().source;
  ordered_json object;
  object["archive"] = path.native();
  object["archive_id"] = archive.header().archive_id;
  object["format"] =
      fmt::format("{}.{}", archive.header().format_major, archive.header().format_minor);
  object["created_by"] = archive.header().created_by;
  object["size"] = stored.size;
  object["database"] = source.database;
  object["database_oid"] = source.database_oid;
  object["system_identifier"] = source.system_identifier;
  object["server_version"] = source.server_version;
  object["environment"] = source.environment;
  object["snapshot_at"] = source.server_clock;
  object["fingerprint"] = archive.manifest().fingerprint.hex();
  object["revisions"] = archive.manifest().revisions;
  object["left_out"] = archive.manifest().left_out;
  object["schema_only"] = archive.manifest().schema_only;
  object["objects"] = archive.contents().entries.size();
  object["roles"] = archive.contents().roles;
  object["roles_defined"] = archive.contents().role_definitions.size();
  object["role_passwords"] = holds_passwords(archive.contents());
  object["rows"] = archive.manifest().rows;
  object["bytes"] = archive.manifest().bytes;
  object["receipt"] =
      stored.receipt ? ordered_json(name_of(stored.receipt->level)) : ordered_json(nullptr);
  object["items"] = items_of(archive);
  context.output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
