#include "libdump/plan.h"

#include <algorithm>
#include <map>
#include <set>

#include <fmt/format.h>

#include "libcore/archive/entry_kind.h"
#include "libcore/archive/members.h"
#include "libcore/base/error.h"
#include "libcore/catalog/order.h"
#include "libdump/ddl.h"

namespace belay::dump {
namespace {

// A table is cut when it is larger, into ranges of this size: small enough to keep every worker
// busy at the end, large enough that the cost of a COPY does not show.
constexpr std::uint64_t kRangeBytes = 128u << 20;
constexpr std::size_t kMostNamesInError = 20;

bool is_excluded(const QualifiedName& table, const std::vector<NamePattern>& patterns) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const NamePattern& pattern) { return pattern.matches(table); });
}

using TablesByOid = std::map<catalog::Oid, const catalog::Table*>;

// The topmost partitioned table, if hashes on the way up may differ in another database.
QualifiedName load_root(const catalog::Table& table, const TablesByOid& tables) {
  const catalog::Table* top = &table;
  bool unstable = table.hash_on_unstable_key;
  for (auto parent = tables.find(table.partition_of); parent != tables.end();
       parent = tables.find(top->partition_of)) {
    top = parent->second;
    unstable = unstable || top->hash_on_unstable_key;
  }
  return unstable && top != &table ? top->name : QualifiedName{};
}

bool use_binary(const catalog::Table& table, const catalog::TableFormats& formats,
                FormatChoice choice) {
  if (choice == FormatChoice::text) return false;
  if (catalog::binary_is_safe(table, formats)) return true;
  if (choice == FormatChoice::automatic) return false;
  throw Error(ErrorKind::usage, "the table cannot be copied in binary format")
      .object(quote_name_pretty(table.name))
      .cause("a column's binary form holds OIDs of this database or is not stable")
      .next("use --format auto");
}

std::vector<catalog::PageRange> ranges_of(const catalog::Table& table, int server_major, int jobs) {
  if (table.bytes <= kRangeBytes || table.pages <= 1) return {};
  const auto pages = static_cast<std::uint64_t>(table.pages);
  std::uint64_t count = (table.bytes + kRangeBytes - 1) / kRangeBytes;
  // Before 14 a condition on ctid is no range scan: every range reads the whole table.
  if (server_major < 14) count = std::min(count, static_cast<std::uint64_t>(jobs));
  if (count < 2) return {};
  const std::uint64_t step = (pages + count - 1) / count;
  std::vector<catalog::PageRange> ranges;
  for (std::uint64_t first = 0; first < pages; first += step) {
    ranges.push_back({first, first + step < pages ? first + step : 0});
  }
  return ranges;
}

class Planner {
 public:
  Planner(const catalog::Catalog& catalog, const catalog::TableFormats& formats,
          const Options& options, Plan& plan)
      : catalog_(catalog), formats_(formats), options_(options), plan_(plan) {
    for (const catalog::Table& table : catalog.tables) tables_[table.address.objid] = &table;
    for (const archive::Entry& entry : plan.entries) {
      const QualifiedName name{entry.schema, entry.name};
      if (archive::has_rows(entry)) entries_[name] = entry.number;
      if (archive::is_sequence(entry)) sequences_.insert(name);
    }
  }

