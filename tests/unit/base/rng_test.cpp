#include "base/rng.h"

#include <rapidcheck.h>

#include <array>
#include <catch2/catch.hpp>

using svasim::base::rng;

// Golden values from a separate version of the two published algorithms (prng.di.unimi.it) in
// Python.
TEST_CASE("the sequence is xoshiro256** seeded through splitmix64") {
  rng zero(0);
  CHECK(zero.next() == 0x99ec5f36cb75f2b4);
  CHECK(zero.next() == 0xbf6e1f784956452a);
  CHECK(zero.next() == 0x1a5f849d4933e6e0);
  CHECK(zero.next() == 0x6aa594f1262d2d2c);
  CHECK(zero.next() == 0xbba5ad4a1f842e59);
  rng one(42);
  CHECK(one.next() == 0x15780b2e0c2ec716);
  CHECK(one.next() == 0x6104d9866d113a7e);
  CHECK(one.next() == 0xae17533239e499a1);
  CHECK(one.next() == 0xecb8ad4703b360a1);
  CHECK(one.next() == 0xfde6dc7fe2ec5e64);
}

TEST_CASE("the same seed gives the same sequence, another one another") {
  rng a(7);
  rng b(7);
  rng c(8);
  bool differs = false;
  for (int i = 0; i < 100; ++i) {
    const std::uint64_t v = a.next();
    CHECK(v == b.next());
    differs = differs || v != c.next();
  }
  CHECK(differs);
}

TEST_CASE("below stays below") {
  REQUIRE(rc::check([](std::uint64_t seed, std::uint64_t n) {
    rng r(seed);
    const std::uint64_t limit = n == 0 ? 1 : n;
    for (int i = 0; i < 20; ++i) {
      if (r.below(limit) >= limit) return false;
    }
    return true;
  }));
}

TEST_CASE("below is even over its range") {
  rng r(1);
  std::array<int, 10> counts{};
  for (int i = 0; i < 100000; ++i) ++counts[r.below(10)];
  for (const int n : counts) CHECK(std::abs(n - 10000) < 500);  // five standard deviations are 474
}

TEST_CASE("a chance of none never and of all always comes") {
  rng r(1);
  int hits = 0;
  for (int i = 0; i < 1000; ++i) {
    CHECK_FALSE(r.chance(0, 3));
    CHECK(r.chance(3, 3));
    hits += r.chance(1, 4) ? 1 : 0;
  }
  CHECK(std::abs(hits - 250) < 70);
}
