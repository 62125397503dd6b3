#include "analysis/compare/print.h"

#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>

using namespace svasim;
using compare::sample_set;

namespace {

sample_set set_of(const std::string& from, std::uint64_t p99, std::uint64_t ppm) {
  return {from,
          "",
          {{"",
            {{"read_p99", p99, "ps"},
             {"smmu.tbu.utlb.miss_ratio", ppm, "ppm"},
             {"smmu.tbu.utlb.misses", 7, "misses"},
             {"walks", 50, "walks"}}}}};
}

}  // namespace

TEST_CASE("a comparison shows both values, their difference and its share") {
  const std::vector<std::vector<sample_set>> sets{{set_of("a", 400000, 20000)},
                                                  {set_of("b", 300000, 30000)}};
  CHECK(text(compare_all(sets), false) ==
        "A  a\n"
        "B  b\n"
        "                                    A          B        B - A\n"
        "  read_p99                   400.0 ns   300.0 ns    -100.0 ns   -25.00 %\n"
        "  smmu.tbu.utlb.miss_ratio   2.0000 %   3.0000 %   +1.0000 pp   +50.00 %\n"
        "  1 other figure is the same\n");
  CHECK(text(compare_all(sets), true).find("smmu.tbu.utlb.misses") != std::string::npos);
}

TEST_CASE("results without a difference say so") {
  const std::vector<std::vector<sample_set>> sets{{set_of("a", 1, 1)}, {set_of("b", 1, 1)}};
  CHECK(text(compare_all(sets), false) == "A  a\nB  b\n  all 3 figures are the same\n");
}

TEST_CASE("names with markup, newlines and escapes stay text") {
  const std::vector<std::vector<sample_set>> sets{{set_of("<b>\n\x1b[31m", 1, 1)},
                                                  {set_of("b", 2, 1)}};
  const auto all = compare_all(sets);
  CHECK(text(all, false).rfind("A  <b>\\x0a\\x1b[31m\n", 0) == 0);
  const auto document = nlohmann::json::parse(json_text(all));
  CHECK(document["comparisons"][0]["base"] == "<b>\n\x1b[31m");
}

TEST_CASE("the JSON has every metric with its difference") {
  const std::vector<std::vector<sample_set>> sets{{set_of("a", 400000, 20000)},
                                                  {set_of("b", 300000, 30000)}};
  const auto document = nlohmann::json::parse(json_text(compare_all(sets)));
  const auto& metrics = document["comparisons"][0]["metrics"];
  REQUIRE(metrics.size() == 4);
  CHECK(metrics[0]["name"] == "read_p99");
  CHECK(metrics[0]["difference"] == -100000.0);
  CHECK(metrics[0]["percent"] == -25.0);
  CHECK(metrics[0]["confidence_95"].is_null());
  CHECK(metrics[0]["samples"] == nlohmann::json::array({1, 1}));
}
