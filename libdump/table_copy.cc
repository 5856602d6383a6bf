#include "libdump/table_copy.h"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

#include <fmt/format.h>

#include "libcore/archive/chunk.h"
#include "libcore/archive/members.h"
#include "libcore/base/bounded_queue.h"
#include "libcore/base/error.h"
#include "libcore/base/worker_group.h"
#include "libcore/pg/snapshot.h"

namespace belay::dump {
namespace {

constexpr std::string_view kLockNotAvailable = "55P03";

// What the tasks of one item have copied so far.
struct Progressing {
  std::mutex mutex;
  int tasks_left = 0;  // guarded by mutex, as the rest
  archive::DataEnd end;
};

// One connection and what its thread reuses from task to task.
class Lane {
 public:
  Lane(pg::Connection& connection, const Options& options)
      : connection_(connection), options_(options) {}

  pg::Connection& connection() { return connection_; }
  archive::ChunkEncoder& encoder(archive::CopyFormat format) {
    std::optional<archive::ChunkEncoder>& own =
        format == archive::CopyFormat::binary ? binary_ : text_;
    if (!own) own.emplace(format, options_.compression, options_.compression_level);
    return *own;
  }
  std::string stripped;

 private:
  pg::Connection& connection_;
  const Options& options_;
  std::optional<archive::ChunkEncoder> text_, binary_;
};

class ContentsCopy {
 public:
  ContentsCopy(const Plan& plan, const Options& options, pg::Connection& leader,
               archive::Writer& writer, Environment& environment)
      : plan_(plan),
        options_(options),
        leader_(leader),
        writer_(writer),
        environment_(environment),
        left_to_leader_(plan.tasks.size() + 1) {
    for (std::size_t index = 0; index < plan.items.size(); ++index) {
      items_.emplace_back();
      items_.back().end.number = plan.items[index].number;
      if (!plan.items[index].generated.empty()) items_.back().end.full.emplace();
    }
    for (std::size_t task = 0; task < plan.tasks.size(); ++task) {
      ++progressing(plan.tasks[task].item).tasks_left;
      if (!is_for_leader(plan.tasks[task])) for_workers_.push_back(task);
    }
  }

  Copied run(const std::string& snapshot) {
    const std::size_t wanted = std::min(static_cast<std::size_t>(plan_.jobs), for_workers_.size());
    for (std::size_t index = 0; index < wanted; ++index) connect_worker(snapshot);
    leader_.run(lock_timeout());
    // Every connection sees the same moment, and none waits for a lock for ever.

    WorkerGroup workers([this] { stop(); });
    working_ = wanted;
    if (wanted == 0) left_to_leader_.finish();
    for (pg::Connection& connection : connections_) {
      workers.start([this, &connection] { work(connection); });
    }
    try {
      lead();
    } catch (...) {
      workers.fail(std::current_exception());
    }
    workers.join();
    for (pg::Connection& connection : connections_) pg::end_snapshot_transaction(connection);
    return {rows_, bytes_, table_rows_};
  }

 private:
  std::string lock_timeout() const {
    return fmt::format("SET LOCAL lock_timeout = {}", options_.lock_timeout.count());
  }

  void connect_worker(const std::string& snapshot) {
    pg::ConnectOptions connect;
    connect.kind = pg::SessionKind::contents;
    connect.application_name = "belay backup: copy";
    connect.cancellation = &environment_.cancellation;
    connections_.push_back(pg::Connection::connect(leader_.target(), connect));
    pg::adopt_snapshot(connections_.back(), snapshot);
    connections_.back().run(lock_timeout() + "; SAVEPOINT belay_task");
  }

  void work(pg::Connection& connection) {
    Lane lane(connection, options_);
    for (std::size_t next = next_++; next < for_workers_.size() && !stopped_; next = next_++) {
      const std::size_t task = for_workers_[next];
      environment_.cancellation.check();
      if (lock(connection, plan_.tasks[task])) {
        copy_task(lane, plan_.tasks[task]);
      } else if (!left_to_leader_.push(task)) {
        return;
      }
    }
    if (--working_ == 0) left_to_leader_.finish();
  }

  // One after the other, in the order of the plan. Sequences cannot be locked. If somebody drops
  // one while he waits for its table, then whoever reads it waits for him: only where that is the
  // session that has the tables locked, the server sees the circle.
  void lead() {
    Lane lane(leader_, options_);
    for (const CopyTask& task : plan_.tasks) {
      if (is_for_leader(task)) copy_task(lane, task);
    }
    while (const std::optional<std::size_t> task = left_to_leader_.pop()) {
      copy_task(lane, plan_.tasks[*task]);
    }
  }

