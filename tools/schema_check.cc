#include "tools/schema_check.h"

#include <array>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "libcore/base/error.h"
#include "libcore/catalog/canonical.h"
#include "tools/text_diff.h"

namespace belay::tools {
namespace {

std::string_view word(catalog::Change change) {
  constexpr std::array kWords = {"not expected", "missing", "different"};
  return kWords.at(static_cast<std::size_t>(change));
}

void count(const dump::SchemaObjects& schema, migrate::SchemaCheck& check) {
  for (const catalog::CanonicalObject& object : schema.objects) {
    if (!object.kind.ends_with("table")) continue;
    ++check.tables;
    const nlohmann::json properties = nlohmann::json::parse(object.properties);
    if (const auto columns = properties.find("columns"); columns != properties.end()) {
      check.columns += columns->size();
    }
  }
}

}  // namespace

migrate::SchemaCheck check_schema(const Path& file, const pg::ConnectTarget& target,
                                  const Command& command, Context& context) {
  const SchemaSource expected = schema_of_export(file, context.environment.files);
  const SchemaSource found = schema_of_database(target, command, context);
  migrate::SchemaCheck check;
  count(objects_of(found), check);
  if (!expected.objects) {
    for (const ScriptChange& change : script_diff(expected.sql, found.sql)) {
      check.differences.push_back(
          fmt::format("{} {}", word(static_cast<catalog::Change>(change.change)), change.title));
    }
    return check;
  }
  if (expected.objects->server_major != found.objects->server_major) {
    throw Error(ErrorKind::could_not_run, "schemas of different major versions cannot be compared")
        .object(file.native());
  }
  for (const catalog::Difference& one :
       catalog::diff(expected.objects->objects, found.objects->objects)) {
    check.differences.push_back(fmt::format("{} {} {}", word(one.change), one.kind, one.identity));
  }
  return check;
}

}  // namespace belay::tools
