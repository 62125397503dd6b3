// SHARDS: rates, which pages are taken, and estimates against exact curves.
#include "analysis/reuse/sampling.h"

#include <catch2/catch.hpp>

#include "analysis/reuse/reuse.h"
#include "base/rng.h"
#include "small_trace.h"

using namespace svasim;
using namespace svasim::test;
using reuse::page_key;
using reuse::sample_rate;

namespace {

// 40000 accesses to 4000 pages, of which a tenth takes half the accesses.
small_trace skewed_trace() {
  base::rng rng(11);
  std::vector<trace::record> records;
  for (unsigned i = 0; i < 40000; ++i) {
    records.push_back(access(8, rng.below(rng.chance(1, 2) ? 400 : 4000) * 4096));
  }
  small_trace t(std::move(records));
  t.stream(8, 1);
  return t;
}

reuse::curve sampled(std::uint32_t share) {
  small_trace t = skewed_trace();
  reuse::options o;
  o.caches.rate = sample_rate(share);
  return reuse::analyse(t, o).curves.at(0);
}

}  // namespace

TEST_CASE("a rate is a decimal fraction above 0 and at most 1") {
  CHECK(sample_rate::parse("1")->share() == sample_rate::whole);
  CHECK(sample_rate::parse("1.0")->share() == sample_rate::whole);
  CHECK(sample_rate::parse("0.5")->share() == sample_rate::whole / 2);
  CHECK(sample_rate::parse(".25")->share() == sample_rate::whole / 4);
  CHECK(sample_rate::parse("0.000000060")->share() == 1);
  for (const char* bad : {"", ".", "0", "0.0", "1.1", "2", "-0.5", "1e-2", "0.5x", "0,5", "10%",
                          "0.00000001", "0.0000000001", "00.5", " 1"}) {
    INFO(bad);
    CHECK_FALSE(sample_rate::parse(bad));
  }
}

TEST_CASE("a share of the pages is taken, and a smaller share from among them") {
  unsigned taken = 0;
  unsigned odd = 0;
  for (std::uint64_t page = 0; page < 100000; ++page) {
    const page_key key{page, 8};
    const bool tenth = sample_rate(sample_rate::whole / 10).takes(key);
    taken += tenth ? 1 : 0;
    if (sample_rate(sample_rate::whole / 100).takes(key) && !tenth) ++odd;
    if (!sample_rate(sample_rate::whole).takes(key)) ++odd;
  }
  // Five standard deviations of a binomial draw: 5 * sqrt(100000 * 0.1 * 0.9) < 475.
  CHECK(taken > 9525);
  CHECK(taken < 10475);
  CHECK(odd == 0);
}

TEST_CASE("a sample of everything is exact") {
  const reuse::curve c = sampled(sample_rate::whole);
  REQUIRE(c.sample);
  CHECK(c.sample->accesses == 40000);
  CHECK(c.sample->mean_absolute_error_ppm == 0);
  REQUIRE(c.sample->points.size() == c.points.size());
  for (std::size_t i = 0; i < c.points.size(); ++i) {
    CHECK(c.sample->points[i].misses == c.points[i].misses);
  }
}

TEST_CASE("a sample of a tenth estimates the miss ratio to within some percent") {
  const reuse::curve c = sampled(sample_rate::whole / 10);
  REQUIRE(c.sample);
  CHECK(c.sample->distinct_pages > 300);
  CHECK(c.sample->distinct_pages < 500);
  CHECK(c.sample->mean_absolute_error_ppm > 0);
  CHECK(c.sample->mean_absolute_error_ppm < 40000);
}

TEST_CASE("the error told is the mean over the points of what the estimates are off") {
  const reuse::curve c = sampled(sample_rate::whole / 20);
  REQUIRE(c.sample);
  std::uint64_t off = 0;
  for (std::size_t i = 0; i < c.points.size(); ++i) {
    const std::uint64_t a = c.points[i].misses;
    const std::uint64_t b = c.sample->points[i].misses;
    off += a > b ? a - b : b - a;
  }
  const std::uint64_t ppm = off * 1000000 / (40000 * c.points.size());
  CHECK(c.sample->mean_absolute_error_ppm - ppm <= 1);
}

TEST_CASE("estimates count each sampled miss as 1/R and each distance as 1/R as long") {
  reuse::depth_histogram h;
  h.miss(true);
  h.hit(0);
  h.hit(3);
  h.hit(4);
  const sample_rate quarter(sample_rate::whole / 4);
  // Depth 3 among a quarter of the pages is 12: a hit with 13 entries, a miss with 12.
  CHECK(reuse::estimated_misses(h, quarter, 12, 100) == 12);
  CHECK(reuse::estimated_misses(h, quarter, 13, 100) == 8);
  CHECK(reuse::estimated_misses(h, quarter, 16, 100) == 8);
  CHECK(reuse::estimated_misses(h, quarter, 17, 100) == 4);
  CHECK(reuse::estimated_misses(h, quarter, 1, 10) == 10);
}
