// Part of a table of contents: which entries somebody asked for, and what these need.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "libcore/archive/format.h"
#include "libcore/base/name_pattern.h"

namespace belay::archive {

// Empty lists: everything. An object must be in a schema of `schemas` and, if there are `tables`,
// be a table, view, materialized view or sequence of these (or hang on one).
struct Selection {
  std::vector<NamePattern> schemas, tables;
  std::vector<NamePattern> not_schemas, not_tables;

  bool everything() const;
  bool picks() const { return !schemas.empty() || !tables.empty(); }
};

struct Selected {
  // By index of the entry. `asked` is what the selection says, with all that hangs on it (indexes,
  // constraints, triggers, owned sequences); `taken` adds what that needs to exist.
  std::vector<bool> asked, taken;
  // What hangs on what was asked for, but needs what was not.
  struct LeftOut {
    std::size_t entry = 0;  // by index
    std::string text;       // "foreign key song on plays: it needs table studio.songs"
  };
  std::vector<LeftOut> left_out;
};

// What is there already, in the database that receives it, need not be taken.
using Exists = std::function<bool(const Entry&)>;

// Pure. Entries of large objects are asked for only if nothing is picked. Throws Error{usage} for a
// pattern of `schemas` or `tables` that nothing matches, and if something asked for cannot exist
// without what the selection leaves out by name.
Selected select(const std::vector<Entry>& entries, const Selection& selection,
                const Exists& exists = {});

// The entries that `taken` says, numbered anew; numbers[i] is the new number of entries[i], or 0.
std::vector<Entry> keep_entries(const std::vector<Entry>& entries, const std::vector<bool>& taken,
                                std::vector<int>& numbers);

// "table studio.songs".
std::string title(const Entry& entry);

}  // namespace belay::archive
