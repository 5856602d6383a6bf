#include "librestore/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include "libcore/archive/entry_kind.h"
#include "libcore/base/name.h"

namespace belay::restore {
namespace {

constexpr std::string_view kPlaceholder = "%DATABASE%";

using Names = std::set<std::string, std::less<>>;

// Statements of privileges are opaque text here, but a role can stand only behind one of these
// words, so that a column of the same name is not taken for a role.
bool names_role(std::string_view sql, const std::string& role) {
  for (const std::string& quoted : {quote_identifier(role), quote_identifier_pretty(role)}) {
    for (std::size_t at = sql.find(quoted); at != sql.npos; at = sql.find(quoted, at + 1)) {
      const std::string_view before = sql.substr(0, at);
      const std::string_view after = sql.substr(at + quoted.size());
      const bool starts = before.ends_with(" TO ") || before.ends_with(" FROM ") ||
                          before.ends_with(" BY ") || before.ends_with(" FOR ") ||
                          before.ends_with("AUTHORIZATION ") || before.ends_with("ROLE ") ||
                          before.ends_with(", ");
      const bool ends = after.empty() || after.front() == ' ' || after.front() == ',' ||
                        after.front() == ';' || after.front() == '\n';
      if (starts && ends) return true;
    }
  }
  return false;
}

bool any_names_role(const std::vector<std::string>& statements, const std::string& role) {
  return std::any_of(statements.begin(), statements.end(),
                     [&](const std::string& sql) { return names_role(sql, role); });
}

// What names roles beside owners and privileges.
bool is_about_roles(const archive::Entry& entry) {
  return entry.kind == "policy" || entry.kind == "user mapping";
}

// Objects, and the database unless it exists already, that the plan makes.
template <typename Predicate>
bool any_object(const archive::Contents& contents, const Plan& plan, const Predicate& wanted) {
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    if (plan.entries[i] && wanted(contents.entries[i])) return true;
  }
  return false;
}

bool role_is_needed(const archive::Contents& contents, const Plan& plan, const std::string& role,
                    const Options& options) {
  const bool new_database = !options.exists;
  if (!options.no_owner && !options.no_privileges && new_database && options.selection.everything())
    return true;
  const auto owns = [&](const archive::Entry& entry) {
    return entry.owner == role || any_names_role(entry.set_owner, role);
  };
  const auto grants = [&](const auto& object) {
    const std::vector<std::string>& by = object.acl_run_as;
    return any_names_role(object.acl, role) || std::find(by.begin(), by.end(), role) != by.end();
  };
  const auto says = [&](const archive::Entry& entry) {
    return is_about_roles(entry) && any_names_role(entry.create, role);
  };
  if (any_object(contents, plan, says)) return true;
  if (!options.no_owner) {
    if (new_database && contents.database.owner == role) return true;
    if (any_object(contents, plan, owns)) return true;
  }
  if (options.no_privileges) return false;
  return (new_database && grants(contents.database)) || any_object(contents, plan, grants);
}

void append(std::vector<Plan::Step>& steps, int entry, const std::vector<std::string>& statements,
            const std::string& run_as = {}) {
  for (const std::string& sql : statements) steps.push_back({entry, sql, run_as});
}

bool is_left_out(const archive::Entry& entry, const Options& options) {
  if (entry.kind == "subscription" && !options.create_subscriptions) return true;
  const bool late = entry.section == archive::Section::post_data || entry.last;
  if (entry.section != archive::Section::data && !(late ? options.post_data : options.pre_data))
    return true;
  if (!options.schema_only) return false;
  // Large objects, and the rows of materialized views, are contents.
  return entry.section == archive::Section::data || entry.kind == "refresh";
}

// Large objects are entries of the data section: they are created, empty, before the rows come.
std::vector<Plan::Step>& part_of(Plan& plan, const archive::Entry& entry) {
  if (entry.last) return plan.last;
  return entry.section == archive::Section::post_data ? plan.post_data : plan.pre_data;
}

std::string default_tablespace(const std::string& name) {
  return "SET default_tablespace = " + quote_literal(name);
}

// Which role runs the entry's code, where the server itself does not see to it: a new check looks
// at every row as whoever adds it.
std::string acting_role(const archive::Entry& entry) {
  if (entry.run_as.empty() && entry.kind == "check") return entry.owner;
  return entry.run_as;
}

// Grants by somebody else than the owner are repeated in his name, so that they are his again.
void append_grants(std::vector<Plan::Step>& steps, int entry,
                   const std::vector<std::string>& statements,
                   const std::vector<std::string>& run_as) {
  for (std::size_t i = 0; i < statements.size(); ++i)
    steps.push_back({entry, statements[i], i < run_as.size() ? run_as[i] : std::string()});
}

// What is done with each entry of the selection.
archive::Selected select(const archive::Contents& contents, const Options& options, Plan& plan) {
  const archive::Selected selected =
      archive::select(contents.entries, options.selection, options.exists);
  plan.entries.resize(contents.entries.size());
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    const archive::Entry& entry = contents.entries[i];
    if (!selected.taken[i] || is_left_out(entry, options)) continue;
    const bool there = options.exists && options.exists(entry);
    // What others may be in already is used as it is.
    const bool shared =
        entry.kind == "schema" || entry.kind == "extension" || archive::is_of_extension(entry);
    if (there && !shared) plan.in_the_way.push_back(describe(entry));
    plan.entries[i] = !there;
  }
  if (!options.selection.everything()) {
    plan.sequences.emplace();
    for (std::size_t i = 0; i < contents.entries.size(); ++i) {
      const archive::Entry& entry = contents.entries[i];
      if (archive::is_sequence(entry) && selected.taken[i])
        plan.sequences->insert({entry.schema, entry.name});
    }
  }
  for (const archive::Selected::LeftOut& object : selected.left_out) {
    if (!is_left_out(contents.entries[object.entry], options)) plan.left_out.push_back(object.text);
  }
  return selected;
}

