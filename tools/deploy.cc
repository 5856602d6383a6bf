#include "tools/deploy.h"

#include <algorithm>
#include <filesystem>

#include <fmt/format.h>

#include "libcore/base/error.h"
#include "migrate/adapter.h"

namespace belay::tools {

migrate::ToolCommand tool_command(const Command& command, const std::vector<std::string>& words,
                                  const Context& context) {
  migrate::ToolCommand tool = migrate::parse_command(words);
  if (tool.tool == migrate::Tool::alembic && tool.configs.empty() &&
      command.given(Option::alembic_config)) {
    tool.configs = {command.text(Option::alembic_config)};
  }
  if (tool.tool == migrate::Tool::alembic) return tool;
  if (command.given(Option::tool)) {
    tool.adapter = command.text(Option::tool);
    const auto names = migrate::adapter_names();
    if (tool.adapter == "none") {
      tool.adapter.clear();
    } else if (std::find(names.begin(), names.end(), tool.adapter) == names.end()) {
      command.refuse(Option::tool, fmt::format("{} or none is expected", fmt::join(names, ", ")));
    }
  } else {
    tool.adapter = migrate::adapter_of(words);
  }
  if (!tool.adapter.empty()) {
    tool.on_disk = migrate::revisions_on_disk(tool.adapter, words, std::filesystem::current_path(),
                                              context.environment.files);
  }
  return tool;
}

// NAME or SCHEMA.NAME, either in double quotes where it needs them.
WantedTable named_table(const Command& command) {
  const std::string text = command.text(Option::version_table);
  std::vector<std::string> parts(1);
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"' && quoted && text.compare(i, 2, "\"\"") == 0) {
      parts.back() += text[++i];
    } else if (text[i] == '"') {
      quoted = !quoted;
    } else if (text[i] == '.' && !quoted) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  if (quoted || parts.size() > 2 || parts.front().empty() || parts.back().empty()) {
    throw Error(ErrorKind::usage, "wrong value for --version-table")
        .object(text)
        .cause("NAME or SCHEMA.NAME is expected");
  }
  if (parts.size() == 1) return {parts[0], std::nullopt};
  return {parts[1], parts[0]};
}

std::optional<migrate::AlembicProject> project_of(const migrate::ToolCommand& tool,
                                                  const Command& command, Context& context) {
  if (tool.tool != migrate::Tool::alembic) return std::nullopt;
  migrate::AlembicProject project =
      migrate::read_project(tool, std::filesystem::current_path(), context.variables,
                            real_child_processes(), context.environment);
  if (command.given(Option::version_table)) {
    const WantedTable named = named_table(command);
    project.version_table = named.table;
    project.version_schema = named.schema;
  }
  return project;
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
