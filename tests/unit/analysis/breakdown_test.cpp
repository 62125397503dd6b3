#include "analysis/breakdown.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "tests/unit/analysis/example.h"

using namespace svasim;
using analysis::break_down;
using analysis::breakdown;

TEST_CASE("the example's breakdown is what its transactions say") {
  const analysis::result r = test::example();
  const breakdown b = break_down(r);
  CHECK(b.transactions == 100);
  CHECK(b.mean == 38272);  // 382.72 ns
  REQUIRE(b.rows.size() == 7);
  CHECK(b.rows[4].what->name == "walk_s1_l3");
  CHECK(b.rows[4].mean == 1410);  // a tenth of the transactions walk for 141 ns
  REQUIRE(b.groups.size() == 4);
  CHECK(b.groups[2].group == analysis::stage_group::translation);
  CHECK(b.groups[2].mean == 1812);
  CHECK(b.idle == std::vector<std::string>{"Link: waiting for credits", "Walk stage 2 level 3"});
}

TEST_CASE("a part that rounds to nothing is not printed as nothing") {
  CHECK(analysis::part_text(0) == "<0.01");
  CHECK(analysis::part_text(1) == "0.01");
  CHECK(analysis::part_text(141012) == "1,410.12");
}

TEST_CASE("a run without transactions has an empty breakdown") {
  const analysis::result r = analysis::result_from_json(test::empty_run_json(), "r.json");
  const breakdown b = break_down(r);
  CHECK(b.rows.empty());
  CHECK(b.groups.empty());
  CHECK(b.mean == 0);
  CHECK(b.idle.size() == r.stages.size());
}

TEST_CASE("printed parts add up to their groups, and the groups to the printed whole") {
  REQUIRE(rc::check([](const std::vector<std::uint32_t>& sums, std::uint16_t transactions) {
    analysis::result r;
    std::uint64_t whole = 0;
    for (const std::uint32_t sum : sums) {
      analysis::stage s;
      s.group = static_cast<analysis::stage_group>(r.stages.size() % 4);
      s.sum_ps = sum;
      whole += sum;
      r.stages.push_back(s);
    }
    r.read.count = std::uint64_t{transactions} + 1;
    const breakdown b = break_down(r);
    std::uint64_t mean = 0;
    std::uint64_t share = 0;
    for (const analysis::breakdown_group& g : b.groups) {
      std::uint64_t rows_mean = 0;
      std::uint64_t rows_share = 0;
      for (const analysis::breakdown_row& row : b.rows) {
        if (row.what->group != g.group) continue;
        rows_mean += row.mean;
        rows_share += row.share;
      }
      if (rows_mean != g.mean || rows_share != g.share) return false;
      mean += g.mean;
      share += g.share;
    }
    return mean == b.mean && share == (whole == 0 ? 0 : breakdown::whole);
  }));
}
