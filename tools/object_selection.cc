#include "tools/object_selection.h"

namespace belay::tools {
namespace {

std::vector<NamePattern> patterns(const Command& command, Option option,
                                  NamePattern (*parse)(std::string_view)) {
  std::vector<NamePattern> result;
  for (const std::string& text : command.texts(option)) result.push_back(parse(text));
  return result;
}

}  // namespace

archive::Selection object_selection(const Command& command) {
  return {patterns(command, Option::schemas, NamePattern::of_schema),
          patterns(command, Option::tables, NamePattern::of_relation),
          patterns(command, Option::exclude_schemas, NamePattern::of_schema),
          patterns(command, Option::exclude_tables, NamePattern::of_relation)};
}

}  // namespace belay::tools
