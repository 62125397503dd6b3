#include <catch2/catch.hpp>

#include "random_case.h"

using namespace svasim;

TEST_CASE("100000 more random queries are answered as without caches") {
  test::fuzz_counts n;
  REQUIRE(test::run_translate_fuzz(1'000'000, 100'000, n) == "");
  CHECK(n.translated > 30'000);
  CHECK(n.spared > 40'000);
}
