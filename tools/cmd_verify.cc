#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "tools/commands.h"
#include "tools/keys.h"
#include "tools/proof.h"
#include "tools/scratch.h"
#include "tools/sealed_copies.h"
#include "tools/target.h"
#include "tools/units.h"

namespace belay::tools {
namespace {

Proof take_proof(const Path& archive, const Command& command, Context& context) {
  const std::chrono::milliseconds keep = command.duration(Option::keep_copy);
  const bool compared = command.choice(Option::level) != 0;
  if (keep.count() > 0 && (!compared || !command.given(Option::repo))) {
    throw Error(ErrorKind::usage, "no drill whose database could be kept")
        .object("--keep-copy")
        .next("give --level compared and --repo DIR with it");
  }
  const std::shared_ptr<const SigningKey> key = signing_key(command, context);
  if (!compared) return prove_readable(archive, context.environment, key.get());
  restore::DrillOptions options;
  options.restore.jobs = static_cast<int>(command.count(Option::jobs, 1, 64));
  options.max_size = command.size(Option::drill_max_size);
  const Scratch scratch = scratch_of(command, context);
  if (!scratch.is_same()) {
    if (keep.count() > 0) {
      throw Error(ErrorKind::usage, "a copy is kept only on the database's own server")
          .object("--keep-copy");
    }
    return prove_in(scratch, archive, {}, 0, options, context, key.get());
  }
  pg::ConnectTarget target = server(command, context);
  const Reached reached = reach(target, command, context);
  options.keep = keep;
  if (!command.given(Option::repo)) {
    return prove_compared(archive, target, reached.server_version, options, context.environment,
                          key.get());
  }
  const Path repository = command.text(Option::repo);
  drop_expired_copies(target, repository, context);
  const Proof proof = prove_compared(archive, target, reached.server_version, options,
                                     context.environment, key.get());
  record_copy(proof, archive, repository, "", context);
  return proof;
}

void print(const Proof& proof, const Path& archive, Output& output) {
  const archive::Receipt& receipt = proof.receipt;
  const bool differs = !proof.discrepancies.empty();
  output.line(fmt::format("{}: {}", differs ? "MISMATCH" : "verified", archive.native()));
  std::string receipt_text = proof.receipt_file.native();
  if (proof.kept_stronger) receipt_text += " (left as it is: it proves more, of the same bytes)";
  output.facts(
      {{"archive", fmt::format("{}, sha256 {}", human_bytes(receipt.archive_size),
                               receipt.archive_sha256.hex())},
       {"of", fmt::format("database {}, {}", printable(receipt.source.database), proof.taken)},
       {"proved", differs ? "nothing" : proved_text(proof)},
       {"not proved", differs ? "" : not_proved_text(proof)},
       {"drill on", receipt.drill_server},
       {"kept away", fmt::format("{}", fmt::join(receipt.kept_away, "; "))},
       {"sealed copy", proof.sealed ? proof.sealed->name : ""},
       {"receipt", receipt_text},
       {"time", human_seconds(receipt.seconds)}});
  for (const restore::Discrepancy& difference : proof.discrepancies) {
    output.line(fmt::format("  differs: {}: {}", printable(difference.object),
                            printable(difference.detail)));
  }
}

}  // namespace

int run_verify(const Command& command, Context& context) {
  const Path archive = command.arguments().front();
  const Proof proof = take_proof(archive, command, context);
  print(proof, archive, context.output);
  nlohmann::ordered_json object;
  object["archive"] = archive.native();
  object["archive_id"] = proof.receipt.archive_id;
  object["sha256"] = proof.receipt.archive_sha256.hex();
  object["size"] = proof.receipt.archive_size;
  object["database"] = proof.receipt.source.database;
  object["snapshot_at"] = proof.taken;
  object["verdict"] = proof.discrepancies.empty() ? "verified" : "mismatch";
  object["proof"] = proof_object(proof);
  if (!proof.discrepancies.empty()) {
    const Error error = mismatch_error(proof, archive);
    if (!context.output.style().json) context.output.report(error);
    object["error"] = error_object(error);
    context.output.result(object, error.exit_status());
    return error.exit_status();
  }
  context.output.result(object, 0);
  return 0;
}

}  // namespace belay::tools
