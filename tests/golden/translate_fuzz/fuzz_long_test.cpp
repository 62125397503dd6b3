#include <catch2/catch.hpp>

#include "random_case.h"

using namespace svasim;

TEST_CASE("1000000 more random queries are answered as without caches") {
  test::fuzz_counts n;
  REQUIRE(test::run_translate_fuzz(1'000'000, 1'000'000, n) == "");
  CHECK(n.translated > 300'000);
  CHECK(n.spared > 400'000);
}
