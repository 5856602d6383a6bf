// The command after `--`: what tool it is and what it asks for.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

namespace belay::migrate {

enum class Tool { alembic, unknown };
enum class AlembicAction { upgrade, downgrade, stamp, other };

struct ToolCommand {
  Tool tool = Tool::unknown;
  std::vector<std::string> argv;  // as given
  // Of others: whose tables are read (adapter.h); empty: nobody's. What is on disk for it, if
  // known.
  std::string adapter;
  std::optional<std::vector<std::string>> on_disk;
  // Only of Alembic:
  AlembicAction action = AlembicAction::other;
  std::vector<std::string> revisions;  // as written: "head", "heads", "+1", "ae10+2", "branch@head"
  std::vector<std::string> configs;    // -c / --config, ALEMBIC_CONFIG is not looked at here
  std::string section = "alembic";     // -n / --name
  std::vector<std::string> x;          // -x
  bool sql = false;                    // --sql: nothing reaches the database
};

// Understood: `alembic ...`, `/path/alembic ...`, `python -m alembic ...`, `python3.11 -m alembic`,
// `/path/python /path/alembic`, with options before and after the action. Everything else is an
// unknown tool: shells, wrappers, `poetry run`. Never throws.
ToolCommand parse_command(const std::vector<std::string>& argv);

// argv for logs and the journal: passwords in URLs and values of password-like options masked.
std::vector<std::string> without_secrets(const std::vector<std::string>& argv);

}  // namespace belay::migrate
