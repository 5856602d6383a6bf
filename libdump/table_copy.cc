#include "libdump/table_copy.h"

#include <atomic>
#include <deque>
#include <memory>
#include <mutex>

#include <fmt/format.h>

#include "libcore/archive/chunk.h"
#include "libcore/base/bounded_queue.h"
#include "libcore/base/error.h"
#include "libcore/base/worker_group.h"
#include "libcore/pg/snapshot.h"

namespace belay::dump {
namespace {

constexpr std::string_view kLockNotAvailable = "55P03";

std::string title_of(const archive::DataItem& item) {
  switch (item.kind) {
    case archive::DataKind::table:
      return "table " + quote_name_pretty({item.schema, item.name});
    case archive::DataKind::sequence_states:
      return "sequence states";
    case archive::DataKind::large_objects:
      break;
  }
  return "large objects";
}

// What the tasks of one item have copied so far.
struct Progressing {
  std::mutex mutex;
  int tasks_left = 0;      // guarded by mutex, as the rest
  archive::DataEnd end;
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
    for (const CopyTask& task : plan.tasks) ++progressing(task.item).tasks_left;
  }

  Copied run(const std::string& snapshot) {
    const std::size_t wanted = std::min(static_cast<std::size_t>(plan_.jobs), plan_.tasks.size());
    for (std::size_t index = 0; index < wanted; ++index) connect_worker(snapshot);
    // Every connection sees the same moment.

    WorkerGroup workers([this] { stop(); });
    working_ = wanted;
    if (wanted == 0) left_to_leader_.finish();
    for (pg::Connection& connection : connections_) {
      workers.start([this, &connection] { work(connection); });
    }
    try {
      while (const std::optional<std::size_t> task = left_to_leader_.pop()) {
        copy_task(leader_, plan_.tasks[*task]);
      }
    } catch (...) {
      workers.fail(std::current_exception());
    }
    workers.join();
    for (pg::Connection& connection : connections_) pg::end_snapshot_transaction(connection);
    return {rows_, bytes_, table_rows_};
  }

 private:
  void connect_worker(const std::string& snapshot) {
    pg::ConnectOptions connect;
    connect.kind = pg::SessionKind::contents;
    connect.application_name = "belay backup: copy";
    connect.cancellation = &environment_.cancellation;
    connections_.push_back(pg::Connection::connect(leader_.target(), connect));
    pg::adopt_snapshot(connections_.back(), snapshot);
  }

  void work(pg::Connection& connection) {
    for (std::size_t task = next_++; task < plan_.tasks.size() && !stopped_; task = next_++) {
      environment_.cancellation.check();
      if (lock(connection, plan_.tasks[task])) {
        copy_task(connection, plan_.tasks[task]);
      } else if (!left_to_leader_.push(task)) {
        return;
      }
    }
    if (--working_ == 0) left_to_leader_.finish();
  }

  bool lock(pg::Connection& connection, const CopyTask& task) {
    const archive::DataItem& item = item_of(task);
    if (item.kind != archive::DataKind::table) return true;
    try {
      connection.run(fmt::format(
          "SAVEPOINT belay_lock; LOCK TABLE ONLY {} IN ACCESS SHARE MODE NOWAIT; "
          "RELEASE SAVEPOINT belay_lock",
          quote_name({item.schema, item.name})));
      return true;
    } catch (const Error& error) {
      if (error.sqlstate() != kLockNotAvailable) throw;
      connection.run("ROLLBACK TO SAVEPOINT belay_lock; RELEASE SAVEPOINT belay_lock");
      return false;
    }
  }

  void copy_task(pg::Connection& connection, const CopyTask& task) {
    const archive::DataItem& item = item_of(task);
    const std::string title = title_of(item);
    try {
      ContentDigest stored, full;
      std::uint64_t bytes = 0;
      archive::ChunkEncoder encoder(item.format, options_.compression,
                                    options_.compression_level);
      const auto flush = [&] {
        const std::uint64_t size = encoder.bytes();
        bytes += size;
        writer_.append_chunk(item.number, encoder.finish());
        environment_.progress.advance(title, 0, size);
      };
      std::string stripped;
      pg::CopyOut rows = connection.copy_out(task.sql, task.binary, item.encoding);
      while (std::optional<std::string_view> row = rows.next()) {
        if (task.generated > 0) {
          full.add_row(*row);
          row = strip_generated(*row, task.binary, task.generated, stripped);
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
    environment_.progress.advance(title_of(item_of(task)), 1, 0);
  }

  void stop() {
    stopped_ = true;
    left_to_leader_.close();
    leader_.cancel();
    for (pg::Connection& connection : connections_) connection.cancel();
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
  std::deque<Progressing> items_;            // each guarded by its mutex
  std::deque<pg::Connection> connections_;   // one for each worker
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
