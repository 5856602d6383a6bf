#include "libcore/archive/documents.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/archive/json.h"
#include "libcore/archive/members.h"

namespace belay::archive {
namespace {

constexpr std::string_view kFormatName = "belay archive";
constexpr std::size_t kHashLine = 64 + 1;

// Header and tail guard themselves: their last line is the SHA-256 of the lines before it.
std::string with_hash_line(std::string lines) {
  const std::string hash = belay::sha256(lines).hex();
  return lines + hash + "\n";
}

std::string_view without_hash_line(std::string_view content, const Where& where) {
  if (content.size() > kHashLine) {
    const std::string_view lines = content.substr(0, content.size() - kHashLine);
    if (lines.back() == '\n' && with_hash_line(std::string(lines)) == content) return lines;
  }
  throw_damaged(where, "its last line is not the SHA-256 of the lines before it");
}

bool is_hex(std::string_view text, std::size_t digits) {
  return text.size() == digits &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error newer(std::string_view cause) {
  return Error(ErrorKind::unusable_backup, "this archive needs another version of belay")
      .object(kHeaderName)
      .cause(cause)
      .next("use the version of belay that wrote it, or a newer one");
}

nlohmann::json view_json(const ViewDigest& view) {
  return {{"schema", view.schema},          {"name", view.name},
          {"format", to_word(view.format)}, {"rows", to_json(view.rows)},
          {"query", to_json(view.query)},   {"not_comparable", view.not_comparable}};
}

ViewDigest view_of(const Fields& fields) {
  ViewDigest view;
  view.schema = fields.text("schema");
  view.name = fields.text("name");
  view.format = fields.word("format", std::array{CopyFormat::text, CopyFormat::binary});
  view.rows = fields.digest("rows");
  view.query = fields.digest("query");
  view.not_comparable = fields.text("not_comparable");
  return view;
}

nlohmann::json activity_json(const Activity& activity) {
  return {{"inserted", activity.inserted},   {"updated", activity.updated},
          {"deleted", activity.deleted},     {"files", activity.files},
          {"sequences", activity.sequences}, {"stats_reset", activity.stats_reset}};
}

Activity activity_of(const Fields& fields) {
  Activity activity;
  activity.inserted = fields.number("inserted");
  activity.updated = fields.number("updated");
  activity.deleted = fields.number("deleted");
  activity.files = fields.text("files");
  activity.sequences = fields.text("sequences");
  activity.stats_reset = fields.text("stats_reset");
  return activity;
}

const nlohmann::json& require_object(const nlohmann::json& value, const Fields& fields,
                                     const char* key) {
  if (!value.is_object()) fields.refuse(key, "not an object");
  return value;
}

std::uint64_t fixed_number(std::string_view digits, const Where& where) {
  std::uint64_t number = 0;
  for (const char digit : digits) {
    if (digit < '0' || digit > '9' || number > kMaxArchiveBytes / 10) {
      throw_damaged(where, "a number in it is wrong");
    }
    number = number * 10 + static_cast<std::uint64_t>(digit - '0');
  }
  return number;
}

}  // namespace

std::string write_header(const Header& header) {
  const nlohmann::json document = {
      {"format", kFormatName},           {"major", header.format_major},
      {"minor", header.format_minor},    {"features", header.features},
      {"archive_id", header.archive_id}, {"open_tables", header.open_tables},
      {"created_by", header.created_by}, {"source", to_json(header.source)}};
  return with_hash_line(dump_json(document, "the header", 2) + "\n");
}

Header read_header(std::string_view content, const Where& where) {
  const nlohmann::json document = parse_json(without_hash_line(content, where), where);
  const Fields fields(document, where);
  if (fields.text("format") != kFormatName) fields.refuse("format", "not a belay archive");
  Header header;
  header.format_major = fields.integer("major", 0, kMaxNumber);
  if (header.format_major != kFormatMajor) {
    throw newer(fmt::format("its format has version {}, this program reads version {}",
                            header.format_major, kFormatMajor));
  }
  header.features = fields.texts("features");
  if (header.features.size() > kMaxFeatures ||
      std::any_of(header.features.begin(), header.features.end(),
                  [](const std::string& feature) { return feature.size() > kMaxFeatureBytes; })) {
    fields.refuse("features", "too many or too long");
  }
  for (const std::string& feature : header.features) {
    if (feature != kPlannerStatistics) {
      throw newer(fmt::format("its feature \"{}\" is unknown here", feature));
    }
  }
  header.format_minor = fields.integer("minor", 0, kMaxNumber);
  header.archive_id = fields.text("archive_id");
  if (!is_hex(header.archive_id, 32)) fields.refuse("archive_id", "not 32 hexadecimal digits");
  header.open_tables = fields.integer("open_tables", 1, kMaxOpenTables);
  header.created_by = fields.text("created_by");
  header.source = source_of(fields.object("source"));
  return header;
}

std::string write_end(const DataEnd& end) {
  const nlohmann::json document = {{"item", end.number},
                                   {"algorithm", kContentDigestAlgorithm},
                                   {"stored", to_json(end.stored)},
                                   {"full", end.full ? to_json(*end.full) : nlohmann::json()},
                                   {"bytes", end.bytes},
                                   {"chunks", to_json(end.chunks)}};
  return dump_json(document, end_name(end.number)) + "\n";
}

DataEnd read_end(std::string_view content, const DataItem& item, const Where& where) {
  const nlohmann::json document = parse_json(content, where);
  const Fields fields(document, where);
  DataEnd end;
  end.number = fields.integer("item", 1, kMaxNumber);
  if (end.number != item.number) fields.refuse("item", "another one than the member's name says");
  require_algorithm(fields);
  end.stored = fields.digest("stored");
  if (!fields.value("full").is_null()) {
    end.full = fields.digest("full");
    if (end.full->rows != end.stored.rows) fields.refuse("full", "another number of rows");
  }
  end.bytes = fields.number("bytes");
  const nlohmann::json& chunks = fields.value("chunks");
  if (!chunks.is_array() || chunks.size() > kMaxChunks) fields.refuse("chunks", "not a list");
  end.chunks.reserve(chunks.size());
  for (const nlohmann::json& chunk : chunks) {
    std::string name =
        chunk_name(item.number, static_cast<int>(end.chunks.size()), item.compression);
    end.chunks.push_back(reference_of(chunk, std::move(name), fields, "chunks"));
  }
  return end;
}

std::string write_manifest(const Manifest& manifest) {
  nlohmann::json views = nlohmann::json::array();
  for (const ViewDigest& view : manifest.views) views.push_back(view_json(view));
  nlohmann::json document = {{"archive_id", manifest.archive_id},
                             {"header", to_json(manifest.header)},
                             {"toc", to_json(manifest.toc)},
                             {"ends", to_json(manifest.ends)},
                             {"algorithm", kContentDigestAlgorithm},
                             {"fingerprint", manifest.fingerprint.hex()},
                             {"revisions", manifest.revisions},
                             {"ledger", manifest.ledger},
                             {"user_relations", manifest.user_relations},
                             {"views", views},
                             {"left_out", manifest.left_out},
                             {"warnings", manifest.warnings},
                             {"schema_only", manifest.schema_only},
                             {"rows", manifest.rows},
                             {"bytes", manifest.bytes},
                             {"started", manifest.started},
                             {"finished", manifest.finished}};
  if (manifest.activity) document["activity"] = activity_json(*manifest.activity);
  return dump_json(document, kManifestName) + "\n";
}

Manifest read_manifest(std::string_view content, const Where& where) {
  const nlohmann::json document = parse_json(content, where);
  const Fields fields(document, where);
  Manifest manifest;
  manifest.archive_id = fields.text("archive_id");
  manifest.header = fields.reference("header", std::string(kHeaderName));
  manifest.toc = fields.references("toc", toc_name, 0);
  manifest.ends = fields.references("ends", end_name, 1);
  require_algorithm(fields);
  manifest.fingerprint = fields.sha256("fingerprint");
  const nlohmann::json& revisions = require_object(fields.value("revisions"), fields, "revisions");
  const Fields version_tables(revisions, where);
  for (const auto& [table, heads] : revisions.items()) {
    manifest.revisions[table] = version_tables.texts(table.c_str());
  }
  for (const auto& [catalog, buckets] :
       require_object(fields.value("ledger"), fields, "ledger").items()) {
    auto& counts = manifest.ledger[catalog];
    for (const auto& [bucket, rows] : require_object(buckets, fields, "ledger").items()) {
      counts[bucket] = number_of(rows, kMaxCount, fields, "ledger");
    }
  }
  manifest.user_relations = fields.number("user_relations");
  const nlohmann::json& views = fields.value("views");
  if (!views.is_array()) fields.refuse("views", "not a list");
  for (const nlohmann::json& view : views) manifest.views.push_back(view_of(Fields(view, where)));
  manifest.left_out = fields.texts("left_out");
  manifest.warnings = fields.texts("warnings");
  manifest.schema_only = fields.flag("schema_only");
  manifest.rows = fields.number("rows");
  manifest.bytes = fields.number("bytes");
  manifest.started = fields.text("started");
  manifest.finished = fields.text("finished");
  if (fields.has("activity")) manifest.activity = activity_of(fields.object("activity"));
  return manifest;
}

std::string write_tail(const Tail& tail) {
  return with_hash_line(fmt::format(
      "belay tail {}\nmanifest_offset {:020}\nmanifest_size {:020}\nmanifest_sha256 {}\n"
      "archive_sha256 {}\n",
      kFormatMajor, tail.manifest.offset, tail.manifest.size, tail.manifest.sha256.hex(),
      tail.archive.hex()));
}

Tail read_tail(std::string_view content, const Where& where) {
  if (content.size() != kTailBytes) throw_damaged(where, "it has the wrong size");
  without_hash_line(content, where);
  // Every field has a fixed place; writing them again proves everything around them.
  constexpr std::size_t kOffset = 29, kSize = 64, kManifestHash = 101, kArchiveHash = 181;
  Tail tail;
  tail.manifest.name = kManifestName;
  tail.manifest.offset = fixed_number(content.substr(kOffset, 20), where);
  tail.manifest.size = fixed_number(content.substr(kSize, 20), where);
  const std::string_view manifest_hash = content.substr(kManifestHash, 64);
  const std::string_view archive_hash = content.substr(kArchiveHash, 64);
  if (!is_hex(manifest_hash, 64) || !is_hex(archive_hash, 64)) {
    throw_damaged(where, "a hash in it is wrong");
  }
  tail.manifest.sha256 = Sha256::from_hex(manifest_hash);
  tail.archive = Sha256::from_hex(archive_hash);
  if (write_tail(tail) != content) throw_damaged(where, "its lines are wrong");
  return tail;
}

}  // namespace belay::archive