  // Going back to the savepoint frees the lock of the task before, so that a worker never holds
  // more than one table's share of the server's lock table.
  bool lock(pg::Connection& connection, const CopyTask& task) {
    const archive::DataItem& item = item_of(task);
    std::string sql = "ROLLBACK TO SAVEPOINT belay_task";
    if (item.kind == archive::DataKind::table) {
      sql += fmt::format("; LOCK TABLE ONLY {} IN ACCESS SHARE MODE NOWAIT",
                         quote_name({item.schema, item.name}));
    }
    try {
      connection.run(sql);
      return true;
    } catch (const Error& error) {
      if (error.sqlstate() != kLockNotAvailable) throw;
      return false;
    }
  }

  void copy_task(Lane& lane, const CopyTask& task) {
    const archive::DataItem& item = item_of(task);
    const std::string title = archive::title_of(item);
    try {
      ContentDigest stored, full;
      std::uint64_t bytes = 0;
      archive::ChunkEncoder& encoder = lane.encoder(item.format);
      const auto flush = [&] {
        if (stopped_) throw Error(ErrorKind::cancelled, "another connection failed");
        const std::uint64_t size = encoder.bytes();
        bytes += size;
        writer_.append_chunk(item.number, encoder.finish());
        environment_.progress.advance(title, 0, size);
      };
      pg::CopyOut rows = lane.connection().copy_out(task.sql, task.binary, item.encoding);
      while (std::optional<std::string_view> row = rows.next()) {
        if (task.generated > 0) {
          full.add_row(*row);
          row = strip_generated(*row, task.binary, task.generated, lane.stripped);
        }
        stored.add_row(*row);
        encoder.add_row(*row);
        if (encoder.full()) flush();
      }
      if (encoder.rows() > 0) flush();
      end_task(task, stored, full, bytes);
    } catch (Error& error) {
      if (error.object().empty()) error.object(title);
      throw;
    }
  }

  // The last task of an item to end writes the item's end.
  void end_task(const CopyTask& task, const ContentDigest& stored, const ContentDigest& full,
                std::uint64_t bytes) {
    Progressing& item = progressing(task.item);
    const std::lock_guard lock(item.mutex);
    item.end.stored += stored;
    if (item.end.full) *item.end.full += full;
    item.end.bytes += bytes;
    rows_ += stored.rows;
    if (item_of(task).kind == archive::DataKind::table) table_rows_ += stored.rows;
    bytes_ += bytes;
    if (--item.tasks_left > 0) return;
    writer_.end_data(item.end);
    environment_.progress.advance(archive::title_of(item_of(task)), 1, 0);
  }

  void stop() {
    stopped_ = true;
    left_to_leader_.close();
    leader_.cancel();
    for (pg::Connection& connection : connections_) connection.cancel();
  }

  bool is_for_leader(const CopyTask& task) const {
    return task.in_order || item_of(task).kind == archive::DataKind::sequence_states;
  }
  const archive::DataItem& item_of(const CopyTask& task) const {
    return plan_.items[static_cast<std::size_t>(task.item - 1)];
  }
  Progressing& progressing(int item) { return items_[static_cast<std::size_t>(item - 1)]; }

  // Constant after construction, or thread-safe by themselves.
  const Plan& plan_;
  const Options& options_;
  pg::Connection& leader_;  // used by the thread that called run()
  archive::Writer& writer_;
  Environment& environment_;
  std::vector<std::size_t> for_workers_;    // indexes of tasks
  std::deque<Progressing> items_;           // each guarded by its mutex
  std::deque<pg::Connection> connections_;  // one for each worker
  BoundedQueue<std::size_t> left_to_leader_;
  std::atomic<std::size_t> next_{0}, working_{0};
  std::atomic<std::uint64_t> rows_{0}, bytes_{0}, table_rows_{0};
  std::atomic<bool> stopped_{false};
};

}  // namespace

Copied copy_contents(const Plan& plan, const Options& options, pg::Connection& leader,
                     const std::string& snapshot, archive::Writer& writer,
                     Environment& environment) {
  environment.progress.stage("copy", plan.items.size(), plan.estimated_bytes);
  return ContentsCopy(plan, options, leader, writer, environment).run(snapshot);
}

}  // namespace belay::dump
