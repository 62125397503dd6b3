#include "analysis/chart.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>

#include "tests/unit/analysis/example.h"

using namespace svasim;
using analysis::log2_fixed;

TEST_CASE("the integer logarithm is exact at powers of two") {
  for (unsigned n = 0; n < 64; ++n) CHECK(log2_fixed(std::uint64_t{1} << n) == n * 65536u);
}

TEST_CASE("the integer logarithm is within two steps of the real one") {
  REQUIRE(rc::check([](std::uint64_t raw, std::uint8_t shift) {
    const std::uint64_t v = (raw >> (shift % 64)) | 1;
    const double exact = std::log2(static_cast<double>(v)) * 65536.0;
    return std::abs(static_cast<double>(log2_fixed(v)) - exact) < 2.0;
  }));
}

TEST_CASE("a chart of nothing is empty") {
  const analysis::histogram none;
  CHECK(analysis::within_chart({{&none, "read"}}).empty());
  CHECK(analysis::beyond_chart({{&none, "read"}}).empty());
}

TEST_CASE("a series without samples draws no line") {
  const analysis::result r = test::example();
  const analysis::histogram none;
  const std::string svg = analysis::within_chart({{&none, "write"}, {&r.read, "read"}});
  CHECK(svg.find("class=\"line read\"") != std::string::npos);
  CHECK(svg.find("class=\"line write\"") == std::string::npos);
}

TEST_CASE("one sample of zero time draws") {
  analysis::histogram h;
  h.count = 1;
  h.min = h.max = h.p50 = 0;
  h.bins = {{0, 1}};
  CHECK(analysis::within_chart({{&h, "read"}}).find("</svg>") != std::string::npos);
  CHECK(analysis::beyond_chart({{&h, "read"}}).find("</svg>") != std::string::npos);
}

TEST_CASE("the tail reaches down to one transaction") {
  const analysis::result r = test::example();  // 100 transactions: two decades
  const std::string svg = analysis::beyond_chart({{&r.translation, "translation"}});
  CHECK(svg.find(">1 %<") != std::string::npos);
  CHECK(svg.find(">0.1 %<") == std::string::npos);
}

TEST_CASE("the longest and the shortest of all times keep to the drawing") {
  analysis::histogram h;
  h.count = 2;
  h.min = 1;
  h.max = ~std::uint64_t{0};
  h.bins = {{1, 1}, {~std::uint64_t{0}, 1}};
  const std::string svg = analysis::within_chart({{&h, "read"}});
  CHECK(svg.find("V12H470\"") !=
        std::string::npos);  // up to the frame's top, then to its right edge
}