  // `rows`: false for a table that others need, but nobody asked for.
  void add_table(const catalog::Table& table, bool rows, bool in_order = false) {
    if (!entries_.contains(table.name)) return;
    const std::string name = quote_name_pretty(table.name);
    if (!rows) {
      plan_.left_out.push_back(fmt::format("contents of table {}: not selected", name));
      return;
    }
    if (is_excluded(table.name, options_.exclude_table_contents)) {
      plan_.left_out.push_back(fmt::format("contents of table {}: excluded", name));
      return;
    }
    if (is_unreadable(table.persistence)) {
      plan_.left_out.push_back(
          fmt::format("contents of unlogged table {}: a standby has none", name));
      return;
    }
    held_.insert(table.address.objid);
    archive::DataItem& item = add_item(archive::DataKind::table, table.name);
    const bool binary = use_binary(table, formats_, options_.format);
    item.entry = entries_[table.name];
    item.owner = table.owner;
    for (const catalog::Column& column : table.columns) {
      (column.generated != 0 ? item.generated : item.columns).push_back(column.name);
    }
    item.format = binary ? archive::CopyFormat::binary : archive::CopyFormat::text;
    item.load_root = load_root(table, tables_);
    item.estimated_bytes = table.bytes;

    CopyTask task;
    task.item = item.number;
    task.in_order = in_order;
    task.binary = binary;
    task.generated = static_cast<int>(item.generated.size());
    const std::vector<catalog::PageRange> ranges =
        in_order ? std::vector<catalog::PageRange>()
                 : ranges_of(table, catalog_.identity.server_major(), options_.jobs);
    item.cut = !ranges.empty();
    task.estimated_bytes = ranges.empty() ? table.bytes : table.bytes / ranges.size();
    if (ranges.empty()) {
      task.sql = catalog::copy_out_statement(table, binary, nullptr);
      plan_.tasks.push_back(task);
    }
    for (const catalog::PageRange& range : ranges) {
      task.sql = catalog::copy_out_statement(table, binary, &range);
      plan_.tasks.push_back(task);
    }
  }

  void add_sequences() {
    std::vector<catalog::Sequence> readable;
    for (const catalog::Sequence& sequence : catalog::sequences_with_states(catalog_)) {
      if (!sequences_.contains(sequence.name)) continue;
      if (is_unreadable(sequence.persistence)) {
        plan_.left_out.push_back(fmt::format("state of unlogged sequence {}: a standby has none",
                                             quote_name_pretty(sequence.name)));
      } else {
        readable.push_back(sequence);
      }
    }
    add_rows(archive::DataKind::sequence_states, catalog::sequence_state_statements(readable));
  }

  // They hold samples of rows: only of tables whose rows the archive holds, of trees of which it
  // holds all, and of materialized views only where no table was left out.
  void add_planner_statistics() {
    const int server = catalog_.identity.server_major();
    if (server < catalog::kStatisticsFrom || held_.empty()) return;
    std::vector<catalog::Oid> tables(held_.begin(), held_.end()), roots;
    const std::set<catalog::Oid> incomplete = incomplete_trees();
    bool all = true;
    for (const catalog::Table& table : catalog_.tables) {
      const bool ordinary = table.kind == catalog::TableKind::ordinary;
      all = all && (!ordinary || held_.contains(table.address.objid));
      if (!incomplete.contains(table.address.objid) && entries_.contains(table.name))
        roots.push_back(table.address.objid);
    }
    for (const catalog::View& view : catalog_.views) {
      if (view.materialized && all) tables.push_back(view.address.objid);
    }
    add_rows(archive::DataKind::planner_statistics,
             {catalog::planner_statistics_statement(tables, roots, server)});
  }

  void add_rows(archive::DataKind kind, const std::vector<std::string>& statements) {
    if (statements.empty()) return;
    const archive::DataItem& item = add_item(kind, {});
    for (const std::string& sql : statements) plan_.tasks.push_back({item.number, sql});
  }

 private:
  // What has rows that the archive does not hold, and all that these are part of.
  std::set<catalog::Oid> incomplete_trees() const {
    std::vector<catalog::Oid> open;
    for (const catalog::Table& table : catalog_.tables) {
      const bool holds_rows = table.kind != catalog::TableKind::partitioned;
      if (holds_rows && !held_.contains(table.address.objid)) open.push_back(table.address.objid);
    }
    std::set<catalog::Oid> found;
    while (!open.empty()) {
      const catalog::Oid oid = open.back();
      open.pop_back();
      const auto table = tables_.find(oid);
      if (!found.insert(oid).second || table == tables_.end()) continue;
      open.push_back(table->second->partition_of);
      for (const catalog::Parent& parent : table->second->parents) open.push_back(parent.oid);
    }
    return found;
  }

  // What is not in the WAL never reaches a standby, which refuses to read it.
  bool is_unreadable(char persistence) const {
    return persistence == 'u' && catalog_.identity.in_recovery;
  }

