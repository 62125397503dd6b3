#include "analysis/reuse/miss_counts.h"

#include <catch2/catch.hpp>

using svasim::reuse::depth_histogram;

TEST_CASE("misses of a size are the accesses deeper than it and those that hit nowhere") {
  depth_histogram h;
  h.miss(true);
  h.miss(false);
  for (const std::uint32_t depth : {0u, 2u, 2u, 7u}) h.hit(depth);
  CHECK(h.accesses() == 6);
  CHECK(h.compulsory() == 1);
  CHECK(h.coherence() == 1);
  CHECK(h.floor() == 2);
  CHECK(h.misses(1) == 5);
  CHECK(h.misses(2) == 5);
  CHECK(h.misses(3) == 3);
  CHECK(h.misses(7) == 3);
  CHECK(h.misses(8) == 2);
  CHECK(h.misses(1 << 20) == 2);
}

TEST_CASE("the fewest entries for a number of misses are found to the entry") {
  depth_histogram h;
  h.miss(true);
  for (const std::uint32_t depth : {0u, 2u, 2u, 7u}) h.hit(depth);
  CHECK(h.entries_for(5) == 1);
  CHECK(h.entries_for(4) == 1);
  CHECK(h.entries_for(3) == 3);
  CHECK(h.entries_for(2) == 3);
  CHECK(h.entries_for(1) == 8);
  CHECK(depth_histogram().entries_for(0) == 1);
}

TEST_CASE("repeats of an access hit in every size") {
  depth_histogram h;
  h.miss(true, 4);
  h.hit(3, 10);
  CHECK(h.accesses() == 16);
  CHECK(h.misses(1) == 2);
  CHECK(h.misses(4) == 1);
}
