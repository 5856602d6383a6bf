#include <algorithm>
#include <set>

#include "libcore/base/bounded_queue.h"
#include "libcore/base/worker_group.h"
#include "librestore/run_steps.h"
#include "librestore/sessions.h"

namespace belay::restore {
namespace {

// Building these locks one table (or one partition tree, top down in a fixed order), so that
// several at a time cannot deadlock. A foreign key locks two tables.
bool may_run_beside_others(const archive::Entry& entry) {
  static const std::set<std::string, std::less<>> kinds{"index", "primary key",
                                                        "unique constraint"};
  return kinds.contains(entry.kind);
}

// The steps of one entry; they stay together.
using Group = std::span<const Plan::Step>;

std::vector<Group> groups_of(std::span<const Plan::Step> steps) {
  std::vector<Group> groups;
  for (std::size_t first = 0; first < steps.size();) {
    std::size_t end = first + 1;
    while (end < steps.size() && steps[end].entry == steps[first].entry) ++end;
    groups.push_back(steps.subspan(first, end - first));
    first = end;
  }
  return groups;
}

class PostData {
 public:
  PostData(pg::Connection& connection, const Connect& connect, int jobs,
           const archive::Contents& contents, std::span<const Plan::Step> steps,
           Environment& environment)
      : connection_(connection),
        connect_(connect),
        jobs_(jobs),
        contents_(contents),
        environment_(environment),
        waiting_(groups_of(steps)) {
    for (const Group& group : waiting_) missing_.insert(number(group));
  }

  void run() {
    while (!waiting_.empty()) {
      environment_.cancellation.check();
      std::vector<Group> parallel = take(
          [&](const Group& group) { return may_run_beside_others(entry(group)) && ready(group); });
      if (!parallel.empty()) {
        run_beside(parallel);
        for (const Group& group : parallel) missing_.erase(number(group));
        continue;
      }
      // Dependencies point backwards (the reader sees to it), so the first one is ready.
      const Group group = waiting_.front();
      waiting_.erase(waiting_.begin());
      run_one_by_one(connection_, contents_, group, environment_.progress);
      missing_.erase(number(group));
    }
  }

 private:
  const archive::Entry& entry(const Group& group) const {
    return contents_.entries[static_cast<std::size_t>(group.front().entry)];
  }
  int number(const Group& group) const { return entry(group).number; }

  bool ready(const Group& group) const {
    const std::vector<int>& needs = entry(group).depends_on;
    return std::none_of(needs.begin(), needs.end(),
                        [&](int needed) { return missing_.contains(needed); });
  }

  template <typename Predicate>
  std::vector<Group> take(const Predicate& wanted) {
    const auto middle = std::stable_partition(waiting_.begin(), waiting_.end(),
                                              [&](const Group& group) { return !wanted(group); });
    std::vector<Group> taken(middle, waiting_.end());
    waiting_.erase(middle, waiting_.end());
    return taken;
  }

  void run_beside(const std::vector<Group>& groups) {
    const std::size_t workers = std::min(static_cast<std::size_t>(jobs_), groups.size());
    if (workers <= 1) {
      for (const Group& group : groups)
        run_one_by_one(connection_, contents_, group, environment_.progress);
      return;
    }
    BoundedQueue<Group> queue(groups.size());
    for (const Group& group : groups) {
      if (!queue.push(group)) return;
    }
    queue.finish();
    Sessions sessions;
    WorkerGroup group([&] {
      queue.close();
      sessions.cancel_all();
    });
    for (std::size_t i = 0; i < workers; ++i) {
      group.start([&] {
        pg::Connection connection = connect_();
        const Sessions::Entry entered(sessions, connection);
        while (const std::optional<Group> next = queue.pop())
          run_one_by_one(connection, contents_, *next, environment_.progress);
      });
    }
    group.join();
  }

  pg::Connection& connection_;
  const Connect& connect_;
  const int jobs_;
  const archive::Contents& contents_;
  Environment& environment_;
  std::vector<Group> waiting_;
  std::set<int> missing_;  // numbers of entries that are not done yet
};

}  // namespace

void run_post_data(pg::Connection& connection, const Connect& connect, int jobs,
                   const archive::Contents& contents, std::span<const Plan::Step> steps,
                   Environment& environment) {
  PostData(connection, connect, jobs, contents, steps, environment).run();
}

}  // namespace belay::restore
