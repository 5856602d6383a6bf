#include "librestore/scratch_comparison.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "libcore/archive/entry_kind.h"
#include "libcore/base/error.h"
#include "libcore/base/name.h"
#include "libcore/catalog/canonical.h"
#include "librestore/large_object_rights.h"
#include "librestore/plan.h"
#include "librestore/schema_objects.h"
#include "librestore/snapshot_digests.h"

namespace belay::restore {
namespace {

// A person reads the list; the rest is counted.
constexpr std::size_t kMostNamed = 20;
constexpr const char* kNotInArchive = "not in the archive";

std::string expected_found(const std::string& expected, const std::string& found) {
  return "expected " + expected + "; found " + found;
}

// What the archive says of the rows of one table, or of all partitions under one load root.
struct Expected {
  std::string title;
  ContentDigest digest;
  bool binary = false;
  bool with_generated = false;
  std::vector<std::string> columns, generated;
  bool rows_only = false;                     // see Side::Table
  std::vector<const catalog::Table*> tables;  // in the scratch database
};

class Comparing {
 public:
  Comparing(const archive::Contents& contents, const Loaded& loaded, const Options& options,
            SnapshotDigests& digests, DrillResult& result)
      : contents_(contents),
        loaded_(loaded),
        manifest_(loaded.summary.manifest),
        options_(options),
        digests_(digests),
        result_(result) {}

  void run() {
    for (const std::string& reason : manifest_.left_out) result_.not_compared.push_back(reason);
    for (const archive::Entry& entry : contents_.entries) {
      if (entry.kind != "subscription" || options_.create_subscriptions) continue;
      result_.not_compared.push_back(describe(entry) + ": not made in a scratch database");
    }
    if (!contents_.role_definitions.empty())
      result_.not_compared.push_back("definitions of roles: those of the server were used");
    collect_tables();
    collect_views();
    collect_large_objects();
    const std::vector<ContentDigest> found = digests_.digest(tasks_);
    for (std::size_t i = 0; i < found.size(); ++i) checks_[i](found[i]);
    compare_sequences();
    compare_large_object_rights();
    compare_schema();
    judge();
  }

 private:
  void differ(std::string object, std::string detail) {
    result_.discrepancies.push_back({std::move(object), std::move(detail)});
  }

  void read(DigestTask task, std::function<void(const ContentDigest&)> check) {
    tasks_.push_back(std::move(task));
    checks_.push_back(std::move(check));
  }

  std::map<QualifiedName, Expected> expected_tables() const {
    std::map<QualifiedName, Expected> all;
    for (const archive::DataItem& item : contents_.items) {
      if (item.kind != archive::DataKind::table) continue;
      const archive::DataEnd& end = loaded_.ends.at(static_cast<std::size_t>(item.number - 1));
      Expected part;
      const bool direct = item.load_root.name.empty();
      const QualifiedName name = direct ? QualifiedName{item.schema, item.name} : item.load_root;
      part.title = "table " + quote_name_pretty(name);
      part.with_generated = end.full.has_value();
      part.digest = end.full ? *end.full : end.stored;
      part.binary = item.format == archive::CopyFormat::binary;
      part.columns = item.columns;
      part.generated = item.generated;
      const auto [at, is_new] = all.try_emplace(name, part);
      if (is_new) continue;
      Expected& sum = at->second;
      sum.digest += part.digest;
      if (sum.columns != part.columns || sum.generated != part.generated ||
          sum.binary != part.binary)
        sum.rows_only = true;
    }
    return all;
  }

  void collect_tables() {
    expected_ = expected_tables();
    catalog::for_each_filled_table(digests_.catalog(), [this](const catalog::Table& table) {
      const auto at = expected_.find(comparison_name(digests_.catalog(), table));
      if (at != expected_.end()) at->second.tables.push_back(&table);
    });
    for (const auto& [name, expected] : expected_) {
      if (expected.tables.empty()) {
        // A hash partitioned tree without partitions has no rows.
        differ(expected.title, expected_found(describe(expected.digest), "no such table"));
        continue;
      }
      DigestTask task{expected.title, {}, expected.binary, {}, 0};
      for (const catalog::Table* table : expected.tables) {
        const DigestTask part =
            digests_.table_task(*table, expected.binary, expected.with_generated);
        task.encoding = part.encoding;
        task.estimated_bytes += part.estimated_bytes;
        task.statements.insert(task.statements.end(), part.statements.begin(),
                               part.statements.end());
      }
      read(std::move(task), [this, &expected = expected](const ContentDigest& found) {
        check_table(expected, found);
      });
    }
  }

  void check_table(const Expected& expected, const ContentDigest& found) {
    ++result_.tables;
    result_.rows += found.rows;
    if (expected.rows_only) {
      result_.not_compared.push_back("rows of " + expected.title +
                                     ", only their number: its partitions differ in columns");
      if (expected.digest.rows == found.rows) return;
    } else if (expected.digest == found) {
      return;
    }
    differ(expected.title, expected_found(describe(expected.digest), describe(found)));
  }

