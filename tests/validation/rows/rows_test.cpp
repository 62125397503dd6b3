// Rows that compliance pages name as tests (tlm/*/README.md); rows_test.py runs all of them.
#include <catch2/catch.hpp>

#include "validate/suite.h"

namespace svasim::test {
namespace {

void check(const std::string& name) {
  const std::vector<validate::row> rows{
      validate::read_row(SVASIM_SOURCE_DIR "/tests/validation/rows/" + name + ".json")};
  for (const validate::row_outcome& r : validate::run_rows(rows, {})) {
    for (const validate::point_outcome& p : r.points) {
      INFO(p.of->name << ": " << p.simulated);
      CHECK(p.good);
    }
  }
}

TEST_CASE("gem5-like: every case takes the cycles of gem5's closed forms") {
  check("gem5-like");
}

TEST_CASE("the worst case of nested walks, two-level tables and nothing cached, is 36 fetches") {
  check("mmu600-worst-case");
}

TEST_CASE("a nested walk reads what the formula says at every pair of levels") {
  check("nested-walks");
}

}  // namespace
}  // namespace svasim::test
