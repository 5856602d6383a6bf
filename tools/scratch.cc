#include "tools/scratch.h"

#include <limits>

#include <fmt/format.h>

#include "libcore/archive/reader.h"
#include "libcore/base/error.h"
#include "tools/local_server.h"
#include "tools/target.h"

namespace belay::tools {
namespace {

Proof prove_on_local_server(const Path& archive, const restore::DrillOptions& options,
                            Context& context, const SigningKey* key) {
  if (archive == "-") {
    throw Error(ErrorKind::usage, "a private server is made for a file")
        .object("--scratch local")
        .next("write the archive to a file first");
  }
  std::optional<LocalServer> server;
  try {
    const std::unique_ptr<RandomAccessFile> file = context.environment.files.open_random(archive);
    const archive::ArchiveFile contents(*file);
    server.emplace(contents, contents.manifest().bytes, real_child_processes(),
                   context.environment);
  } catch (const Error& error) {
    // Damage is told by reading all of it, below or without a server.
    if (error.kind() == ErrorKind::damaged) {
      Proof damage = prove_readable(archive, context.environment);
      if (damage.discrepancies.empty()) throw;  // readable must not pass for compared
      return damage;
    }
    if (error.kind() == ErrorKind::io) throw Error(error).as(ErrorKind::could_not_run);
    throw;
  }
  context.output.line("drill on " + server->description());
  return prove_compared(archive, server->target(), server->server_version(), options,
                        context.environment, key, server->description());
}

}  // namespace

Scratch scratch_of(const Command& command, Context& context) {
  const std::string where = command.text(Option::scratch);
  Scratch scratch;
  if (where == "same") return scratch;
  if (where == "local") {
    scratch.where = Scratch::Where::local;
    return scratch;
  }
  scratch.where = Scratch::Where::other;
  scratch.server = pg::ConnectTarget::parse(where);
  const Reached reached = reach(*scratch.server, command, context);
  scratch.server_version = reached.server_version;
  return scratch;
}

Proof prove_in(const Scratch& scratch, const Path& archive, const pg::ConnectTarget& server,
               int server_version, const restore::DrillOptions& options, Context& context,
               const SigningKey* key) {
  if (scratch.is_same()) {
    return prove_compared(archive, server, server_version, options, context.environment, key);
  }
  restore::DrillOptions elsewhere = options;
  elsewhere.keep = std::chrono::milliseconds(0);
  elsewhere.max_size = std::numeric_limits<std::uint64_t>::max();
  if (scratch.where == Scratch::Where::local) {
    return prove_on_local_server(archive, elsewhere, context, key);
  }
  return prove_compared(archive, *scratch.server, scratch.server_version, elsewhere,
                        context.environment, key, scratch.server->describe());
}

}  // namespace belay::tools
