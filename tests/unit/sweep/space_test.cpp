#include "analysis/sweep/space.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>

#include "tests/unit/sweep/sample.h"

using namespace svasim;
using sweep::choice;
using kind = sweep::value::kind;

namespace {

sweep::axis counts(const std::string& path, std::uint64_t first, std::uint64_t n) {
  sweep::axis out;
  out.paths = {path};
  for (std::uint64_t i = 0; i < n; ++i) out.values.push_back({kind::count, first + i, {}});
  return out;
}

sweep::space sampled(sweep::sampling_kind k, std::uint64_t points, std::uint64_t seed = 1) {
  sweep::space out;
  out.axes = {counts("entries", 0, 20), counts("ways", 1, 10)};
  out.how = {k, points, seed};
  return out;
}

std::vector<choice> points_of(const sweep::space& s) {
  return choose_points(s, test::sample_parameters());
}

void constrain(sweep::space& s, const std::string& text) {
  s.constraints.push_back({sweep::expression(text, test::sample_parameters()), {}});
}

}  // namespace

TEST_CASE("a grid has every combination once, the last axis fastest") {
  sweep::space s;
  s.axes = {counts("entries", 0, 2), counts("ways", 1, 3)};
  CHECK(points_of(s) == std::vector<choice>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}});
}

TEST_CASE("a space without axes has one point") {
  CHECK(points_of(sweep::space()) == std::vector<choice>{{}});
}

TEST_CASE("constraints see axes, fixed values and what the files say") {
  sweep::space s;
  s.axes = {counts("entries", 0, 10)};
  s.fixed = {{"ways", {kind::count, 5, {}}}};
  constrain(s, "entries >= ways");           // 5 to 9
  constrain(s, "latency * entries < 40ns");  // latency is 5 ns: up to 7
  CHECK(points_of(s) == std::vector<choice>{{5}, {6}, {7}});
}

TEST_CASE("seeds are crossed with every sampled point") {
  auto s = sampled(sweep::sampling_kind::random, 6);
  s.axes.push_back(counts("workload.seed", 1, 3));
  s.axes.back().repeat = true;
  const auto points = points_of(s);
  CHECK(points.size() == 18);
  std::set<std::pair<std::uint32_t, std::uint32_t>> designs;
  for (const choice& c : points) designs.emplace(c[0], c[1]);
  CHECK(designs.size() == 6);
}

TEST_CASE("a random sample has as many different points as asked, and keeps the constraints") {
  REQUIRE(rc::check([] {
    const auto n = *rc::gen::inRange<std::uint64_t>(1, 60);
    auto s = sampled(sweep::sampling_kind::random, n, *rc::gen::arbitrary<std::uint64_t>());
    constrain(s, "entries >= ways");
    const auto points = points_of(s);
    bool good = points.size() == n && std::set<choice>(points.begin(), points.end()).size() == n;
    for (const choice& c : points) good = good && c[0] >= c[1] + 1;
    return good && points == points_of(s);
  }));
}

TEST_CASE("a Latin hypercube uses every stratum of every axis once") {
  REQUIRE(rc::check([] {
    const auto s =
        sampled(sweep::sampling_kind::latin_hypercube, 20, *rc::gen::arbitrary<std::uint64_t>());
    std::multiset<std::uint32_t> entries, ways;
    for (const choice& c : points_of(s)) {
      entries.insert(c[0]);
      ways.insert(c[1]);
    }
    bool good = entries.size() == 20;
    for (std::uint32_t i = 0; i < 20; ++i) good = good && entries.count(i) == 1;
    for (std::uint32_t i = 0; i < 10; ++i) good = good && ways.count(i) == 2;
    return good;
  }));
}

TEST_CASE("another seed takes another sample") {
  CHECK(points_of(sampled(sweep::sampling_kind::random, 10, 1)) !=
        points_of(sampled(sweep::sampling_kind::random, 10, 2)));
  CHECK(points_of(sampled(sweep::sampling_kind::latin_hypercube, 10, 1)) !=
        points_of(sampled(sweep::sampling_kind::latin_hypercube, 10, 2)));
}

TEST_CASE("a label names each axis once, whatever else gets the same value") {
  sweep::space s;
  s.axes = {counts("entries", 7, 1)};
  s.axes[0].paths.push_back("ways");
  CHECK(s.label({0}) == "entries=7");
  CHECK(s.settings({0}).size() == 2);
  CHECK(sweep::space().label({}) == "the only point");
}
