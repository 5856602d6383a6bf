#include "librestore/extension_members.h"

#include <algorithm>
#include <array>
#include <map>
#include <string>
#include <string_view>

#include "libcore/archive/entry_kind.h"
#include "libcore/base/name.h"
#include "librestore/copy_text.h"
#include "librestore/embedded_sql.h"

namespace belay::restore {
namespace {

const archive::Entry& entry_of(const archive::Contents& contents, const Plan::Step& step) {
  return contents.entries[static_cast<std::size_t>(step.entry)];
}

// The table of an extension on which the entry hangs.
const archive::Entry* extension_table_of(const archive::Contents& contents,
                                         const archive::Entry& entry) {
  static constexpr std::array<std::string_view, 9> kParts = {
      "index",       "trigger",     "rule",
      "policy",      "primary key", "unique constraint",
      "foreign key", "check",       "exclusion constraint"};
  if (std::find(kParts.begin(), kParts.end(), entry.kind) == kParts.end()) return nullptr;
  for (const int number : entry.depends_on) {
    const archive::Entry& host = contents.entries[static_cast<std::size_t>(number) - 1];
    if (host.kind != archive::kTableOfExtension || host.schema != entry.schema) continue;
    if (entry.kind == "index" || entry.name.ends_with(" on " + host.name)) return &host;
  }
  return nullptr;
}

// Other members stand on the routine: it stays, and becomes the archive's.
void replace(const archive::Contents& contents, int entry, Plan& plan) {
  const std::string& create = contents.entries[static_cast<std::size_t>(entry)].create.front();
  constexpr std::string_view kCreate = "CREATE ";
  for (std::vector<Plan::Step>* steps : {&plan.pre_data, &plan.post_data}) {
    for (Plan::Step& step : *steps) {
      if (step.entry == entry && step.sql == create && create.starts_with(kCreate))
        step.sql.insert(kCreate.size(), "OR REPLACE ");
    }
  }
}

}  // namespace

std::size_t steps_of_extensions(const archive::Contents& contents,
                                const std::vector<Plan::Step>& steps) {
  const auto last = std::find_if(steps.rbegin(), steps.rend(), [&](const Plan::Step& step) {
    return step.entry >= 0 && entry_of(contents, step).kind == "extension";
  });
  return static_cast<std::size_t>(steps.rend() - last);
}

std::vector<Plan::Step> free_members(pg::Connection& connection, const archive::Contents& contents,
                                     Plan& plan) {
  std::vector<std::string> extensions, versions, kinds, schemas, names;
  std::vector<int> entries;
  const std::map<std::string, std::string> version_of(contents.extensions.begin(),
                                                      contents.extensions.end());
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    const archive::Entry& entry = contents.entries[i];
    if (!plan.entries[i] || entry.create.empty()) continue;
    if (entry.kind == "extension") {
      const auto version = version_of.find(entry.name);
      if (version == version_of.end()) continue;
      extensions.push_back(version->first);
      versions.push_back(version->second);
    } else if (entry.kind != "schema") {
      entries.push_back(static_cast<int>(i));
      kinds.push_back(entry.kind);
      schemas.push_back(entry.schema);
      names.push_back(entry.name);
    }
  }
  std::vector<Plan::Step> taken_out, dropped;
  if (extensions.empty()) return taken_out;
  const pg::Result members =
      connection.query(sql_for(connection, "members_made_again"),
                       {text_array(extensions), text_array(versions), text_array(kinds),
                        text_array(schemas), text_array(names)});
  for (int row = 0; row < members.rows(); ++row) {
    const int entry = entries[static_cast<std::size_t>(members.integer(row, 0) - 1)];
    const std::string drop = "DROP " + members.string(row, 2);
    taken_out.push_back(
        {entry, "ALTER EXTENSION " + quote_identifier(members.string(row, 1)) + ' ' + drop, {}});
    if (members.boolean(row, 3)) {
      replace(contents, entry, plan);
    } else {
      dropped.push_back({entry, drop, {}});
    }
  }
  // One may stand on another: first none of them is a member any more.
  taken_out.insert(taken_out.end(), dropped.begin(), dropped.end());
  return taken_out;
}

void skip_family_members(pg::Connection& connection, const archive::Contents& contents,
                         std::vector<Plan::Step>& steps) {
  std::vector<int> entries;
  std::vector<std::string> schemas, names;
  for (const Plan::Step& step : steps) {
    if (step.entry < 0 || entry_of(contents, step).kind != archive::kFamilyAdditions) continue;
    if (!entries.empty() && entries.back() == step.entry) continue;
    entries.push_back(step.entry);
    schemas.push_back(entry_of(contents, step).schema);
    names.push_back(entry_of(contents, step).name);
  }
  if (entries.empty()) return;
  const pg::Result present = connection.query(sql_for(connection, "family_members"),
                                              {text_array(schemas), text_array(names)});
  for (int row = 0; row < present.rows(); ++row) {
    const int entry = entries[static_cast<std::size_t>(present.integer(row, 0) - 1)];
    const std::string addition = " ADD " + present.string(row, 1);
    std::erase_if(steps, [&](const Plan::Step& step) {
      return step.entry == entry && step.sql.ends_with(addition);
    });
  }
}

void skip_what_scripts_made(pg::Connection& connection, const archive::Contents& contents,
                            std::vector<Plan::Step>& steps) {
  std::vector<std::size_t> asked;
  std::vector<std::string> sorts, schemas, tables, names;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    if (steps[i].entry < 0) continue;
    const auto& entry = contents.entries[static_cast<std::size_t>(steps[i].entry)];
    if (entry.create.empty() || steps[i].sql != entry.create.front()) continue;
    const archive::Entry* host = extension_table_of(contents, entry);
    if (!host) continue;
    asked.push_back(i);
    sorts.push_back(entry.kind);
    schemas.push_back(host->schema);
    tables.push_back(host->name);
    const std::size_t behind = entry.kind == "index" ? 0 : host->name.size() + 4;  // " on NAME"
    names.push_back(entry.name.substr(0, entry.name.size() - behind));
  }
  if (asked.empty()) return;
  const pg::Result made = connection.query(
      sql_for(connection, "made_by_scripts"),
      {text_array(sorts), text_array(schemas), text_array(tables), text_array(names)});
  for (std::size_t row = asked.size(); row-- > 0;) {
    if (!made.boolean(static_cast<int>(row), 0)) continue;
    steps.erase(steps.begin() + static_cast<std::ptrdiff_t>(asked[row]));
  }
}

}  // namespace belay::restore
