#include "tlm/software/work_queue.h"

#include "software_bench.h"

using namespace svasim;
using base::ns;
using base::us;
using strings = std::vector<std::string>;
using test::run_dry;

namespace {

// Items take 100 ns; `pushes` are queued at 1 us.
struct bench : test::cluster_bench {
  bench(unsigned workers, std::uint32_t depth, int pushes)
      : cluster_bench(test::no_cost_cluster(4)),
        queue(
            "queue", cluster, kit::actor::gk, workers, depth, ns(50),
            [this](kit::task& t, int& item) {
              note(std::to_string(item));
              t.compute(ns(100));
            },
            &root) {
    spawn("producer", 3u, [this, pushes](kit::task& t) {
      t.compute(us(1));
      for (int i = 0; i < pushes; ++i) taken += queue.queue(i) ? 1 : 0;
      full = queue.full();
    });
  }
  int taken = 0;
  bool full = false;
  software::work_queue<int> queue;
};

}  // namespace

TEST_CASE("one worker serves items in order, one after the other, each after the dispatch") {
  bench b(1, 8, 3);
  run_dry();
  CHECK(b.log == strings{"0 1.05us", "1 1.2us", "2 1.35us"});
  CHECK(b.time_of(kit::actor::gk) == ns(3 * 150).value());
  CHECK(b.queue.statistics().queued.value() == 3);
  CHECK(b.queue.statistics().refused.value() == 0);
}

TEST_CASE("workers serve as many items at a time as there are workers") {
  bench b(2, 8, 3);
  run_dry();
  REQUIRE(b.log.size() == 3);
  CHECK(b.log == strings{"0 1.05us", "1 1.05us", "2 1.2us"});
}

TEST_CASE("a full queue refuses, counts, and serves what it took") {
  bench b(1, 2, 5);
  run_dry();
  CHECK(b.taken == 2);  // its worker wakes only when the producer is done
  CHECK(b.full);
  CHECK(b.log == strings{"0 1.05us", "1 1.2us"});
  CHECK(b.queue.statistics().queued.value() == 2);
  CHECK(b.queue.statistics().refused.value() == 3);
}

TEST_CASE("the occupancy of a queue is the time that items waited in it") {
  bench b(1, 8, 3);
  run_dry();
  b.root.settle(kit::now());
  // Item 1 is taken at 1150, item 2 at 1300.
  CHECK(static_cast<std::uint64_t>(b.queue.statistics().waiting.area()) == ns(150 + 300).value());
  CHECK(b.queue.statistics().waiting.current() == 0);
}

TEST_CASE("who waits for room in a full queue goes on in order, and nothing is lost") {
  test::cluster_bench b(test::no_cost_cluster(4));
  software::work_queue<int> queue(
      "queue", b.cluster, kit::actor::hk, 1, 1, ns(0),
      [&b](kit::task& t, int& item) {
        b.note(std::to_string(item));
        t.compute(ns(100));
      },
      &b.root);
  for (int i = 0; i < 3; ++i) {
    b.spawn("producer" + std::to_string(i), static_cast<unsigned>(i + 1), [&, i](kit::task& t) {
      t.compute(ns(10 * i + 1));
      queue.queue_or_wait(t, 2 * i);
      queue.queue_or_wait(t, 2 * i + 1);
    });
  }
  run_dry();
  std::vector<std::string> order;
  for (const std::string& line : b.log) order.push_back(line.substr(0, line.find(' ')));
  CHECK(order == strings{"0", "1", "2", "4", "3", "5"});
  CHECK(queue.statistics().queued.value() == 6);
  CHECK(queue.statistics().waiting.current() == 0);
}
