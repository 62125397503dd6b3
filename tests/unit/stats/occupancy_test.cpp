#include "stats/occupancy.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

using namespace svasim;
using base::ps;

TEST_CASE("occupancy integrates entries over time") {
  stats::occupancy queue(nullptr, "queue", "entries", "Queue.");
  queue.change(ps(10), 1);   // 0 for 10 ps
  queue.change(ps(30), 2);   // 1 for 20 ps
  queue.change(ps(30), -1);  // 3 for 0 ps: counts for the maximum only
  queue.settle(ps(130));     // 2 for 100 ps
  CHECK(queue.current() == 2);
  CHECK(queue.max() == 3);
  CHECK(queue.area() == 220);
  CHECK(queue.time() == ps(130));
  CHECK(queue.to_json(stats::span::whole) ==
        nlohmann::json{{"current", 2}, {"max", 3}, {"area", 220}, {"time", 130}});
}

TEST_CASE("a snapshot in the middle splits area, time and maximum") {
  stats::occupancy queue(nullptr, "queue", "entries", "Queue.");
  queue.change(ps(0), 5);
  queue.change(ps(10), -3);
  queue.snapshot(ps(20));
  queue.change(ps(30), 1);
  queue.settle(ps(40));
  const auto recent = stats::span::since_snapshot;
  CHECK(queue.area() == 50 + 20 + 20 + 30);
  CHECK(queue.area(recent) == 20 + 30);
  CHECK(queue.time(recent) == ps(20));
  CHECK(queue.time() == ps(40));
  CHECK(queue.max(recent) == 3);
  CHECK(queue.max() == 5);
}

TEST_CASE("entries held at a reset stay and count from there") {
  stats::occupancy queue(nullptr, "queue", "entries", "Queue.");
  queue.change(ps(0), 9);
  queue.change(ps(5), -7);
  queue.reset(ps(100));
  queue.settle(ps(110));
  CHECK(queue.current() == 2);
  CHECK(queue.max() == 2);
  CHECK(queue.area() == 20);
  CHECK(queue.time() == ps(10));
}

TEST_CASE("an area beyond 64 bits is written exactly, as digits") {
  stats::occupancy queue(nullptr, "queue", "entries", "Queue.");
  queue.change(ps(0), 3);
  queue.settle(ps(std::numeric_limits<std::uint64_t>::max()));
  CHECK(queue.to_json(stats::span::whole)["area"] == "55340232221128654845");
}

TEST_CASE("an occupancy refuses to go below zero or back in time") {
  stats::occupancy queue(nullptr, "queue", "entries", "Queue.");
  queue.change(ps(10), 1);
  CHECK_THROWS_WITH(queue.change(ps(11), -2), "occupancy queue: 1 entries change by -2");
  CHECK_THROWS_WITH(queue.change(ps(9), 1), "occupancy queue: time goes back from 10 ps to 9 ps");
  CHECK_THROWS_WITH(queue.settle(ps(9)), "occupancy queue: time goes back from 10 ps to 9 ps");
  queue.change(ps(11), -1);
  CHECK(queue.current() == 0);
}

TEST_CASE("area and maximum agree with a picosecond by picosecond count") {
  REQUIRE(rc::check([](const std::vector<std::pair<std::uint8_t, std::int8_t>>& steps) {
    stats::occupancy queue(nullptr, "queue", "entries", "Queue.");
    std::uint64_t now = 0, area = 0, highest = 0;
    std::int64_t held = 0;
    for (const auto& [wait, wish] : steps) {
      for (int i = 0; i < wait; ++i, ++now) {
        area += static_cast<std::uint64_t>(held);
      }
      const std::int64_t delta = std::max<std::int64_t>(wish, -held);
      queue.change(ps(now), delta);
      held += delta;
      highest = std::max(highest, static_cast<std::uint64_t>(held));
    }
    return queue.area() == area && queue.max() == highest &&
           queue.current() == static_cast<std::uint64_t>(held) && queue.time() == ps(now);
  }));
}
