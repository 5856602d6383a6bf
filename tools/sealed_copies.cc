#include "tools/sealed_copies.h"

#include <algorithm>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "libcore/pg/maintenance.h"
#include "libcore/pg/snapshot.h"
#include "librestore/leftovers.h"
#include "tools/repository.h"

namespace belay::tools {
namespace {

using migrate::Event;
using migrate::EventKind;
using migrate::Journal;

constexpr std::string_view kName = "belay copies";

void write_dropped(const Event& sealed, const Path& repository, Context& context) {
  Event dropped = sealed;
  dropped.kind = EventKind::dropped;
  dropped.at = context.environment.clock.now();
  Journal(context.environment.files, repository).write(dropped);
}

// Gone without a word of ours, a copy is not looked for again.
bool is_over(pg::Connection& admin, const std::vector<restore::Leftover>& leftovers, Moment now,
             const Event& sealed, Context& context) {
  const auto found =
      std::find_if(leftovers.begin(), leftovers.end(), [&](const restore::Leftover& one) {
        return one.oid == sealed.copy_oid && one.name == sealed.copy_name;
      });
  if (found == leftovers.end()) return true;
  if (sealed.expires > now || !restore::still_sealed(admin, copy_of(sealed))) return false;
  if (!restore::drop(admin, *found, context.environment)) return false;
  context.output.line(fmt::format("dropped the sealed copy {}, kept until {}", sealed.copy_name,
                                  to_iso8601(sealed.expires)));
  return true;
}

void drop_those(const std::vector<Event>& expired, const pg::ConnectTarget& server,
                const Path& repository, Context& context) {
  pg::Connection admin = pg::connect_maintenance(server, kName, nullptr);
  const std::string system = pg::read_identity(admin).system_identifier;
  const Moment now = restore::server_time(admin);
  const std::vector<restore::Leftover> leftovers = restore::find_leftovers(admin);
  for (const Event& sealed : expired) {
    if (sealed.copy_system != system) continue;
    if (is_over(admin, leftovers, now, sealed, context)) write_dropped(sealed, repository, context);
  }
}

}  // namespace

std::optional<Event> record_copy(const Proof& proof, const Path& archive, const Path& repository,
                                 const std::string& run, Context& context) {
  if (!proof.sealed) return std::nullopt;
  const SourceIdentity& source = proof.receipt.source;
  Event event;
  event.kind = EventKind::sealed;
  event.run = run.empty() ? migrate::new_run_id(context.environment.clock) : run;
  event.at = context.environment.clock.now();
  event.database = {source.system_identifier, source.database_oid, source.database,
                    source.environment};
  event.archive = relative_to(repository, archive);
  event.archive_sha256 = proof.receipt.archive_sha256.hex();
  event.copy_system = proof.sealed->system_identifier;
  event.copy_name = proof.sealed->name;
  event.copy_oid = proof.sealed->oid;
  event.copy_version = proof.sealed->row_version;
  event.expires = proof.sealed->expires;
  Journal(context.environment.files, repository).write(event);
  return event;
}

restore::SealedCopy copy_of(const Event& sealed) {
  return {sealed.copy_system, sealed.copy_name, sealed.copy_oid, sealed.copy_version,
          sealed.expires};
}

void drop_copy(const Event& sealed, const pg::ConnectTarget& server, const Path& repository,
               Context& context) {
  pg::Connection admin = pg::connect_maintenance(server, kName, nullptr);
  if (!restore::still_sealed(admin, copy_of(sealed))) return;
  restore::drop_database(admin, sealed.copy_name);
  write_dropped(sealed, repository, context);
}

void drop_expired_copies(const pg::ConnectTarget& server, const Path& repository,
                         Context& context) {
  try {
    std::vector<Event> expired =
        migrate::open_copies(Journal(context.environment.files, repository).read());
    // This machine's clock only saves a connection; the server's decides.
    const Moment soon = context.environment.clock.now() + std::chrono::hours(1);
    std::erase_if(expired, [&](const Event& sealed) { return sealed.expires > soon; });
    if (!expired.empty()) drop_those(expired, server, repository, context);
  } catch (const Error& error) {
    context.output.warning(fmt::format("expired sealed copies were not dropped: {}", error.what()));
  }
}

}  // namespace belay::tools