  archive::DataItem& add_item(archive::DataKind kind, const QualifiedName& name) {
    archive::DataItem& item = plan_.items.emplace_back();
    item.number = static_cast<int>(plan_.items.size());
    item.kind = kind;
    item.schema = name.schema;
    item.name = name.name;
    item.compression = options_.compression;
    item.encoding = catalog_.database.encoding;
    return item;
  }

  const catalog::Catalog& catalog_;
  const catalog::TableFormats& formats_;
  const Options& options_;
  Plan& plan_;
  TablesByOid tables_;
  std::map<QualifiedName, int> entries_;
  std::set<catalog::Oid> held_;  // tables whose rows the archive holds
  std::set<QualifiedName> sequences_;
};

// In the order of their entries: what foreign keys reference comes first.
std::vector<const catalog::ExtensionTable*> configuration_tables(
    const catalog::Catalog& catalog, const std::vector<archive::Entry>& entries) {
  std::map<QualifiedName, int> numbers;
  for (const archive::Entry& entry : entries) numbers[{entry.schema, entry.name}] = entry.number;
  std::vector<const catalog::ExtensionTable*> tables;
  for (const catalog::ExtensionTable& table : catalog.extension_tables) {
    if (table.configuration) tables.push_back(&table);
  }
  std::sort(tables.begin(), tables.end(),
            [&](const auto* a, const auto* b) { return numbers[a->name] < numbers[b->name]; });
  return tables;
}

void plan_contents(const catalog::Catalog& catalog, const catalog::TableFormats& formats,
                   const Options& options, const std::set<QualifiedName>& asked, Plan& plan) {
  Planner planner(catalog, formats, options, plan);
  const bool all = options.selection.everything();
  for (const catalog::Table& table : catalog.tables) {
    if (table.kind != catalog::TableKind::ordinary) continue;
    planner.add_table(table, all || asked.contains(table.name));
  }
  for (const catalog::ExtensionTable* table : configuration_tables(catalog, plan.entries)) {
    planner.add_table(*table, all || asked.contains(table->name), true);
  }
  planner.add_sequences();
  if (!options.selection.picks()) {
    planner.add_rows(archive::DataKind::large_objects,
                     catalog::large_object_statements(catalog.large_objects));
  }
  planner.add_planner_statistics();
  // The largest item first, so that no worker is left alone with it at the end, before it those
  // with an order. Stable: the tasks of an item stay in a row.
  std::stable_sort(plan.tasks.begin(), plan.tasks.end(), [&](const CopyTask& a, const CopyTask& b) {
    const auto size = [&](const CopyTask& task) {
      return plan.items[static_cast<std::size_t>(task.item - 1)].estimated_bytes;
    };
    if (a.in_order != b.in_order) return a.in_order;
    if (a.in_order) return a.item < b.item;
    return size(a) != size(b) ? size(a) > size(b) : a.item < b.item;
  });
  for (const CopyTask& task : plan.tasks) plan.estimated_bytes += task.estimated_bytes;
}

// What an archive without it would tell wrongly: a partition that is none, a sequence whose column
// is gone, a materialized view that comes back empty.
void refuse_parts(const std::vector<archive::Entry>& entries, const archive::Selected& selected) {
  for (const archive::Selected::LeftOut& object : selected.left_out) {
    if (!entries[object.entry].describes.empty()) continue;
    throw Error(ErrorKind::usage, "a part of an object cannot be left out of a backup")
        .object(object.text)
        .next("select that, too");
  }
}

std::string words(const archive::Selection& selection) {
  std::string text;
  const auto add = [&](std::string_view option, const std::vector<NamePattern>& patterns) {
    for (const NamePattern& pattern : patterns)
      text += fmt::format(" {} {}", option, pattern.text());
  };
  add("-n", selection.schemas);
  add("-N", selection.not_schemas);
  add("-t", selection.tables);
  add("-T", selection.not_tables);
  return text;
}

