#include "tlm/memory/line_store.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "base/rng.h"
#include "tests/support/time_matchers.h"
#include "uarch/set_associative_cache.h"

using namespace svasim;
using base::duration;
using base::ns;
using memory::line_store;
using uarch::replacement;

namespace {

struct line {
  duration ready;
  bool dirty;
};
using general_cache = uarch::set_associative_cache<std::uint8_t, line>;

// One access to both, with a fill where it misses; false where they differ.
bool same(line_store& lines, general_cache& general, std::uint64_t number, bool write,
          duration present) {
  duration ready = present;
  const bool hit = lines.access(number, write, present, ready);
  line* const found = general.lookup(0, number, 0);
  if (hit != (found != nullptr) || lines.holds(number) != hit) return false;
  if (hit) {
    found->dirty |= write;
    return ready == kit::later(present, found->ready);
  }
  const auto left = lines.insert(number, write, present + ns(100));
  general_cache::entry expected{};
  const bool evicted = general.insert(0, number, 0, {present + ns(100), write},
                                      [&expected](const auto& leaving) { expected = leaving; });
  if (left.valid != evicted) return false;
  return !evicted || (left.number == expected.address && left.dirty == expected.payload.dirty);
}

}  // namespace

TEST_CASE("a line store holds, finds and evicts what the general cache does") {
  REQUIRE(rc::check([] {
    const auto ways = 1u << *rc::gen::inRange(0, 5);
    const uarch::geometry shape{ways * *rc::gen::inRange(1u, 9u), ways};
    const auto policy =
        *rc::gen::element(replacement::lru, replacement::tree_plru, replacement::round_robin,
                          replacement::random, replacement::srrip);
    line_store lines(shape, policy, 5);
    general_cache general(shape, policy, 5);
    base::rng random(*rc::gen::arbitrary<std::uint64_t>());
    duration present;
    for (int n = 0; n < 500; ++n) {
      present += ns(random.below(40));
      const std::uint64_t number = random.below(shape.entries * 2) + (random.below(2) << 50);
      if (!same(lines, general, number, random.chance(1, 3), present)) return false;
    }
    return true;
  }));
}

TEST_CASE("a line whose data is under way says from when it is there, later it does not matter") {
  line_store lines({4, 4}, replacement::lru);
  lines.insert(7, false, ns(100));
  duration ready = ns(50);
  CHECK(lines.access(7, false, ns(10), ready));
  CHECK(ready == ns(100));
  ready = ns(140);
  CHECK(lines.access(7, false, ns(100), ready));
  CHECK(ready == ns(140));
}

TEST_CASE("a line number is not taken for one that differs in its highest bits") {
  line_store lines({4, 4}, replacement::lru);
  lines.insert(1, false, ns(0));
  CHECK_FALSE(lines.holds(1 | std::uint64_t{1} << 60));
  CHECK(lines.holds(1));
}
