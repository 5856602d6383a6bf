#include "tools/proof.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/archive/verify.h"
#include "libcore/base/error.h"
#include "tools/process.h"
#include "tools/repository.h"
#include "tools/units.h"
#include "tools/usage.h"

namespace belay::tools {
namespace {

bool is_stream(const Path& archive) { return archive == "-"; }

std::unique_ptr<ByteSource> open(const Path& archive, const Environment& environment) {
  if (is_stream(archive)) return Process::input(environment.cancellation);
  return environment.files.status(archive).type == FileStatus::Type::other
             ? Process::input_from(archive, environment.cancellation)
             : environment.files.open(archive);
}

Path receipt_file_of(const Path& archive) {
  return archive::receipt_path(archive, is_repository_name(archive.filename().native()));
}

// Only what says that this archive is bad may take its receipt away; "could not run" does not.
void withdraw_receipt(const Path& archive, FileSystem& files) {
  if (!is_stream(archive)) files.remove(receipt_file_of(archive));
}

archive::Receipt begin_receipt(const archive::Header& header, const archive::Manifest& manifest,
                               const Sha256& sha256, std::uint64_t size, Clock& clock) {
  archive::Receipt receipt;
  receipt.archive_sha256 = sha256;
  receipt.archive_size = size;
  receipt.archive_id = header.archive_id;
  receipt.verified_at = to_iso8601(clock.now());
  receipt.verified_by = version();
  receipt.source = header.source;
  receipt.fingerprint = manifest.fingerprint;
  return receipt;
}

// Of the same bytes: it proves more, or as much and is signed.
bool says_more(const archive::Receipt& before, const archive::Receipt& now, bool is_signed) {
  if (before.archive_sha256 != now.archive_sha256) return false;
  const auto proved = [](const archive::Receipt& receipt) {
    return receipt.level == archive::Level::readable ? 1 : 2;
  };
  if (proved(before) != proved(now)) return proved(before) > proved(now);
  return before.signature && !is_signed;
}

void write(Proof& proof, const Path& archive, FileSystem& files, const SigningKey* key) {
  if (is_stream(archive)) return;
  const Path path = receipt_file_of(archive);
  std::optional<archive::Receipt> before;
  try {
    before = archive::read_receipt(files, path);
  } catch (const Error&) {
    // It cannot be read, so it is replaced.
  }
  proof.receipt_file = path;
  proof.kept_stronger = before && says_more(*before, proof.receipt, key != nullptr);
  if (proof.kept_stronger) return;
  try {
    archive::write_receipt(files, path, proof.receipt, key);
  } catch (const Error& error) {
    // The archive is not to blame, but without a receipt nobody can rely on the proof.
    throw Error(error).as(ErrorKind::could_not_run);
  }
}

double seconds_since(std::chrono::steady_clock::time_point start, const Clock& clock) {
  return std::chrono::duration<double>(clock.steady() - start).count();
}

// A file that cannot be opened or read says nothing about its bytes.
[[noreturn]] void could_not_read(const Error& error) {
  throw Error(error).as(ErrorKind::could_not_run);
}

}  // namespace

Proof prove_readable(const Path& archive, Environment& environment, const SigningKey* key) {
  const auto start = environment.clock.steady();
  Proof proof;
  try {
    const std::unique_ptr<ByteSource> source = open(archive, environment);
    const archive::Readable readable =
        archive::verify_readable(*source, environment.progress, environment.cancellation);
    proof.receipt = begin_receipt(readable.header, readable.manifest, readable.sha256,
                                  readable.size, environment.clock);
    for (const archive::DataItem& item : readable.contents.items) {
      if (item.kind != archive::DataKind::table) continue;
      ++proof.tables;
      proof.rows += readable.ends.at(static_cast<std::size_t>(item.number) - 1).stored.rows;
    }
    proof.chunks = readable.chunks;
    proof.taken = readable.header.source.server_clock;
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::io || error.kind() == ErrorKind::cancelled) {
      could_not_read(error);
    }
    if (error.kind() != ErrorKind::damaged) throw;
    withdraw_receipt(archive, environment.files);
    Error named = error;
    if (named.object().empty()) named.object(archive.native());
    throw named;
  }
  proof.receipt.level = archive::Level::readable;
  proof.receipt.seconds = seconds_since(start, environment.clock);
  write(proof, archive, environment.files, key);
  return proof;
}

