// Differences of texts, for people.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace belay::tools {

// The lines that only one side has, each as "- line" or "+ line"; none if the texts are equal.
std::vector<std::string> line_diff(std::string_view before, std::string_view after);

// One object of a script that `belay schema` wrote, in one of its sections.
struct ScriptChange {
  enum class Change { added, removed, changed } change = Change::changed;
  std::string title;               // "table public.songs", "Privileges: table public.songs"
  std::vector<std::string> lines;  // as line_diff() gives them; of changed ones only
};
// Nothing only if the scripts are equal byte by byte: the title is then "order of the objects" if
// nothing but that differs.
std::vector<ScriptChange> script_diff(std::string_view before, std::string_view after);

}  // namespace belay::tools
