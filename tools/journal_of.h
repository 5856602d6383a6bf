// What the journal of a repository says about the database that a person means.
#pragma once

#include "migrate/history.h"
#include "tools/commands.h"
#include "tools/target.h"

namespace belay::tools {

struct DatabaseJournal {
  migrate::Journal journal;
  migrate::JournalIdentity database;
  migrate::History history;
  std::string here;  // to type after a verb: "-d NAME --repo DIR"
};
// Of `target`; without one of the database that -d or the environment names.
DatabaseJournal journal_of(pg::ConnectTarget target, const Command& command, Context& context);
DatabaseJournal journal_of(const Command& command, Context& context);

}  // namespace belay::tools
