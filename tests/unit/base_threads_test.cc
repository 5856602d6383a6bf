#include <atomic>
#include <stdexcept>

#include "libcore/base/bounded_queue.h"
#include "libcore/base/cancellation.h"
#include "libcore/base/error.h"
#include "libcore/base/worker_group.h"
#include "tests/support/catch.h"

using namespace belay;

TEST_CASE("a queue hands everything over and then ends") {
  BoundedQueue<int> queue(3);
  long sum = 0;
  std::thread consumer([&] {
    while (const std::optional<int> value = queue.pop()) sum += *value;
  });
  for (int i = 1; i <= 10000; ++i) CHECK(queue.push(i));
  queue.finish();
  consumer.join();
  CHECK(sum == 50005000);
}

TEST_CASE("closing a queue releases both sides") {
  BoundedQueue<int> queue(1);
  REQUIRE(queue.push(1));
  std::thread producer([&] { CHECK_FALSE(queue.push(2)); });
  queue.close();
  producer.join();
  CHECK_FALSE(queue.pop().has_value());
}

TEST_CASE("cancellation runs every callback once, also those that come late") {
  Cancellation cancellation;
  int first = 0, second = 0, late = 0;
  cancellation.check();
  Cancellation::Registration a(cancellation, [&] { ++first; });
  {
    Cancellation::Registration gone(cancellation, [&] { ++second; });
  }
  cancellation.request();
  cancellation.request();
  Cancellation::Registration b(cancellation, [&] { ++late; });
  CHECK(first == 1);
  CHECK(second == 0);
  CHECK(late == 1);
  CHECK(cancellation.requested());
  try {
    cancellation.check();
    FAIL("check() did not throw");
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::cancelled);
  }
}

TEST_CASE("workers that succeed are joined and never stopped") {
  std::atomic<int> stops = 0, done = 0;
  {
    WorkerGroup group([&] { ++stops; });
    for (int i = 0; i < 4; ++i) group.start([&] { ++done; });
    group.join();
  }
  CHECK(done == 4);
  CHECK(stops == 0);
}

TEST_CASE("the first failure of a worker stops the others and reaches the owner") {
  BoundedQueue<int> queue(1);
  std::atomic<int> stops = 0;
  WorkerGroup group([&] {
    ++stops;
    queue.close();
  });
  for (int i = 0; i < 3; ++i) {
    group.start([&] {
      if (!queue.pop()) throw std::runtime_error("echo");
    });
  }
  group.start([] { throw Error(ErrorKind::sql, "first"); });
  CHECK_THROWS_WITH(group.join(), "first");
  CHECK(stops == 1);
}

TEST_CASE("a failing owner stops its workers") {
  BoundedQueue<int> queue(1);
  std::atomic<bool> ended = false;
  {
    WorkerGroup group([&] { queue.close(); });
    group.start([&] {
      queue.pop();
      ended = true;
    });
  }
  CHECK(ended);

  WorkerGroup group([] {});
  group.start([] {});
  group.fail(std::make_exception_ptr(Error(ErrorKind::io, "owner")));
  CHECK_THROWS_WITH(group.join(), "owner");
}
