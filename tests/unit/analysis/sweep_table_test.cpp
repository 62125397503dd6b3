#include "analysis/sweep_table.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace svasim::analysis;

namespace {

// Entries x policy x seed, with p99 and storage.
sweep_table small_table() {
  sweep_table t;
  t.axes = {{"tlb.entries", {"64", "128", "256"}, false},
            {"tlb.policy", {"lru", "random"}, false},
            {"workload.seed", {"1", "2"}, true}};
  t.metrics = {{"walks", "walks"}, {"translation_p99", "ps"}, {"storage_bits", "bits"}};
  const auto add = [&](std::uint32_t entries, std::uint32_t policy, std::uint32_t seed,
                       std::uint64_t p99, std::uint64_t bits) {
    t.points.push_back({{entries, policy, seed}, {7, p99, bits}});
  };
  add(0, 0, 0, 900, 10);
  add(0, 0, 1, 1001, 10);
  add(1, 0, 0, 500, 20);
  add(1, 1, 0, 600, 19);
  add(2, 0, 0, 500, 40);
  return t;
}

}  // namespace

TEST_CASE("a report is about p99 where there is one") {
  sweep_table t = small_table();
  CHECK(t.main_metric() == 1u);
  t.metrics[1].name = "other";
  CHECK(t.main_metric() == 0u);
  t.metrics.clear();
  CHECK_FALSE(t.main_metric());
}

TEST_CASE("points that differ in the seed are one design with their mean, rounded half up") {
  const auto designs = designs_of(small_table(), 1);
  REQUIRE(designs.size() == 4);
  CHECK(designs[0].metric == 951);  // 950.5
  CHECK(designs[0].points == 2);
  CHECK(designs[0].storage == 10);
  CHECK(designs[1].values == std::vector<std::uint32_t>{1, 0, 0});
}

TEST_CASE("points without the metric are left out") {
  sweep_table t = small_table();
  t.points[4].metrics[1] = std::nullopt;
  t.points[3].metrics[2] = std::nullopt;
  CHECK(designs_of(t, 1).size() == 2);
}

TEST_CASE("the front holds what no other beats, by rising storage") {
  const auto designs = designs_of(small_table(), 1);
  CHECK(pareto_front(designs, false) == std::vector<std::size_t>{0, 2, 1});
  // Of rates more is better: the first has most for least.
  CHECK(pareto_front(designs, true) == std::vector<std::size_t>{0});
  CHECK(pareto_front({}, false).empty());
}

TEST_CASE("rates are the better the higher, all else the lower") {
  CHECK(more_is_better({"throughput", "bytes/s"}));
  CHECK_FALSE(more_is_better({"translation_p99", "ps"}));
}

TEST_CASE("an axis moves a metric by the spread of the means of its values") {
  const sweep_table t = small_table();
  const auto effects = effects_of(t, designs_of(t, 1));
  REQUIRE(effects.size() == 2);  // not the seeds
  CHECK(effects[0].axis == 0);
  CHECK(effects[0].means == std::vector<std::optional<std::uint64_t>>{951u, 550u, 500u});
  CHECK(effects[0].lowest == 2);
  CHECK(effects[0].highest == 0);
  CHECK(effects[0].spread == 451);
  CHECK(effects[1].axis == 1);
  CHECK(effects[1].spread == 126);  // (2 x 951 + 500 + 500) / 4 = 725.5, less 600
}

TEST_CASE("no design off the front beats one on it") {
  REQUIRE(rc::check([](const std::vector<std::pair<std::uint8_t, std::uint8_t>>& pairs, bool more) {
    std::vector<design> all;
    for (const auto& [storage, metric] : pairs) all.push_back({{}, metric, storage, 1});
    const auto front = pareto_front(all, more);
    const auto no_worse = [&](const design& a, const design& b) {
      return a.storage <= b.storage && (more ? a.metric >= b.metric : a.metric <= b.metric);
    };
    const auto beats = [&](const design& a, const design& b) {
      return no_worse(a, b) && !no_worse(b, a);
    };
    for (const design& d : all) {
      bool met = false;
      for (const std::size_t i : front) {
        if (beats(d, all[i])) return false;
        met = met || no_worse(all[i], d);
      }
      if (!met) return false;
    }
    return true;
  }));
}
