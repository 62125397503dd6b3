// The timed SMMU with all its caches against arch without any, on random tables that change.
#include <catch2/catch.hpp>

#include "random_case.h"

using namespace svasim;

TEST_CASE("20000 random queries among edits and invalidations are answered as without caches") {
  test::fuzz_counts n;
  REQUIRE(test::run_translate_fuzz(1, 20000, n) == "");
  CHECK(n.translated > 2000);
  CHECK(n.nested > 300);
  CHECK(n.faults > 500);
  CHECK(n.edits > 200);
  CHECK(n.commands > 500);
  CHECK(n.updates > 50);
  CHECK(n.spared > 2000);
}
