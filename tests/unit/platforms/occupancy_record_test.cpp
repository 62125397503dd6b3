#include "platforms/occupancy_record.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace svasim;
using platforms::occupancy_record;

namespace {

struct watched_pool {
  stats::group root{"root"};
  stats::occupancy slots{&root, "slots", "slots", "Slots."};
  occupancy_record record;
  watched_pool() { record.watch(slots, "a.slots", "Slots of a", 8); }
  void change(std::uint64_t ns, int delta) {
    slots.change(base::ns(ns), delta);
    if (record.due(base::ns(ns))) record.sample(base::ns(ns));
  }
};

std::vector<std::uint64_t> ends_of(const nlohmann::json& j) {
  return j["window_end_ps"].get<std::vector<std::uint64_t>>();
}
std::vector<std::uint64_t> means_of(const nlohmann::json& j) {
  return j["series"][0]["mean_milli"].get<std::vector<std::uint64_t>>();
}

}  // namespace

TEST_CASE("each window has the time-weighted mean of its own time") {
  watched_pool p;
  p.change(50, 2);
  p.change(100, 2);  // first window: 50 ns empty, 50 ns at 2
  p.change(300, -4);
  const nlohmann::json j = p.record.to_json(base::ns(400));
  CHECK(ends_of(j) == std::vector<std::uint64_t>{100000, 300000, 400000});
  CHECK(means_of(j) == std::vector<std::uint64_t>{1000, 4000, 0});
  CHECK(j["series"][0]["path"] == "a.slots");
  CHECK(j["series"][0]["label"] == "Slots of a");
  CHECK(j["series"][0]["unit"] == "slots");
  CHECK(j["series"][0]["capacity"] == 8);
}

TEST_CASE("a run without an end after its start has no window of time") {
  watched_pool p;
  CHECK(means_of(p.record.to_json(base::ps(0))) == std::vector<std::uint64_t>{0});
}

TEST_CASE("what a module tells ahead of time never makes a mean negative") {
  watched_pool p;
  p.slots.change(base::ns(500), 4);
  p.record.sample(base::ns(200));
  p.slots.change(base::ns(500), -4);
  const nlohmann::json j = p.record.to_json(base::ns(1000));
  CHECK(means_of(j) == std::vector<std::uint64_t>{0, 0});
}

TEST_CASE("windows stay bounded and their means keep the whole area") {
  REQUIRE(rc::check([](const std::vector<std::pair<std::uint16_t, bool>>& steps) {
    watched_pool p;
    std::uint64_t now = 0;
    std::uint64_t inside = 0;
    std::uint64_t area = 0;
    for (int round = 0; round < 40; ++round) {
      for (const auto& [wait, leave] : steps) {
        area += inside * (wait + 1u);
        now += wait + 1u;
        const bool down = leave && inside != 0;
        p.change(now, down ? -1 : 1);
        inside += down ? std::uint64_t(-1) : 1;
      }
    }
    const nlohmann::json j = p.record.to_json(base::ns(now + 1));
    area += inside;
    const auto ends = ends_of(j);
    const auto means = means_of(j);
    if (ends.size() > occupancy_record::most + 1 || ends.back() != (now + 1) * 1000) return false;
    std::uint64_t before = 0;
    std::uint64_t sum = 0;  // entry-ns in 1/1000
    for (std::size_t i = 0; i < ends.size(); ++i) {
      sum += means[i] * ((ends[i] - before) / 1000);
      before = ends[i];
    }
    // Each mean is rounded to half of 1/1000 entry.
    const std::uint64_t slack = (now + 1) / 2 + 1;
    return sum <= area * 1000 + slack && area * 1000 <= sum + slack;
  }));
}
