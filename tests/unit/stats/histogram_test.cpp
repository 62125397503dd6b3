#include "stats/histogram.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>
#include <vector>

#include "base/rng.h"
#include "stats/log_histogram.h"

using namespace svasim;

namespace {

constexpr std::uint64_t largest = std::numeric_limits<std::uint64_t>::max();

std::uint64_t exact_quantile(const std::vector<std::uint64_t>& sorted, std::uint64_t p) {
  const std::uint64_t rank = (sorted.size() * p + 9999) / 10000;  // from 1
  return sorted[rank - 1];
}

/// Every quantile at or above the exact one, by no more than 1/128 of it, and within [min, max].
bool within_bound(std::vector<std::uint64_t> values) {
  stats::log_histogram h;
  for (const std::uint64_t v : values) {
    h.add(v);
  }
  std::sort(values.begin(), values.end());
  for (const std::uint32_t p : {1u, 5000u, 9000u, 9900u, 9990u, 9999u, 10000u}) {
    const std::uint64_t exact = exact_quantile(values, p);
    const std::uint64_t got = h.quantile(p).value();
    if (got < exact || got - exact > exact / 128 || got > values.back()) {
      return false;
    }
  }
  return h.min() == values.front() && h.max() == values.back() && h.count() == values.size();
}

std::vector<std::uint64_t> sample(std::uint64_t seed, std::uint64_t (*draw)(base::rng&)) {
  base::rng r(seed);
  std::vector<std::uint64_t> out;
  for (int i = 0; i < 20000; ++i) {
    out.push_back(draw(r));
  }
  return out;
}

}  // namespace

TEST_CASE("the buckets tile all 64-bit values without gap or overlap") {
  constexpr stats::log_linear_axis axis;
  CHECK(axis.lower(0) == 0);
  CHECK(axis.upper(axis.size() - 1) == largest);
  for (int i = 0; i < axis.size(); ++i) {
    REQUIRE(axis.index(axis.lower(i)) == i);
    REQUIRE(axis.index(axis.upper(i)) == i);
    REQUIRE((i == 0 || axis.lower(i) == axis.upper(i - 1) + 1));
    REQUIRE(axis.upper(i) - axis.lower(i) <= axis.lower(i) / 128);
  }
}

TEST_CASE("a quantile is never low and at most 0.78 percent high") {
  CHECK(within_bound(sample(1, [](base::rng& r) { return r.below(1000000); })));
  CHECK(within_bound(sample(2, [](base::rng& r) { return r.next() >> r.below(64); })));
  CHECK(within_bound(sample(3, [](base::rng& r) { return std::uint64_t{1} << r.below(64); })));
  CHECK(
      within_bound(sample(4, [](base::rng& r) { return (std::uint64_t{1} << r.below(64)) - 1; })));
  CHECK(within_bound(sample(5, [](base::rng& r) {  // hits, walks and faults, in ps
    const std::uint64_t kind = r.below(100);
    return kind < 90 ? 2000 + r.below(50) : kind < 99 ? 200000 + r.below(90000) : 25000000;
  })));
  CHECK(within_bound(sample(6, [](base::rng&) { return std::uint64_t{777777}; })));
  CHECK(within_bound({largest}));
  CHECK(within_bound({0}));
  REQUIRE(rc::check([](std::vector<std::uint64_t> values, std::uint8_t shift) {
    values.push_back(shift);
    for (std::uint64_t& v : values) {
      v = v * 0x9e3779b97f4a7c15u >> (shift % 64);
    }
    return within_bound(values);
  }));
}

TEST_CASE("values up to 255 are counted exactly") {
  stats::log_histogram h;
  for (std::uint64_t v = 0; v < 256; ++v) {
    h.add(v);
  }
  CHECK(h.bins().size() == 256);
  CHECK(h.quantile(5000) == 127);
  CHECK(h.quantile(9000) == 230);
}

TEST_CASE("a quantile takes the rank rounded up") {
  stats::log_histogram h;
  for (std::uint64_t v = 1; v <= 9; ++v) {
    h.add(v);
  }
  h.add(200);
  CHECK(h.quantile(9000) == 9);    // rank 9 of 10
  CHECK(h.quantile(9001) == 200);  // rank 9.001, up to 10
  CHECK(h.quantile(1) == 1);
  CHECK(h.quantile(10000) == 200);
  CHECK_THROWS_WITH(h.quantile(0), "quantile: p must be from 1 to 10000 parts per 10^4");
  CHECK_THROWS_WITH(h.quantile(10001), "quantile: p must be from 1 to 10000 parts per 10^4");
}

TEST_CASE("merging two histograms equals adding the values of both to one") {
  REQUIRE(rc::check([](const std::vector<std::uint64_t>& a, const std::vector<std::uint64_t>& b) {
    stats::log_histogram left, right, both;
    for (const std::uint64_t v : a) {
      left.add(v);
      both.add(v);
    }
    for (const std::uint64_t v : b) {
      right.add(v);
      both.add(v);
    }
    left += right;
    return left.to_json() == both.to_json();
  }));
}

TEST_CASE("an empty histogram has count 0 and no quantiles") {
  const stats::log_histogram h;
  CHECK(h.to_json() == nlohmann::json::parse(R"({"count":0,"sum":0,"min":null,"max":null,
    "p50":null,"p90":null,"p99":null,"p99_9":null,"p99_99":null,"bins":[]})"));
}

TEST_CASE("a histogram is written with the upper edges of the buckets in use") {
  stats::log_histogram h;
  h.add(3);
  h.add(3);
  h.add(1000);  // 1000 to 1003 share a bucket: octave 512..1023 has buckets of 4
  h.add(1003);
  CHECK(h.to_json() == nlohmann::json::parse(R"({"count":4,"sum":2009,"min":3,"max":1003,
    "p50":3,"p90":1003,"p99":1003,"p99_9":1003,"p99_99":1003,"bins":[[3,2],[1003,2]]})"));
}

TEST_CASE("a quantile is clamped to the largest value seen") {
  stats::log_histogram h;
  h.add(1000);
  CHECK(h.quantile(5000) == 1000);  // the upper edge of its bucket is 1003
}

TEST_CASE("a sum beyond 64 bits is exact") {
  stats::log_histogram h;
  h.add(largest);
  h.add(largest);
  CHECK(h.to_json()["sum"] == "36893488147419103230");
}

TEST_CASE("clearing forgets everything") {
  stats::log_histogram h;
  h.add(17);
  h.clear();
  CHECK(h.to_json() == stats::log_histogram().to_json());
  h.add(4);
  CHECK(h.min() == 4);
  CHECK(h.max() == 4);
}
