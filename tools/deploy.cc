#include "tools/deploy.h"

#include <filesystem>

namespace belay::tools {

migrate::ToolCommand tool_command(const Command& command, const std::vector<std::string>& words) {
  migrate::ToolCommand tool = migrate::parse_command(words);
  if (tool.tool == migrate::Tool::alembic && tool.configs.empty() &&
      command.given(Option::alembic_config)) {
    tool.configs = {command.text(Option::alembic_config)};
  }
  return tool;
}

std::optional<migrate::AlembicProject> project_of(const migrate::ToolCommand& tool,
                                                  Context& context) {
  if (tool.tool != migrate::Tool::alembic) return std::nullopt;
  return migrate::read_project(tool, std::filesystem::current_path(), context.variables,
                               real_child_processes(), context.environment);
}

bool names_database(const Command& command, const Context& context) {
  const auto set = [&](const char* name) { return !context.variables(name).value_or("").empty(); };
  return command.given(Option::dbname) || set("PGDATABASE") || set("PGSERVICE");
}

pg::ConnectTarget target_of(const Command& command,
                            const std::optional<migrate::AlembicProject>& project,
                            Context& context) {
  if (!names_database(command, context) && project && project->database.target) {
    return *project->database.target;
  }
  return database(command, context);
}

}  // namespace belay::tools
