#include "analysis/sweep/collector.h"

#include <catch2/catch.hpp>

using namespace svasim;

namespace {

sweep::plan two_points() {
  sweep::plan p;
  p.axes = {{{"name"}, "string", "", {"plain", "=1+1,\"<b>\"\nnext"}, {}, false},
            {{"smmu.latency"}, "time", "ps", {"5ns"}, {5000}, false}};
  p.points = {{sweep::point_name("a"), {0, 0}}, {sweep::point_name("b"), {1, 0}}};
  return p;
}

}  // namespace

TEST_CASE("a CSV has a column for each axis and metric with its unit, and quotes what it must") {
  const sweep::plan p = two_points();
  const std::vector<sweep::table_row> rows{{0, {{"walks", 7, "walks"}}},
                                           {1, {{"read_p99", 1500, "ps"}, {"walks", 9, "walks"}}}};
  CHECK(csv_text(p, rows) ==
        "point,name,name,smmu.latency (ps),read_p99 (ps),walks (walks)\r\n"
        "0," +
            p.points[0].name +
            ",plain,5000,,7\r\n"
            "1," +
            p.points[1].name + ",\"=1+1,\"\"<b>\"\"\nnext\",5000,1500,9\r\n");
}

TEST_CASE("a CSV of no results has its header alone") {
  CHECK(csv_text(two_points(), {}) == "point,name,name,smmu.latency (ps)\r\n");
}
