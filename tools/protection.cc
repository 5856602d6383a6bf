#include "tools/protection.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

#include "libcore/archive/reader.h"
#include "libcore/base/error.h"
#include "libcore/pg/connection.h"
#include "tools/local_server.h"
#include "tools/sealed_copies.h"
#include "tools/units.h"
#include "tools/way_back.h"

namespace belay::tools {
namespace {

// Header and manifest as they were judged, and the hash of every byte, through one descriptor: what
// is renamed over the name meanwhile does not count.
bool bytes_are_proved(const RandomAccessFile& file, const migrate::Candidate& candidate,
                      const Cancellation& cancellation) {
  const archive::ArchiveFile archive(file);
  if (archive.header().source != candidate.source ||
      archive.manifest().fingerprint.hex() != candidate.fingerprint ||
      archive.manifest().revisions != candidate.revisions) {
    return false;
  }
  Sha256Stream hash;
  std::vector<char> buffer(1 << 20);
  std::uint64_t offset = 0;
  while (const std::size_t got = file.read_at(offset, buffer.data(), buffer.size())) {
    cancellation.check();
    hash.update({buffer.data(), got});
    offset += got;
  }
  return candidate.sha256 == hash.value().hex();
}

// A receipt that is there but names other bytes says that the file was replaced.
bool receipt_is_of_other_bytes(const FileSystem& files, const Stored& stored) {
  if (stored.receipt) return false;
  const bool in_repository = is_repository_name(stored.path.filename().native());
  try {
    return archive::read_receipt(files, archive::receipt_path(stored.path, in_repository))
        .has_value();
  } catch (const Error&) {
    return false;  // it proves nothing either way
  }
}

migrate::Signed signed_by(const archive::Receipt& receipt, const std::vector<TrustedKey>& trusted) {
  if (trusted.empty()) return migrate::Signed::not_asked;
  if (!receipt.signature) return migrate::Signed::missing;
  for (const TrustedKey& key : trusted) {
    if (archive::is_signed_by(receipt, key)) return migrate::Signed::trusted;
  }
  return migrate::Signed::untrusted;
}

}  // namespace

ArchiveProtection::ArchiveProtection(const pg::ConnectTarget& target, const Reached& reached,
                                     Path repository, std::optional<Path> named,
                                     BackupRequest request, std::vector<TrustedKey> trusted,
                                     Context& context)
    : target_(target),
      reached_(reached),
      root_(std::move(repository)),
      named_(std::move(named)),
      request_(std::move(request)),
      trusted_(std::move(trusted)),
      context_(context) {
  request_.repository.emplace(context.environment.files, root_);
  request_.level = archive::Level::compared;
  request_.locked_by_caller = true;
}

std::vector<std::string> ArchiveProtection::preflight() {
  std::vector<restore::Obstacle> lasting;
  std::vector<std::string> passing;
  const restore::SwapFacts facts =
      way_back_facts(target_, reached_.database, &context_.environment.cancellation);
  for (const restore::Obstacle& obstacle : restore::obstacles(facts)) {
    if (obstacle.passing) {
      passing.push_back(fmt::format("a rollback would not work now: {}", obstacle.what));
    } else {
      lasting.push_back(obstacle);
    }
  }
  if (!lasting.empty()) throw refusal(kNoWayBack, lasting, target_, reached_.database);
  if (!request_.scratch.is_same()) return passing;
  pg::Connection connection = connect();
  const std::vector<restore::Obstacle> drill =
      restore::drill_obstacles(restore::read_drill_facts(connection), facts);
  if (!drill.empty()) throw refusal(kNoDrill, drill, target_, reached_.database);
  return passing;
}

migrate::Candidate ArchiveProtection::candidate_of(const Stored& stored) const {
  migrate::Candidate candidate;
  candidate.path = stored.path;
  candidate.problem = stored.problem;
  if (!stored.problem.empty()) return candidate;
  candidate.source = stored.header.source;
  candidate.revisions = stored.manifest.revisions;
  candidate.fingerprint = stored.manifest.fingerprint.hex();
  candidate.activity = stored.manifest.activity;
  candidate.taken = stored.taken();
  if (stored.receipt) {
    candidate.level = name_of(stored.receipt->level);
    candidate.signature = signed_by(*stored.receipt, trusted_);
    candidate.sha256 = stored.receipt->archive_sha256.hex();
  }
  candidate.compared = stored.proved() == Proved::compared;
  candidate.swapped = receipt_is_of_other_bytes(context_.environment.files, stored);
  candidate.whole = stored.whole();
  return candidate;
}

std::vector<migrate::Candidate> ArchiveProtection::candidates() {
  const FileSystem& files = context_.environment.files;
  std::vector<migrate::Candidate> candidates;
  if (named_) {
    candidates.push_back(candidate_of(look_at(files, *named_, reached_.database)));
    return candidates;
  }
  for (const Stored& stored : request_.repository->archives(reached_.database)) {
    candidates.push_back(candidate_of(stored));
  }
  std::reverse(candidates.begin(), candidates.end());
  return candidates;
}

pg::Connection ArchiveProtection::connect() const {
  pg::ConnectOptions options;
  options.application_name = "belay migrate";
  options.cancellation = &context_.environment.cancellation;
  return pg::Connection::connect(target_, options);
}

// Told before the snapshot, not after hours of copying.
void ArchiveProtection::check_size() const {
  pg::Connection connection = connect();
  const auto size = static_cast<std::uint64_t>(
      connection.query("SELECT pg_catalog.pg_database_size(pg_catalog.current_database())")
          .integer(0, 0));
  context_.output.line("the drill needs " + drill_estimate(size));
  if (!request_.scratch.is_same() || size <= request_.drill_max_size) return;
  throw Error(ErrorKind::preflight, "the drill is too large")
      .object(reached_.database)
      .cause(fmt::format("the database has {}, allowed are {}", human_bytes(size),
                         human_bytes(request_.drill_max_size)))
      .next(
          "--scratch local or --scratch URL drills elsewhere, --gate two-key without a drill; or "
          "raise --drill-max-size if this server has the room");
}

migrate::Protected ArchiveProtection::take(const std::string& run, Level level) {
  request_.level = level == Level::compared ? archive::Level::compared : archive::Level::readable;
  if (level == Level::compared) check_size();
  if (copy_) {  // of a snapshot that was overtaken
    drop_copy(*copy_, target_, root_, context_);
    copy_.reset();
  }
  Finished finished;
  try {
    finished = write_archive(target_, reached_, request_, context_);
  } catch (const Error& error) {
    if (context_.environment.cancellation.requested()) throw;
    throw Error(error).as(ErrorKind::backup_failed);
  }
  try {
    prove(finished, target_, reached_, request_, context_);
  } catch (const Error& error) {
    const bool bad = error.kind() == ErrorKind::damaged || error.kind() == ErrorKind::mismatch;
    throw Error(error).as(bad ? ErrorKind::unusable_backup : ErrorKind::no_fresh_backup);
  }
  const Proof& proof = *finished.proof;
  copy_ = record_copy(proof, finished.archive, root_, run, context_);
  migrate::Protected taken;
  taken.archive = finished.archive;
  taken.relative = relative_to(root_, finished.archive);
  taken.sha256 = finished.summary.sha256.hex();
  taken.level = name_of(proof.receipt.level);
  taken.revisions = finished.summary.manifest.revisions;
  taken.fingerprint = finished.summary.manifest.fingerprint.hex();
  taken.summary = fmt::format("{}: {}", finished.archive.native(), proved_text(proof));
  if (copy_) taken.sealed_copy = copy_->copy_name;
  return taken;
}

void ArchiveProtection::read_bytes(migrate::Candidate& candidate) {
  const Environment& environment = context_.environment;
  environment.progress.stage("read the archive again", 0, 0);
  const auto began = environment.clock.steady();
  const std::unique_ptr<RandomAccessFile> file = environment.files.open_random(candidate.path);
  bool proved = false;
  try {
    proved = bytes_are_proved(*file, candidate, environment.cancellation);
  } catch (const Error& error) {
    if (error.kind() != ErrorKind::damaged) throw;
  }
  candidate.bytes = proved ? migrate::Bytes::as_proved : migrate::Bytes::other;
  const std::chrono::duration<double> took = environment.clock.steady() - began;
  candidate.reading =
      fmt::format("{} in {}", human_bytes(file->size()), human_seconds(took.count()));
}

migrate::Protected ArchiveProtection::rely_on(const migrate::Candidate& candidate) {
  migrate::Protected relied;
  relied.archive = candidate.path;
  relied.relative = relative_to(root_, candidate.path);
  relied.sha256 = candidate.sha256;
  relied.level = candidate.level;
  relied.revisions = candidate.revisions;
  relied.fingerprint = candidate.fingerprint;
  relied.summary = fmt::format("{}: {}, its bytes read again ({})", candidate.path.native(),
                               relied.level, candidate.reading);
  return relied;
}

}  // namespace belay::tools