  void collect_views() {
    if (options_.schema_only) return;
    for (const archive::ViewDigest& view : manifest_.views) {
      const std::string name = quote_name_pretty({view.schema, view.name});
      const std::string title = "materialized view " + name;
      if (!view.not_comparable.empty()) {
        result_.not_compared.push_back(title + ": " + view.not_comparable);
        if (view.not_comparable != "stale") continue;
      }
      const bool binary = view.format == archive::CopyFormat::binary;
      const catalog::View* present = find(view);
      if (present == nullptr || !present->populated) {
        differ(title, present == nullptr ? "missing" : "not populated");
        continue;
      }
      // As the backup read its query: all columns in their order.
      const std::string sql = "COPY (SELECT * FROM " + quote_name({view.schema, view.name}) +
                              ") TO STDOUT" + (binary ? " (FORMAT binary)" : "");
      read({title, {sql}, binary, digests_.encoding(), 0},
           [this, title, &view](const ContentDigest& found) {
             ++result_.views;
             if (found != view.query)
               differ(title, expected_found(describe(view.query), describe(found)));
           });
    }
  }

  const catalog::View* find(const archive::ViewDigest& view) const {
    for (const catalog::View& other : digests_.catalog().views) {
      if (other.name == QualifiedName{view.schema, view.name}) return &other;
    }
    return nullptr;
  }

  void collect_large_objects() {
    for (const archive::DataItem& item : contents_.items) {
      if (item.kind != archive::DataKind::large_objects) continue;
      const ContentDigest& expected =
          loaded_.ends.at(static_cast<std::size_t>(item.number - 1)).stored;
      read(digests_.large_object_task(), [this, expected](const ContentDigest& found) {
        result_.large_objects = digests_.catalog().large_objects.size();
        if (found == expected) return;
        differ("large objects",
               expected_found(describe(expected), describe(found)) + " (in pieces of 256 kB)");
      });
    }
  }

  void compare_sequences() {
    const bool has_states = std::any_of(
        contents_.items.begin(), contents_.items.end(),
        [](const auto& item) { return item.kind == archive::DataKind::sequence_states; });
    if (!has_states || options_.schema_only) return;
    const std::map<QualifiedName, std::string> found = digests_.sequence_states();
    for (const auto& [name, state] : loaded_.sequences) {
      ++result_.sequences;
      const auto at = found.find(name);
      if (at != found.end() && at->second == state) continue;
      differ("sequence " + quote_name_pretty(name),
             expected_found(state, at == found.end() ? "no such sequence" : at->second));
    }
  }

  void compare_large_object_rights() {
    if (options_.no_owner || options_.no_privileges || options_.schema_only) return;
    const LargeObjectRights expected = rights_in_archive(contents_);
    const LargeObjectRights found = rights_in_database(digests_.catalog());
    for (const auto& [object, rights] : expected) {
      const auto at = found.find(object);
      if (at == found.end()) {
        differ("large object " + object, "missing");
      } else if (at->second != rights) {
        differ("large object " + object, expected_found(rights, at->second));
      }
    }
    for (const auto& [object, rights] : found) {
      if (!expected.contains(object)) differ("large object " + object, kNotInArchive);
    }
  }

  // Why the schema cannot be compared here; empty: it can.
  std::string schema_obstacle() const {
    if (options_.no_owner || options_.no_privileges) return "restored without owners or privileges";
    const int here = digests_.catalog().identity.server_major();
    const int there = loaded_.summary.header.source.server_major();
    if (here != there) {
      return "the archive is of server " + std::to_string(there) + ", this is server " +
             std::to_string(here);
    }
    const std::map<std::string, std::string> wanted(contents_.extensions.begin(),
                                                    contents_.extensions.end());
    for (const catalog::Extension& extension : digests_.catalog().extensions) {
      const auto at = wanted.find(extension.name.name);
      if (at == wanted.end() || at->second == extension.version) continue;
      return "extension " + extension.name.name + " is version " + at->second +
             " in the archive and " + extension.version + " here";
    }
    return {};
  }

  // What users added to tables of extensions is no part of the fingerprint.
  bool is_added_to_extension(const std::string& kind, const std::string& identity) const {
    return kind == archive::kTableOfExtension ||
           std::any_of(
               extension_tables_.begin(), extension_tables_.end(),
               [&](const std::string& table) { return identity.ends_with(" on " + table); });
  }

