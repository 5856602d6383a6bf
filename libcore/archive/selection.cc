#include "libcore/archive/selection.h"

#include <algorithm>
#include <initializer_list>
#include <map>
#include <optional>
#include <set>
#include <string_view>

#include "libcore/archive/entry_kind.h"
#include "libcore/base/error.h"

namespace belay::archive {
namespace {

using Index = std::size_t;

bool is_one_of(std::string_view kind, std::initializer_list<std::string_view> kinds) {
  return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
}

bool is_relation(const Entry& entry) {
  return has_rows(entry) || is_sequence(entry) ||
         is_one_of(entry.kind, {"view", "materialized view", "foreign table"});
}

// Made with the object of another entry, to which it belongs; without it that one is not whole.
bool completes(const Entry& entry) { return is_one_of(entry.kind, {"default", "view query"}); }

// Hangs on another object, which does not need it.
bool hangs(const Entry& entry) {
  return entry.section == Section::post_data || entry.last ||
         is_one_of(entry.kind, {"index attachment", "table attachment", "sequence ownership"});
}

class Selecting {
 public:
  Selecting(const std::vector<Entry>& entries, const Selection& selection, const Exists& exists)
      : entries_(entries), selection_(selection), exists_(exists) {
    selected_.asked.resize(entries.size());
    selected_.taken.resize(entries.size());
    completed_by_.resize(entries.size());
    for (Index i = 0; i < entries.size(); ++i) {
      if (entry(i).kind == "schema") schemas_[entry(i).name] = i;
      const std::optional<Index> host = host_of(i);
      if (!host) continue;
      const bool of_placeholder = entry(*host).kind == "type placeholder" && !hangs(entry(i));
      if (completes(entry(i)) || of_placeholder) completed_by_[*host].push_back(i);
    }
  }

  Selected run() {
    check_patterns();
    for (Index i = 0; i < entries_.size(); ++i) {
      if (!hangs(entry(i)) && !completes(entry(i))) selected_.asked[i] = is_asked(i);
    }
    follow_owners();
    for (Index i = 0; i < entries_.size(); ++i) {
      if (selected_.asked[i]) take(i);
    }
    for (Index i = 0; i < entries_.size(); ++i) {
      if (hangs(entry(i))) take_what_hangs(i);
    }
    return std::move(selected_);
  }

 private:
  const Entry& entry(Index i) const { return entries_[i]; }

  static bool any(const std::vector<NamePattern>& patterns, const auto& matches) {
    return std::any_of(patterns.begin(), patterns.end(), matches);
  }

  static bool in_schemas(const Entry& entry, const std::vector<NamePattern>& schemas) {
    const std::string& schema = entry.kind == "schema" ? entry.name : entry.schema;
    return !schema.empty() &&
           any(schemas, [&](const NamePattern& pattern) { return pattern.matches_schema(schema); });
  }

  static bool in_tables(const Entry& entry, const std::vector<NamePattern>& tables) {
    const QualifiedName name{entry.schema, entry.name};
    return is_relation(entry) &&
           any(tables, [&](const NamePattern& pattern) { return pattern.matches(name); });
  }

  bool is_excluded(const Entry& entry) const {
    return in_schemas(entry, selection_.not_schemas) || in_tables(entry, selection_.not_tables);
  }

  bool is_asked(Index i) const {
    const Entry& object = entry(i);
    if (is_excluded(object)) return false;
    if (!selection_.schemas.empty() && !in_schemas(object, selection_.schemas)) return false;
    if (!selection_.tables.empty() && !in_tables(object, selection_.tables)) return false;
    return !selection_.picks() || object.section != Section::data;
  }

  void check_patterns() const {
    const auto check = [&](const std::vector<NamePattern>& patterns, const char* what,
                           const auto& matches) {
      for (const NamePattern& pattern : patterns) {
        const std::vector<NamePattern> one{pattern};
        if (std::any_of(entries_.begin(), entries_.end(),
                        [&](const Entry& candidate) { return matches(candidate, one); }))
          continue;
        throw Error(ErrorKind::usage, what).object(pattern.text());
      }
    };
    check(selection_.schemas, "no schema matches",
          [](const Entry& candidate, const auto& one) { return in_schemas(candidate, one); });
    check(selection_.tables, "no table, view or sequence matches",
          [](const Entry& candidate, const auto& one) { return in_tables(candidate, one); });
  }

  std::vector<Index> needs(Index i) const {
    std::vector<Index> result;
    for (const int number : entry(i).depends_on) result.push_back(static_cast<Index>(number) - 1);
    // Whatever lives in a schema needs it, dependency or not.
    const auto schema = schemas_.find(entry(i).schema);
    if (schema != schemas_.end() && schema->second < i) result.push_back(schema->second);
    return result;
  }

