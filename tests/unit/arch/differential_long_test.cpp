#include <catch2/catch.hpp>

#include "differential.h"

using namespace svasim;

TEST_CASE("100000 more random translations agree with the naive walker") {
  test::differential_counts n;
  REQUIRE(test::run_differential(1'000'000, 100'000, n) == "");
  CHECK(n.cases == 100'000);
  CHECK(n.translated > 8000);
}
