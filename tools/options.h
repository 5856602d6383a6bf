// The one table of verbs and the one table of options. Parser, --help, the manual page and the
// completions are made from them; nothing else knows an option's name.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace belay::tools {

// The order is the order of --help.
enum class Verb {
  backup,
  verify,
  restore,
  schema,
  compare,
  inspect,
  export_,  // a key word of C++
  doctor,
  migrate,
  gate,
  rollback,
  runs,
  release,
  ready,
  alembic,
  rescue,
  gc,
  list,
  status,
  prune,
};

struct VerbRow {
  Verb verb;
  std::string_view name;
  std::string_view alias;      // name of the program that stands for it; empty: none
  std::string_view arguments;  // as in the synopsis: "ARCHIVE"; empty: takes none
  int least_arguments, most_arguments;
  std::string_view summary;      // one line, lower case, no full stop
  std::string_view description;  // paragraphs separated by empty lines
  std::string_view example;      // lines to type
};

// The order is the order within each verb's --help.
enum class Option {
  dbname,
  host,
  port,
  username,
  no_password,
  password,
  wait_for_db,
  repo,
  file,
  create,
  in_place,
  level,
  verify,
  scratch,
  drill_max_size,
  sign_key,
  trusted_key,
  keep_copy,
  migrate_keep_copy,
  jobs,
  format,
  schema_format,
  rescue_format,
  check,
  compress,
  schema_only,
  data_only,
  section,
  schemas,
  exclude_schemas,
  tables,
  table,
  exclude_tables,
  exclude_table_data,
  allow_unknown,
  no_owner,
  role,
  no_privileges,
  tablespace_map,
  no_tablespaces,
  roles,
  role_passwords,
  create_roles,
  env,
  wait,
  max_age,
  gate,
  archive,
  accept_volatile,
  migrate_max_age,
  migrate_wait,
  timeout,
  verify_command,
  on_failure,
  writes_stopped,
  events,
  result_file,
  termination_message,
  alembic_config,
  version_table,
  tool,
  force,
  target_confirmed,
  reason,
  run,
  undo,
  resume,
  failed,
  keep_last,
  keep_within,
  keep_hourly,
  keep_daily,
  keep_weekly,
  keep_monthly,
  keep_yearly,
  dry_run,
  json,
  quiet,
  verbose,
  config,
  help,
};

struct OptionRow {
  Option option;
  char letter;                // short option; 0: none
  std::string_view name;      // long option without dashes; unique within a verb
  std::string_view argument;  // upper-case word, or choices "a|b"; empty: a switch
  std::string_view initial;   // value if nothing says otherwise; empty: none
  std::string_view help;      // lower case, no full stop
  unsigned verbs;             // bit per Verb
  bool repeats;
  bool from_environment;  // BELAY_NAME and the configuration file may say it
};

std::span<const VerbRow> verbs();
std::span<const OptionRow> options();
const VerbRow& describe(Verb verb);
const OptionRow& describe(Option option);

bool takes(Verb verb, const OptionRow& option);
// What the option means for this verb; the row's own text unless it means something special there.
std::string_view help_of(Verb verb, const OptionRow& option);
// BELAY_KEEP_LAST for keep-last; empty where no variable stands for it.
std::string variable_of(const OptionRow& option);

// Variables of other programs that belay reads, for the manual page.
struct VariableRow {
  std::string_view name, meaning;
};
std::span<const VariableRow> foreign_variables();

}  // namespace belay::tools
