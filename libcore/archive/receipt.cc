#include "libcore/archive/receipt.h"

#include <limits>

#include <fmt/format.h>

#include "libcore/archive/json.h"

namespace belay::archive {
namespace {

constexpr std::uint64_t kMaxReceiptBytes = 64u << 20;
constexpr std::string_view kExtension = ".belay";
constexpr std::array kLevels = {Level::readable, Level::compared, Level::empty};

// The last line of the object guards the lines before it against accidents, and the whole stays
// plain JSON.
std::string hash_line(std::string_view lines) {
  return fmt::format("  \"sha256_of_lines_above\": \"{}\"\n}}\n", belay::sha256(lines).hex());
}

// The last line but one, if it is signed. It signs the lines before it, so that a person can ask
// openssl about them.
std::string signature_line(std::string_view signature) {
  return fmt::format("  \"signature\": \"{}\",\n", signature);
}

std::optional<Receipt::Signature> signature_of(std::string_view lines, const Fields& fields) {
  if (!fields.has("signature")) return std::nullopt;
  Receipt::Signature signature{fields.text("signed_by"), fields.text("signature"), {}};
  const std::string line = signature_line(signature.value);
  if (!lines.ends_with(line)) fields.refuse("signature", "not where it belongs");
  signature.over = lines.substr(0, lines.size() - line.size());
  return signature;
}

double seconds_of(const Fields& fields) {
  const nlohmann::json& seconds = fields.value("seconds");
  if (!seconds.is_number() || seconds.get<double>() < 0) fields.refuse("seconds", "not a duration");
  return seconds.get<double>();
}

}  // namespace

std::string_view to_word(Level level) {
  switch (level) {
    case Level::readable:
      return "readable";
    case Level::compared:
      return "compared";
    case Level::empty:
      break;
  }
  return "empty";
}

Path receipt_path(const Path& archive, bool in_repository) {
  std::string path = archive.native();
  if (in_repository && path.ends_with(kExtension)) path.resize(path.size() - kExtension.size());
  return path + ".receipt.json";
}

bool is_signed_by(const Receipt& receipt, const TrustedKey& key) {
  return receipt.signature && key.holds(receipt.signature->over, receipt.signature->value);
}

std::string to_json(const Receipt& receipt, const SigningKey* key) {
  nlohmann::json document = {{"receipt", "belay verification 0"},
                             {"archive_sha256", receipt.archive_sha256.hex()},
                             {"archive_size", receipt.archive_size},
                             {"archive_id", receipt.archive_id},
                             {"level", to_word(receipt.level)},
                             {"verified_at", receipt.verified_at},
                             {"verified_by", receipt.verified_by},
                             {"source", to_json(receipt.source)},
                             {"fingerprint", receipt.fingerprint.hex()},
                             {"drill_server_version", receipt.drill_server_version},
                             {"drill_database", receipt.drill_database},
                             {"tables_compared", receipt.tables_compared},
                             {"rows_compared", receipt.rows_compared},
                             {"sequences_compared", receipt.sequences_compared},
                             {"large_objects_compared", receipt.large_objects_compared},
                             {"views_compared", receipt.views_compared},
                             {"not_compared", receipt.not_compared},
                             {"drill_server", receipt.drill_server},
                             {"kept_away", receipt.kept_away},
                             {"seconds", receipt.seconds}};
  if (key != nullptr) document["signed_by"] = key->id();
  std::string lines = dump_json(document, "the receipt", 2);
  lines.resize(lines.size() - std::string_view("\n}").size());
  lines += ",\n";
  if (key != nullptr) lines += signature_line(key->sign(lines));
  return lines + hash_line(lines);
}

Receipt receipt_from_json(std::string_view json) {
  const Where where{"receipt", 0};
  const std::size_t last_line = hash_line({}).size();
  if (json.size() < last_line ||
      !json.ends_with(hash_line(json.substr(0, json.size() - last_line)))) {
    throw_damaged(where, "its last line is not the SHA-256 of the lines above");
  }
  const nlohmann::json document = parse_json(json, where);
  const Fields fields(document, where);
  Receipt receipt;
  if (fields.text("receipt") != "belay verification 0") {
    throw Error(ErrorKind::unusable_backup, "this receipt needs another version of belay")
        .next("verify the archive again");
  }
  receipt.archive_sha256 = fields.sha256("archive_sha256");
  receipt.archive_size = fields.number("archive_size");
  receipt.archive_id = fields.text("archive_id");
  receipt.level = fields.word("level", kLevels);
  receipt.verified_at = fields.text("verified_at");
  receipt.verified_by = fields.text("verified_by");
  receipt.source = source_of(fields.object("source"));
  receipt.fingerprint = fields.sha256("fingerprint");
  receipt.drill_server_version =
      fields.integer("drill_server_version", 0, std::numeric_limits<int>::max());
  receipt.drill_database = fields.text("drill_database");
  receipt.tables_compared = fields.number("tables_compared");
  receipt.rows_compared = fields.number("rows_compared");
  receipt.sequences_compared = fields.number("sequences_compared");
  receipt.large_objects_compared = fields.number("large_objects_compared");
  receipt.views_compared = fields.number("views_compared");
  receipt.not_compared = fields.texts("not_compared");
  if (fields.has("kept_away")) {  // not in receipts of 0.2 and before
    receipt.drill_server = fields.text("drill_server");
    receipt.kept_away = fields.texts("kept_away");
  }
  receipt.seconds = seconds_of(fields);
  receipt.signature = signature_of(json.substr(0, json.size() - last_line), fields);
  return receipt;
}

void write_receipt(FileSystem& files, const Path& path, const Receipt& receipt,
                   const SigningKey* key) {
  publish_file(files, path, to_json(receipt, key));
}

std::optional<Receipt> read_receipt(const FileSystem& files, const Path& path) {
  if (files.status(path).type == FileStatus::Type::none) return std::nullopt;
  const std::string json = read_file(files, path, kMaxReceiptBytes);
  try {
    return receipt_from_json(json);
  } catch (const Error& error) {
    throw Error(error.kind(), "the receipt cannot be read")
        .object(path.native())
        .cause(error.cause())
        .next("verify the archive again");
  }
}

}  // namespace belay::archive
