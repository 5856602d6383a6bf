#include "librestore/snapshot_digests.h"

#include <algorithm>
#include <mutex>
#include <optional>
#include <utility>

#include "libcore/base/bounded_queue.h"
#include "libcore/base/worker_group.h"
#include "libcore/catalog/reader.h"
#include "libcore/pg/snapshot.h"
#include "librestore/copy_text.h"
#include "librestore/sessions.h"

namespace belay::restore {
namespace {

// Tables above this are read in ranges of so many pages (128 MB) where the server can do that
// without a scan for each.
constexpr std::int64_t kRangePages = 16384;
constexpr int kRangesSince = 14;

const catalog::Table* find_table(const catalog::Catalog& catalog, catalog::Oid oid) {
  for (const catalog::Table& table : catalog.tables) {
    if (table.address.objid == oid) return &table;
  }
  return nullptr;
}

catalog::Catalog read(pg::Connection& connection, Environment& environment) {
  catalog::ReadOptions options;
  options.lock_tables = false;
  return catalog::read_catalog(connection, options, environment.progress);
}

}  // namespace

SnapshotDigests::SnapshotDigests(const pg::ConnectTarget& database, int jobs,
                                 const RowSettings& settings, Environment& environment)
    : database_(database),
      jobs_(std::max(jobs, 1)),
      lc_monetary_(settings.lc_monetary),
      environment_(environment),
      main_(connect()),
      catalog_(read(main_, environment)),
      formats_(catalog::read_formats(main_)),
      encoding_(settings.encoding.empty() ? catalog_.database.encoding : settings.encoding),
      snapshot_(pg::export_snapshot(main_)) {}

SnapshotDigests::~SnapshotDigests() = default;

pg::Connection SnapshotDigests::connect() const {
  pg::ConnectOptions options;
  options.kind = pg::SessionKind::contents;
  options.application_name = "belay compare";
  options.cancellation = &environment_.cancellation;
  pg::Connection connection = pg::Connection::connect(database_, options);
  if (!lc_monetary_.empty())
    connection.query("SELECT pg_catalog.set_config('lc_monetary', $1, false)", {lc_monetary_});
  return connection;
}

DigestTask SnapshotDigests::table_task(const catalog::Table& table, bool binary,
                                       bool with_generated) const {
  DigestTask task{"table " + quote_name_pretty(table.name), {}, binary, encoding_, table.bytes};
  catalog::Table read = table;
  if (!with_generated)
    std::erase_if(read.columns,
                  [](const catalog::Column& column) { return column.generated != 0; });
  if (table.pages <= kRangePages || !table.condition.empty() ||
      main_.server_major() < kRangesSince) {
    task.statements.push_back(catalog::copy_out_statement(read, binary, nullptr));
    return task;
  }
  for (std::int64_t first = 0; first < table.pages; first += kRangePages) {
    catalog::PageRange range{static_cast<std::uint64_t>(first), 0};
    if (first + kRangePages < table.pages)
      range.end = static_cast<std::uint64_t>(first + kRangePages);
    task.statements.push_back(catalog::copy_out_statement(read, binary, &range));
  }
  return task;
}

DigestTask SnapshotDigests::large_object_task() const {
  return {"large objects", catalog::large_object_statements(catalog_.large_objects), false, {}, 0};
}

std::map<QualifiedName, std::string> SnapshotDigests::sequence_states() {
  std::map<QualifiedName, std::string> states;
  std::vector<catalog::Sequence> readable = catalog::sequences_with_states(catalog_);
  if (catalog_.identity.in_recovery) {  // unlogged ones never reach a standby
    std::erase_if(readable, [](const catalog::Sequence& one) { return one.persistence == 'u'; });
  }
  for (const std::string& sql : catalog::sequence_state_statements(readable)) {
    pg::CopyOut rows = main_.copy_out(sql, false, encoding_);
    while (const std::optional<std::string_view> row = rows.next()) {
      const std::vector<std::optional<std::string>> fields = copy_fields(*row);
      if (fields.size() != 4) continue;
      states[{fields[0].value_or(""), fields[1].value_or("")}] =
          fields[2].value_or("") + "," + fields[3].value_or("");
    }
  }
  return states;
}

std::vector<ContentDigest> SnapshotDigests::digest(const std::vector<DigestTask>& tasks) {
  struct Piece {
    const DigestTask* task;
    const std::string* sql;
    std::size_t index;
  };
  std::vector<Piece> pieces;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    for (const std::string& sql : tasks[i].statements) pieces.push_back({&tasks[i], &sql, i});
  }
  // The largest first, so that none is left alone at the end.
  std::stable_sort(pieces.begin(), pieces.end(), [](const Piece& a, const Piece& b) {
    return a.task->estimated_bytes > b.task->estimated_bytes;
  });
  std::vector<ContentDigest> digests(tasks.size());
  std::mutex mutex;
  BoundedQueue<Piece> queue(std::max<std::size_t>(pieces.size(), 1));
  for (const Piece& piece : pieces) {
    if (!queue.push(piece)) return digests;
  }
  queue.finish();
  Sessions sessions;
  WorkerGroup workers([&] {
    queue.close();
    sessions.cancel_all();
  });
  for (std::size_t i = 0; i < std::min(static_cast<std::size_t>(jobs_), pieces.size()); ++i) {
    workers.start([&] {
      pg::Connection connection = connect();
      const Sessions::Entry entered(sessions, connection);
      pg::adopt_snapshot(connection, snapshot_);
      while (const std::optional<Piece> piece = queue.pop()) {
        const DigestTask& task = *piece->task;
        const ContentDigest digest =
            catalog::digest_rows(connection, *piece->sql, task.binary, task.encoding,
                                 environment_.progress, task.object);
        std::lock_guard lock(mutex);
        digests[piece->index] += digest;
      }
      pg::end_snapshot_transaction(connection);
    });
  }
  workers.join();
  return digests;
}

QualifiedName comparison_name(const catalog::Catalog& catalog, const catalog::Table& table) {
  // As the backup plans it: through the topmost root if any hash on the way may differ.
  const catalog::Table* top = &table;
  bool unstable = table.hash_on_unstable_key;
  while (top->partition_of != 0) {
    const catalog::Table* parent = find_table(catalog, top->partition_of);
    if (parent == nullptr) break;
    top = parent;
    unstable = unstable || top->hash_on_unstable_key;
  }
  return unstable ? top->name : table.name;
}

std::string describe(const ContentDigest& digest) {
  return std::to_string(digest.rows) + " rows, digest " + digest.hex();
}

}  // namespace belay::restore
