#include "migrate/alembic.h"

#include <algorithm>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "migrate/alembic_config.h"
#include "migrate/env_script.h"
#include "migrate/interpreter.h"

namespace belay::migrate {
namespace {

using nlohmann::json;

constexpr std::uint64_t kMaxFileBytes = 16 << 20;
constexpr std::size_t kMaxGraphBytes = 64 << 20;
constexpr auto kPatience = std::chrono::seconds(60);
constexpr std::string_view kMark = "belay-revisions:";

// Prints the graph as Alembic itself sees it. Modules may print what they like before.
constexpr std::string_view kProgram = R"(
import json, sys
from alembic.config import Config
from alembic.script import ScriptDirectory
def listed(value):
    return [] if value is None else [value] if isinstance(value, str) else list(value)
script = ScriptDirectory.from_config(Config(sys.argv[1], ini_section=sys.argv[2]))
print()
print(sys.argv[3] + json.dumps([
    {"id": one.revision, "down": listed(one.down_revision), "depends_on": listed(one.dependencies),
     "labels": listed(getattr(one, "_orig_branch_labels", None)), "file": one.path}
    for one in script.walk_revisions("base", "heads")]))
)";

Path absolute(const Path& directory, const Path& path) {
  return path.is_absolute() ? path : directory / path;
}

std::vector<std::string> texts_of(const json& value) {
  std::vector<std::string> result;
  for (const json& one : value) result.push_back(one.get<std::string>());
  return result;
}

std::string hash_of(const FileSystem& files, const Path& file) {
  return sha256(read_file(files, file, kMaxFileBytes)).hex();
}

std::vector<Revision> ask_alembic(const AlembicProject& project, const ToolCommand& command,
                                  const Path& directory, ChildProcesses& processes,
                                  Environment& environment) {
  ChildCommand program;
  program.argv = interpreter_of(command, directory, environment.files);
  for (const std::string_view word : {std::string_view("-c"), kProgram}) {
    program.argv.emplace_back(word);
  }
  program.argv.push_back(project.config.native());
  program.argv.push_back(command.section);
  program.argv.emplace_back(kMark);
  program.directory = directory;
  program.out.to = program.err.to = ChildOutput::To::captured;
  program.out.limit = kMaxGraphBytes;
  const std::unique_ptr<Child> child = processes.start(program);
  const ChildEnd end = wait_or_stop(*child, environment.cancellation, kPatience);
  environment.cancellation.check();
  const std::string out = child->captured_out().bytes;
  const std::size_t mark = out.rfind(kMark);
  if (!end.exit.success() || mark == std::string::npos) {
    std::string words = child->captured_err().bytes;
    while (!words.empty() && words.back() == '\n') words.pop_back();
    words = words.substr(words.find_last_of('\n') + 1);
    throw Error(ErrorKind::preflight, "Alembic cannot read its own revisions")
        .object(project.config.native())
        .cause(words.empty() ? end.exit.text() : words)
        .next("alembic history, in the same directory, shows the same error");
  }
  std::vector<Revision> revisions;
  try {
    for (const json& one : json::parse(out.substr(mark + kMark.size()))) {
      Revision revision{one.at("id").get<std::string>(),   texts_of(one.at("down")),
                        texts_of(one.at("depends_on")),    texts_of(one.at("labels")),
                        one.at("file").get<std::string>(), ""};
      revision.sha256 = hash_of(environment.files, revision.file);
      revisions.push_back(std::move(revision));
    }
  } catch (const json::exception& error) {
    throw Error(ErrorKind::preflight, "Alembic's answer makes no sense").cause(error.what());
  }
  return revisions;
}

// Nothing if any file is not literal, or files lie where only Alembic finds them.
std::optional<std::vector<Revision>> read_literally(const AlembicConfig& config,
                                                    const std::string& section,
                                                    const Path& location, const FileSystem& files) {
  for (const char* key : {"version_locations", "sourceless", "recursive_version_locations"}) {
    const std::optional<std::string> value = config.value(section, key);
    if (value && !value->empty() && *value != "false") return std::nullopt;
  }
  const Path versions = location / "versions";
  if (files.status(versions).type != FileStatus::Type::directory) return std::nullopt;
  std::vector<Revision> revisions;
  for (const std::string& name : files.list(versions)) {
    if (!name.ends_with(".py") || name.starts_with(".#") || name.starts_with("__init__")) continue;
    const std::string text = read_file(files, versions / name, kMaxFileBytes);
    std::optional<Revision> revision = parse_revision(text);
    if (!revision) return std::nullopt;
    revision->file = versions / name;
    revision->sha256 = sha256(text).hex();
    revisions.push_back(std::move(*revision));
  }
  return revisions;
}

std::optional<pg::ConnectTarget> as_postgresql(const std::string& text) {
  if (!text.starts_with("postgres")) return std::nullopt;
  try {
    return pg::ConnectTarget::parse(text);
  } catch (const Error&) {
    return std::nullopt;
  }
}

CommandDatabase find_database(const AlembicConfig& config, const AlembicProject& project,
                              const ToolCommand& command, const EnvScript& script,
                              const Variables& variables) {
  if (script.uses_x_arguments && !command.x.empty()) return {};
  if (script.address_unclear) return {};
  if (script.sets_url) {
    std::optional<CommandDatabase> found;
    for (const std::string& name : script.variables) {
      const auto target = as_postgresql(variables(name.c_str()).value_or(""));
      if (!target) continue;
      if (found && found->target->keywords() != target->keywords()) return {};
      found = {fmt::format("{}, named by env.py", name), target};
    }
    if (found) return *found;
    if (script.literal_urls.size() == 1) {
      const auto target = as_postgresql(script.literal_urls.front());
      if (target) return {"a URL in env.py", target};
    }
  }
  // An engine that is imported from somewhere says nothing.
  if (!script.uses_ini) return {};
  const auto target = as_postgresql(config.value(command.section, "sqlalchemy.url").value_or(""));
  if (!target) return {};
  return {fmt::format("sqlalchemy.url in {}", project.config.filename().native()), target};
}

// `databases = a, b` as in the template multidb; a loop over schemas; -x tenant=NAME.
std::string why_several(const AlembicConfig& config, const ToolCommand& command,
                        const EnvScript& script) {
  if (script.migrates_in_a_loop && config.value(command.section, "databases")) {
    return "env.py migrates several databases, one after the other (databases, as in the template "
           "multidb)";
  }
  if (script.migrates_in_a_loop) return "env.py migrates several times, in a loop";
  const bool schema = script.chooses_schema || !script.version_schema;
  if (script.uses_x_arguments && schema && !command.x.empty()) {
    return "env.py chooses a tenant's schema by -x";
  }
  return "";
}

AlembicConfig read_config(const Path& file, const FileSystem& files) {
  if (files.status(file).type != FileStatus::Type::regular) {
    throw Error(ErrorKind::preflight, "there is no configuration of Alembic")
        .object(file.native())
        .next("run belay where the command would run, or name the file with --alembic-config");
  }
  return AlembicConfig(read_file(files, file, kMaxFileBytes), file.parent_path());
}

AlembicProject read_settings(const AlembicConfig& config, const Path& file,
                             const ToolCommand& command, const Path& directory,
                             const Variables& variables, const FileSystem& files) {
  AlembicProject project;
  project.config = file;
  const std::optional<std::string> location = config.value(command.section, "script_location");
  if (!location || location->empty()) {
    throw Error(ErrorKind::preflight, "the configuration of Alembic names no script_location")
        .object(file.native())
        .cause(fmt::format("section [{}]", command.section));
  }
  project.script_location = absolute(directory, *location);
  const Path env = project.script_location / "env.py";
  if (files.status(env).type == FileStatus::Type::regular) {
    const EnvScript script = read_env_script(read_file(files, env, kMaxFileBytes));
    project.database = find_database(config, project, command, script, variables);
    project.version_table = script.version_table;
    project.version_schema = script.version_schema;
    project.several = why_several(config, command, script);
  }
  return project;
}

}  // namespace