std::vector<bool> items_of(const archive::Contents& contents, const archive::Selected& selected,
                           const Options& options) {
  std::vector<bool> items;
  for (const archive::DataItem& item : contents.items) {
    bool wanted = !options.schema_only;
    if (item.kind == archive::DataKind::table)
      wanted = wanted && selected.asked[static_cast<std::size_t>(item.entry) - 1];
    if (item.kind == archive::DataKind::large_objects)
      wanted = wanted && !options.selection.picks();
    // They tell of tables, indexes and all that inherits: a part might not hold all of that.
    if (item.kind == archive::DataKind::planner_statistics)
      wanted = wanted && options.selection.everything() && options.pre_data == options.post_data;
    items.push_back(wanted);
  }
  return items;
}

bool defines(const archive::Contents& contents, const std::string& role) {
  const auto& roles = contents.role_definitions;
  return std::any_of(roles.begin(), roles.end(),
                     [&](const RoleDefinition& one) { return one.name == role; });
}

// Where the database itself is or will be.
std::string place_database(const archive::Contents& contents, const Options& options, Plan& plan) {
  const std::set<std::string> known = tablespaces_in(contents);
  for (const auto& [name, other] : options.placement.instead) {
    if (!known.contains(name) && name != "pg_default")
      plan.warnings.push_back("the archive names no tablespace " + quote_identifier_pretty(name));
  }
  if (options.exists) return options.default_tablespace;
  const std::string wanted = options.placement.of_database(contents.database.tablespace);
  if (wanted.empty() || wanted == options.default_tablespace) return options.default_tablespace;
  plan.tablespaces.insert(wanted);
  return plan.tablespace = wanted;
}

// The tablespace to be named for an entry; empty: the database's default. That is never named: the
// server refuses it for partitioned tables.
std::string place(const archive::Entry& entry, const std::string& here, const Options& options,
                  Plan& plan) {
  std::string tablespace = options.placement.of(entry.tablespace);
  if (tablespace.empty() || tablespace == here) return "";
  plan.tablespaces.insert(tablespace);
  return tablespace;
}

}  // namespace

std::vector<bool> items_of(const archive::Contents& contents, const Options& options) {
  return items_of(contents, archive::select(contents.entries, options.selection, options.exists),
                  options);
}