Proof prove_compared(const Path& archive, const pg::ConnectTarget& server, int server_version,
                     const restore::DrillOptions& options, Environment& environment,
                     const SigningKey* key, const std::string& drill_server) {
  Proof proof;
  restore::DrillResult result;
  try {
    const std::unique_ptr<ByteSource> source = open(archive, environment);
    result = restore::drill(*source, server, options, environment);
  } catch (const Error& error) {
    if (error.kind() == ErrorKind::io || error.kind() == ErrorKind::cancelled) {
      could_not_read(error);
    }
    if (error.kind() == ErrorKind::damaged || error.kind() == ErrorKind::mismatch) {
      withdraw_receipt(archive, environment.files);
    }
    throw;
  }
  proof.receipt = begin_receipt(result.restored.header, result.restored.manifest,
                                result.restored.sha256, result.restored.size, environment.clock);
  archive::Receipt& receipt = proof.receipt;
  receipt.level = result.empty ? archive::Level::empty : archive::Level::compared;
  receipt.drill_server_version = server_version;
  if (result.sealed) receipt.drill_database = result.sealed->name;
  receipt.tables_compared = proof.tables = result.tables;
  receipt.rows_compared = proof.rows = result.rows;
  receipt.sequences_compared = result.sequences;
  receipt.large_objects_compared = result.large_objects;
  receipt.views_compared = result.views;
  receipt.not_compared = result.not_compared;
  receipt.kept_away = result.kept_away;
  receipt.drill_server = drill_server;
  receipt.seconds = result.seconds;
  proof.taken = receipt.source.server_clock;
  proof.sealed = result.sealed;
  proof.discrepancies = result.discrepancies;
  if (proof.discrepancies.empty()) {
    write(proof, archive, environment.files, key);
  } else {
    withdraw_receipt(archive, environment.files);
  }
  return proof;
}

std::string_view name_of(archive::Level level) {
  switch (level) {
    case archive::Level::readable:
      return "readable";
    case archive::Level::compared:
      return "compared";
    case archive::Level::empty:
      return "empty";
  }
  return "";
}

std::string proved_text(const Proof& proof) {
  const archive::Receipt& receipt = proof.receipt;
  switch (receipt.level) {
    case archive::Level::readable:
      return fmt::format("readable: every byte was read and every hash holds; {}, {}, {}",
                         counted(proof.tables, "table"), counted(proof.rows, "row"),
                         counted(proof.chunks, "chunk"));
    case archive::Level::compared:
      return fmt::format(
          "compared: restored into a scratch database without an error, and equal to what the "
          "backup recorded; schema, {}, {}, {}, {}",
          counted(receipt.tables_compared, "table"), counted(receipt.rows_compared, "row"),
          counted(receipt.sequences_compared, "sequence"),
          counted(receipt.large_objects_compared, "large object"));
    case archive::Level::empty:
      return "empty: restored without an error; the database held no table, view or sequence";
  }
  return "";
}

std::string not_proved_text(const Proof& proof) {
  if (proof.receipt.level == archive::Level::readable) {
    return "that it restores (--level compared does)";
  }
  std::string text;
  for (const std::string& line : proof.receipt.not_compared) {
    text += (text.empty() ? "" : "; ") + printable(line);
  }
  return text;
}

nlohmann::ordered_json proof_object(const Proof& proof) {
  const archive::Receipt& receipt = proof.receipt;
  nlohmann::ordered_json object;
  object["level"] = proof.discrepancies.empty() ? name_of(receipt.level) : "none";
  object["receipt"] = proof.receipt_file.native();
  object["verified_at"] = receipt.verified_at;
  object["tables"] = proof.tables;
  object["rows"] = proof.rows;
  object["sequences"] = receipt.sequences_compared;
  object["large_objects"] = receipt.large_objects_compared;
  object["views"] = receipt.views_compared;
  object["not_compared"] = receipt.not_compared;
  object["kept_away"] = receipt.kept_away;
  object["drill_server"] = receipt.drill_server;
  object["sealed_copy"] = proof.sealed ? proof.sealed->name : "";
  object["discrepancies"] = nlohmann::ordered_json::array();
  for (const restore::Discrepancy& difference : proof.discrepancies) {
    nlohmann::ordered_json one;
    one["object"] = difference.object;
    one["detail"] = difference.detail;
    object["discrepancies"].push_back(one);
  }
  object["seconds"] = receipt.seconds;
  return object;
}

Error mismatch_error(const Proof& proof, const Path& archive) {
  const restore::Discrepancy& first = proof.discrepancies.front();
  const std::size_t others = proof.discrepancies.size() - 1;
  Error error(ErrorKind::mismatch, "the restored copy differs from what the backup recorded");
  error.object(archive.native());
  error.cause(others == 0
                  ? fmt::format("{}: {}", first.object, first.detail)
                  : fmt::format("{}: {} (and {} more)", first.object, first.detail, others));
  return error.next("do not rely on this archive; take a new backup and verify it");
}

}  // namespace belay::tools
