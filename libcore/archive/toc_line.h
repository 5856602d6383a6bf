// The single lines of the table of contents as JSON. For the .cc files of this folder only.
#pragma once

#include "libcore/archive/json.h"
#include "libcore/base/role_definition.h"

namespace belay::archive {

nlohmann::json to_json(const DatabaseProperties& properties);
nlohmann::json to_json(const std::vector<RoleDefinition>& roles);
nlohmann::json to_json(const Entry& entry);
nlohmann::json to_json(const DataItem& item);

DatabaseProperties database_of(const Fields& fields);
std::vector<RoleDefinition> role_definitions_of(const Fields& fields);
Entry entry_of(const Fields& fields);
DataItem item_of(const Fields& fields);

// The rules that hold for single values, for writers and readers alike: why not, or empty.
std::string_view defect(const Entry& entry);
std::string_view defect(const DataItem& item);

}  // namespace belay::archive