// Fills in the entries and returns the tables whose rows are asked for.
std::set<QualifiedName> plan_entries(const catalog::Catalog& catalog, const Options& options,
                                     Plan& plan) {
  const catalog::Order order = catalog::order_objects(catalog);
  std::vector<archive::Entry> entries = render_entries(catalog, order);
  archive::Selected selected = archive::select(entries, options.selection);
  std::set<QualifiedName> asked;
  for (std::size_t i = 0; i < entries.size(); ++i) {
    const archive::Entry& entry = entries[i];
    if (archive::has_rows(entry) && selected.asked[i]) asked.insert({entry.schema, entry.name});
    // Every new database has it: what became of it belongs to any part.
    if (entry.kind == "schema" && entry.name == "public") selected.taken[i] = true;
    // Large objects are contents, and so are their entries.
    if (options.schema_only && entry.section == archive::Section::data) selected.taken[i] = false;
  }
  plan.fingerprint = describe_entries(catalog, order, selected.taken, entries);
  refuse_parts(entries, selected);
  std::vector<int> numbers;
  plan.entries = archive::keep_entries(entries, selected.taken, numbers);
  if (!options.selection.everything()) {
    plan.left_out.push_back(fmt::format("all but {} of {} objects: selected with{}",
                                        plan.entries.size(), entries.size(),
                                        words(options.selection)));
  }
  for (const archive::Selected::LeftOut& object : selected.left_out) {
    plan.left_out.push_back(object.text);
  }
  return asked;
}

void refuse_unsupported(const std::vector<std::string>& lines) {
  const std::size_t shown = std::min(lines.size(), kMostNamesInError);
  std::string list;
  for (std::size_t index = 0; index < shown; ++index) {
    if (!list.empty()) list += "; ";
    list += lines[index];
  }
  if (shown < lines.size()) list += fmt::format("; and {} more", lines.size() - shown);
  throw Error(ErrorKind::backup_failed, "the database holds what belay does not support yet")
      .cause(list)
      .next("belay doctor lists all of it; --allow-unknown leaves it out, and says so");
}

}  // namespace

std::vector<std::string> unsupported_lines(const catalog::Catalog& catalog) {
  std::vector<std::string> lines;
  for (const catalog::Unsupported& object : catalog.unsupported) {
    lines.push_back(object.detail.empty()
                        ? fmt::format("{} {}", object.kind, object.identity)
                        : fmt::format("{} {}: {}", object.kind, object.identity, object.detail));
  }
  return lines;
}

Plan make_plan(const catalog::Catalog& catalog, const catalog::TableFormats& formats,
               const Options& options) {
  const std::vector<std::string> unsupported = unsupported_lines(catalog);
  if (!unsupported.empty() && !options.allow_unknown) refuse_unsupported(unsupported);

  Plan plan;
  plan.jobs = options.jobs;
  plan.left_out = unsupported;
  plan.database = render_database(catalog);
  const std::set<QualifiedName> asked = plan_entries(catalog, options, plan);
  if (options.schema_only) {
    plan.left_out.push_back("contents of all tables, sequences and large objects: schema only");
  } else {
    plan_contents(catalog, formats, options, asked, plan);
  }
  return plan;
}

std::string describe(const Plan& plan) {
  std::string text =
      fmt::format("{} schema entries, {} items, about {} MB, {} connections\n", plan.entries.size(),
                  plan.items.size(), plan.estimated_bytes >> 20, plan.jobs);
  for (const archive::DataItem& item : plan.items) {
    const auto tasks =
        std::count_if(plan.tasks.begin(), plan.tasks.end(),
                      [&](const CopyTask& task) { return task.item == item.number; });
    const std::string name = item.kind == archive::DataKind::table
                                 ? printable(quote_name_pretty({item.schema, item.name}))
                                 : fmt::format("({})", archive::title_of(item));
    text += fmt::format("{:>10} kB  {:<6}  {:<14}  {}\n", item.estimated_bytes >> 10,
                        item.format == archive::CopyFormat::binary ? "binary" : "text",
                        item.cut ? fmt::format("{} ranges", tasks) : "whole", name);
  }
  for (const std::string& line : plan.left_out) {
    text += fmt::format("left out: {}\n", printable(line));
  }
  return text;
}

}  // namespace belay::dump
