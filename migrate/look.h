// A look at a database without reading its schema: who it is, which revisions it has, and whether a
// deploy has something to do. Also, as whom to look.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "libcore/base/error.h"
#include "libcore/base/identity.h"
#include "libcore/pg/connection.h"
#include "migrate/adapter.h"
#include "migrate/run.h"

namespace belay::migrate {

inline constexpr std::string_view kSessionName = "belay migrate";

// What one version table, the command's, and all of them together say.
struct RevisionLook {
  RevisionSets revisions;
  std::vector<std::string> current;  // of the command's own table; empty for an unknown tool
  ToolState tool;                    // of an adapter
};

struct Look {
  SourceIdentity identity;  // with the label of the environment
  RevisionLook revisions;
  std::optional<std::vector<std::string>> expected;  // nothing: the tool is unknown
  bool pending = true;
};

// Error{ahead} with what was seen until then: the journal may explain it.
class DatabaseAhead : public Error {
 public:
  DatabaseAhead(const Error& error, Look look) : Error(error), look_(std::move(look)) {}
  const Look& look() const { return look_; }

 private:
  Look look_;
};

// The database that -d means. Without `cancellation` it also works after a signal. A server that is
// away is waited for.
pg::Connection connect(const RunOptions& options, Cancellation* cancellation,
                       std::chrono::milliseconds wait = {});
// The same database as the command reaches it, with its role and search_path, where that is known.
pg::Connection connect_as_command(const RunOptions& options, Cancellation* cancellation,
                                  std::chrono::milliseconds wait = {});

// `connection` is one of connect_as_command(). Error{preflight} if several tables could be meant.
RevisionLook look_at_revisions(const RunOptions& options, pg::Connection& connection);

// Error{other_database} if the command would reach another database than -d, Error{preflight} if it
// would do so through a pooler that lends sessions for one transaction only, Error{lock_timeout} if
// a version table stays locked for options.wait, a second at least; what expected_revisions()
// throws, of ahead a DatabaseAhead.
Look take_look(const RunOptions& options, Cancellation& cancellation);
// The same over sessions that are there: of connect() and connect_as_command(), or one for both.
Look take_look(const RunOptions& options, pg::Connection& connection, pg::Connection& as_command);

// What another tool than Alembic left half done is Error{drift}. Its own lock is polled until
// options.wait is over: Error{lock_timeout}.
void require_clean_tool(const RunOptions& options, const RevisionLook& look,
                        Environment& environment);

// What a deploy would make of the version table; nothing: the tool is unknown. Throws
// Error{ahead}, Error{several_heads}, Error{preflight}.
std::optional<std::vector<std::string>> expected_revisions(const RunOptions& options,
                                                           const std::vector<std::string>& current);

// Whose events in the journal are about this database.
JournalIdentity journal_identity(const Look& look);
// What to type after a verb to mean this database and the repository.
std::string here(const RunOptions& options, const Look& look);
// What the deploy wants, as the journal keeps it.
DeployTarget deploy_target(const RunOptions& options, const Look& look);

}  // namespace belay::migrate