  // A sequence that belongs to a column goes where its table goes, unless it was named itself.
  void follow_owners() {
    for (Index i = 0; i < entries_.size(); ++i) {
      std::optional<Index> sequence, table;
      if (entry(i).kind == "sequence ownership") {
        for (const Index needed : needs(i)) {
          if (entry(needed).kind == "sequence") sequence = needed;
          if (entry(needed).kind == "table") table = needed;
        }
      } else if (entry(i).kind == "sequence") {  // of an identity column
        for (const Index needed : needs(i)) {
          if (entry(needed).kind == "table") sequence = i, table = needed;
        }
      }
      if (!sequence || !table || is_excluded(entry(*sequence))) continue;
      const bool named = in_tables(entry(*sequence), selection_.tables);
      if (!named) selected_.asked[*sequence] = selected_.asked[*table];
    }
  }

  bool is_present(Index i) const { return !selected_.asked[i] && exists_ && exists_(entry(i)); }

  // Takes an entry, all that it needs, and what completes any of these.
  void take(Index asked) {
    std::vector<Index> open{asked};
    while (!open.empty()) {
      const Index i = open.back();
      open.pop_back();
      if (selected_.taken[i] || is_present(i)) continue;
      if (!selected_.asked[i] && is_excluded(entry(i))) {
        throw Error(ErrorKind::usage, "what was left out is needed")
            .object(title(entry(asked)))
            .cause("it cannot exist without " + title(entry(i)))
            .next("leave it out as well, or do not leave out the other");
      }
      selected_.taken[i] = true;
      for (const Index needed : needs(i)) open.push_back(needed);
      for (const Index part : completed_by_[i]) {
        selected_.asked[part] = selected_.asked[part] || selected_.asked[i];
        open.push_back(part);
      }
    }
  }

  // The object on which an entry hangs.
  std::optional<Index> host_of(Index i) const {
    const Entry& part = entry(i);
    std::optional<Index> first;
    for (const int number : part.depends_on) {
      const Index candidate = static_cast<Index>(number) - 1;
      const Entry& host = entry(candidate);
      const bool same_schema = host.schema == part.schema;
      if (same_schema && (part.name == host.name || part.name.ends_with(" on " + host.name))) {
        return candidate;
      }
      if (!first && is_relation(host)) first = candidate;
    }
    return first;
  }

  bool is_complete(Index i) const {
    return selected_.taken[i] && (selected_.asked[i] || !is_relation(entry(i)));
  }

  // What keeps an entry out: a table without its rows, or what is missing and hangs on one. What is
  // taken has what it needs, so only a refresh, which reads rows, looks behind it.
  std::optional<Index> obstacle(Index hanging) {
    const bool reads_rows = entry(hanging).kind == "refresh";
    std::vector<Index> open{hanging};
    std::set<Index> seen;
    while (!open.empty()) {
      const Index i = open.back();
      open.pop_back();
      for (const Index needed : needs(i)) {
        if (is_present(needed) || !seen.insert(needed).second) continue;
        const bool complete = is_complete(needed);
        if (complete && !reads_rows) continue;
        const Entry& object = entry(needed);
        if (!complete && (is_relation(object) || hangs(object) || is_excluded(object))) {
          return needed;
        }
        open.push_back(needed);
      }
    }
    return std::nullopt;
  }

  void take_what_hangs(Index i) {
    const std::optional<Index> host = host_of(i);
    const bool by_itself = !host && !selection_.picks() && !is_excluded(entry(i));
    if (!by_itself && !(host && is_complete(*host))) return;
    if (const std::optional<Index> missing = obstacle(i)) {
      selected_.left_out.push_back({i, title(entry(i)) + ": it needs " + title(entry(*missing))});
      return;
    }
    selected_.asked[i] = true;
    take(i);
  }

  const std::vector<Entry>& entries_;
  const Selection& selection_;
  const Exists& exists_;
  Selected selected_;
  std::map<std::string, Index> schemas_;  // by name
  std::vector<std::vector<Index>> completed_by_;
};

}  // namespace

bool Selection::everything() const { return !picks() && not_schemas.empty() && not_tables.empty(); }

Selected select(const std::vector<Entry>& entries, const Selection& selection,
                const Exists& exists) {
  if (selection.everything() && !exists) {
    const std::vector<bool> all(entries.size(), true);
    return {all, all, {}};
  }
  return Selecting(entries, selection, exists).run();
}

std::vector<Entry> keep_entries(const std::vector<Entry>& entries, const std::vector<bool>& taken,
                                std::vector<int>& numbers) {
  std::vector<Entry> kept;
  numbers.assign(entries.size(), 0);
  for (Index i = 0; i < entries.size(); ++i) {
    if (!taken[i]) continue;
    Entry entry = entries[i];
    entry.number = numbers[i] = static_cast<int>(kept.size()) + 1;
    std::vector<int> needed;
    for (const int old : entry.depends_on) {
      const int number = numbers[static_cast<Index>(old) - 1];
      if (number != 0) needed.push_back(number);
    }
    entry.depends_on = std::move(needed);
    kept.push_back(std::move(entry));
  }
  return kept;
}

std::string title(const Entry& entry) {
  return entry.kind + ' ' + quote_name_pretty({entry.schema, entry.name});
}

}  // namespace belay::archive