Path config_of(const ToolCommand& command, const Path& directory, const Variables& variables) {
  return absolute(directory, !command.configs.empty()
                                 ? command.configs.back()
                                 : variables("ALEMBIC_CONFIG").value_or("alembic.ini"));
}

void require_one_run(const AlembicProject& project) {
  if (project.several.empty()) return;
  throw Error(ErrorKind::preflight, "one run of this project is several migrations")
      .object(project.script_location.native())
      .cause(project.several)
      .next(
          "several databases: one ini file or section and one belay migrate for each; several "
          "schemas: put the loop into a script, belay migrate -- ./SCRIPT takes one snapshot for "
          "all of it and judges by schema and rows");
}

AlembicProject read_settings(const ToolCommand& command, const Path& directory,
                             const Variables& variables, const FileSystem& files) {
  const Path file = config_of(command, directory, variables);
  return read_settings(read_config(file, files), file, command, directory, variables, files);
}

AlembicProject read_project(const ToolCommand& command, const Path& directory,
                            const Variables& variables, ChildProcesses& processes,
                            Environment& environment) {
  const FileSystem& files = environment.files;
  const Path file = config_of(command, directory, variables);
  const AlembicConfig config = read_config(file, files);
  AlembicProject project = read_settings(config, file, command, directory, variables, files);
  std::optional<std::vector<Revision>> revisions =
      read_literally(config, command.section, project.script_location, files);
  if (!revisions) {
    revisions = ask_alembic(project, command, directory, processes, environment);
  }
  project.graph = RevisionGraph(std::move(*revisions));
  return project;
}

}  // namespace belay::migrate