  void compare_added_to_extensions() {
    for (const archive::Entry& entry : contents_.entries) {
      if (entry.kind == archive::kTableOfExtension)
        extension_tables_.insert(quote_name_pretty({entry.schema, entry.name}));
    }
    if (extension_tables_.empty()) return;
    std::map<std::pair<std::string, std::string>, std::string> found;
    for (catalog::CanonicalObject& object : catalog::canonical_objects(digests_.catalog()))
      found[{object.kind, object.identity}] = std::move(object.properties);
    for (const archive::Entry& entry : contents_.entries) {
      for (const archive::Description& told : entry.describes) {
        if (!is_added_to_extension(told.kind, told.identity)) continue;
        const std::string title = told.kind + ' ' + told.identity;
        const auto at = found.find({told.kind, told.identity});
        if (at == found.end()) {  // its statement ran, and found it made
          result_.not_compared.push_back(title + ": made by the extension's script here");
        } else if (at->second != told.properties) {
          differ("schema: " + title, expected_found(told.properties, at->second));
        }
      }
    }
  }

  void compare_schema() {
    const std::string obstacle = schema_obstacle();
    if (!obstacle.empty()) {
      schema_not_compared_ = "schema: " + obstacle;
      result_.not_compared.push_back(schema_not_compared_);
      return;
    }
    compare_added_to_extensions();
    if (catalog::fingerprint(digests_.catalog()) == manifest_.fingerprint) return;
    const std::vector<NamedDifference> named = named_differences(contents_, digests_.catalog());
    for (std::size_t i = 0; i < std::min(named.size(), kMostNamed); ++i)
      differ("schema: " + named[i].object, named[i].detail);
    if (named.size() > kMostNamed)
      differ("schema", std::to_string(named.size() - kMostNamed) + " more objects differ");
    if (!named.empty() || name_changes()) return;
    differ("schema", expected_found("fingerprint " + manifest_.fingerprint.hex(),
                                    catalog::fingerprint(digests_.catalog()).hex()) +
                         "; the objects are there, a definition or a privilege differs");
  }

  // By what the archive tells of each object. False: it does not, being of version 0.1.
  bool name_changes() {
    std::vector<catalog::CanonicalObject> told;
    for (const archive::Entry& entry : contents_.entries) {
      for (const archive::Description& one : entry.describes)
        told.push_back({one.kind, one.identity, one.properties});
    }
    if (told.empty()) return false;
    std::vector<Discrepancy> changes;
    for (const catalog::Difference& difference :
         catalog::diff(told, catalog::canonical_objects(digests_.catalog()))) {
      if (difference.kind == "subscription" ||
          is_added_to_extension(difference.kind, difference.identity))
        continue;
      const std::string title = "schema: " + difference.kind + ' ' + difference.identity;
      if (difference.change == catalog::Change::added) changes.push_back({title, kNotInArchive});
      if (difference.change == catalog::Change::removed) changes.push_back({title, "missing"});
      for (const catalog::PropertyChange& change : catalog::property_changes(difference)) {
        changes.push_back({title, change.property + ": " +
                                      expected_found(change.absent_before ? "none" : change.before,
                                                     change.absent_after ? "none" : change.after)});
      }
    }
    for (std::size_t i = 0; i < std::min(changes.size(), kMostNamed); ++i)
      differ(changes[i].object, changes[i].detail);
    if (changes.size() > kMostNamed)
      differ("schema", std::to_string(changes.size() - kMostNamed) + " more differences");
    return !changes.empty();
  }

  // A comparison that compared nothing proves nothing.
  void judge() {
    result_.empty = manifest_.user_relations == 0;
    if (!result_.discrepancies.empty()) return;
    if (result_.tables == 0 && !result_.empty) {
      throw Error(ErrorKind::could_not_run, "no table was compared, though the backup counts " +
                                                std::to_string(manifest_.user_relations) +
                                                " tables, views and sequences")
          .cause(manifest_.schema_only ? "the archive holds the schema only" : "")
          .next(
              "verify an archive that holds rows; a deploy on a database that has none yet goes "
              "with belay migrate --gate off --reason TEXT");
    }
    if (!schema_not_compared_.empty()) {
      throw Error(ErrorKind::could_not_run, "the contents are equal, the schema was not compared")
          .cause(schema_not_compared_)
          .next("drill on a server like the source");
    }
  }

  const archive::Contents& contents_;
  const Loaded& loaded_;
  const archive::Manifest& manifest_;
  const Options& options_;
  SnapshotDigests& digests_;
  DrillResult& result_;
  std::map<QualifiedName, Expected> expected_;
  std::vector<DigestTask> tasks_;
  std::vector<std::function<void(const ContentDigest&)>> checks_;  // one for each task
  std::string schema_not_compared_;
  std::set<std::string> extension_tables_;
};

}  // namespace

void compare_scratch(const archive::Contents& contents, const Loaded& loaded,
                     const pg::ConnectTarget& scratch, const Options& options,
                     Environment& environment, DrillResult& result) {
  environment.progress.stage("compare", contents.items.size(), loaded.summary.bytes);
  const RowSettings settings{contents.database.encoding, contents.database.lc_monetary};
  SnapshotDigests digests(scratch, options.jobs, settings, environment);
  Comparing(contents, loaded, options, digests, result).run();
}

}  // namespace belay::restore