Plan make_plan(const archive::Contents& contents, const std::vector<std::string>& existing_roles,
               const std::vector<std::string>& available_extensions, const Options& options) {
  Plan plan;
  plan.items = items_of(contents, select(contents, options, plan), options);
  const Names existing(existing_roles.begin(), existing_roles.end());
  const Names available(available_extensions.begin(), available_extensions.end());
  Names named(contents.roles.begin(), contents.roles.end());
  named.insert(contents.database.owner);
  for (const archive::Entry& entry : contents.entries) named.insert(entry.owner);
  named.erase("");
  for (const std::string& role : named) {
    const bool there = existing.contains(role) || (options.create_roles && defines(contents, role));
    if (!there && role_is_needed(contents, plan, role, options)) plan.missing_roles.push_back(role);
  }
  for (const auto& [name, version] : contents.extensions) {
    const bool needed =
        (options.selection.everything() && !options.exists) ||
        any_object(contents, plan, [&, &extension = name](const archive::Entry& entry) {
          return entry.kind == "extension" && entry.name == extension;
        });
    if (needed && !available.contains(name)) plan.missing_extensions.push_back(name);
  }

  const std::string here = place_database(contents, options, plan);
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    const archive::Entry& entry = contents.entries[i];
    if (!plan.entries[i]) continue;
    const int number = static_cast<int>(i);
    std::vector<Plan::Step>& steps = part_of(plan, entry);
    // Before the data no code of a user runs: everything is created by the login role.
    const bool acts = !options.no_owner && options.run_as_owner && &steps != &plan.pre_data;
    const std::string tablespace = place(entry, here, options, plan);
    if (!tablespace.empty()) append(steps, number, {default_tablespace(tablespace)});
    append(steps, number, entry.create, acts ? acting_role(entry) : std::string());
    if (!tablespace.empty()) append(steps, number, {default_tablespace("")});
    if (!options.no_owner) append(steps, number, entry.set_owner);
    append(steps, number, entry.comment);
    append(steps, number, entry.label);
    if (!options.no_privileges) append_grants(plan.privileges, number, entry.acl, entry.acl_run_as);
  }

  if (options.exists) return plan;
  const archive::DatabaseProperties& database = contents.database;
  if (!options.no_owner && !database.owner.empty()) {
    plan.database.push_back({-1,
                             "ALTER DATABASE " + std::string(kPlaceholder) + " OWNER TO " +
                                 quote_identifier(database.owner),
                             {}});
  }
  if (!options.no_privileges) append_grants(plan.database, -1, database.acl, database.acl_run_as);
  for (const std::string& sql : database.settings) {
    if (!options.database_settings) break;
    // Of roles only where all roles are asked for, so that each is there.
    const bool all_roles =
        !options.no_owner && !options.no_privileges && options.selection.everything();
    if (!all_roles && sql.starts_with("ALTER ROLE ")) continue;
    plan.database.push_back({-1, sql, {}});
  }
  if (options.database_settings) append(plan.database, -1, database.label);
  append(plan.database_comment, -1, database.comment);
  return plan;
}

void lend_schemas(Plan& plan, const archive::Contents& contents, const std::string& login,
                  bool public_too) {
  std::map<std::string, Names> owners;  // by schema
  for (const archive::Entry& entry : contents.entries) {
    if (!entry.schema.empty() && !entry.set_owner.empty() && entry.owner != login) {
      owners[entry.schema].insert(entry.owner);
    }
  }
  std::vector<Plan::Step> returned;
  for (std::size_t i = 0; i < contents.entries.size(); ++i) {
    const archive::Entry& schema = contents.entries[i];
    if (schema.kind != "schema" || (schema.name == "public" && !public_too)) continue;
    const int number = static_cast<int>(i);
    const auto after = std::find_if(plan.pre_data.begin(), plan.pre_data.end(),
                                    [&](const Plan::Step& step) { return step.entry > number; });
    std::vector<Plan::Step> lent;
    for (const std::string& owner : owners[schema.name]) {
      if (owner == schema.owner) continue;
      const std::string what = " CREATE ON SCHEMA " + quote_identifier(schema.name);
      lent.push_back({number, "GRANT" + what + " TO " + quote_identifier(owner), {}});
      returned.push_back({number, "REVOKE" + what + " FROM " + quote_identifier(owner), {}});
    }
    plan.pre_data.insert(after, lent.begin(), lent.end());
  }
  plan.privileges.insert(plan.privileges.begin(), returned.begin(), returned.end());
}

std::string with_database_name(std::string_view sql, std::string_view name) {
  const std::string quoted = quote_identifier(name);
  std::string result;
  for (std::size_t at = sql.find(kPlaceholder); at != sql.npos; at = sql.find(kPlaceholder)) {
    result += sql.substr(0, at);
    result += quoted;
    sql.remove_prefix(at + kPlaceholder.size());
  }
  result += sql;
  return result;
}

std::string describe(const archive::Entry& entry) {
  return entry.kind + " " + quote_name_pretty({entry.schema, entry.name});
}

}  // namespace belay::restore
