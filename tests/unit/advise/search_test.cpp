#include "analysis/advise/search.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>

using namespace svasim;
using advise::combination;

namespace {

// A monotone design space: combination c passes where it is at least as large as one of `corners`.
struct problem {
  std::vector<std::size_t> sizes;
  std::vector<std::vector<std::uint64_t>> prices;  // of each axis, rising
  std::vector<combination> corners;

  std::uint64_t cost(const combination& c) const {
    std::uint64_t sum = 0;
    for (std::size_t i = 0; i < c.size(); ++i) sum += prices[i][c[i]];
    return sum;
  }
  bool passes(const combination& c) const {
    for (const combination& corner : corners) {
      bool above = true;
      for (std::size_t i = 0; i < c.size(); ++i) above = above && c[i] >= corner[i];
      if (above) return true;
    }
    return false;
  }
  advise::search_result search() const {
    return advise::search({sizes, [this](const combination& c) { return cost(c); },
                           [this](const combination& c) { return passes(c); }});
  }
};

problem random_problem() {
  problem p;
  const auto axes = *rc::gen::inRange<std::size_t>(1, 4);
  for (std::size_t i = 0; i < axes; ++i) {
    p.sizes.push_back(*rc::gen::inRange<std::size_t>(1, 8));
    p.prices.emplace_back();
    std::uint64_t price = 0;
    for (std::size_t k = 0; k < p.sizes[i]; ++k) {
      price += *rc::gen::inRange<std::uint64_t>(1, 100);
      p.prices[i].push_back(price);
    }
  }
  const auto corners = *rc::gen::inRange<std::size_t>(0, 5);
  for (std::size_t k = 0; k < corners; ++k) {
    combination c;
    for (const std::size_t n : p.sizes) c.push_back(*rc::gen::inRange<std::size_t>(0, n));
    p.corners.push_back(c);
  }
  return p;
}

}  // namespace

TEST_CASE("the answer is as cheap as that of trying everything") {
  REQUIRE(rc::check([] {
    const problem p = random_problem();
    std::optional<std::uint64_t> cheapest;
    for (const combination& c : p.corners) {  // a smallest one that passes is a corner
      const std::uint64_t cost = p.cost(c);
      if (!cheapest || cost < *cheapest) cheapest = cost;
    }
    const auto found = p.search();
    if (!cheapest) return !found.best && found.trials.size() == 1;
    return found.best && p.passes(*found.best) && p.cost(*found.best) == *cheapest;
  }));
}

TEST_CASE("nothing is tried twice, and the answer was tried") {
  REQUIRE(rc::check([] {
    const auto found = random_problem().search();
    const std::set<combination> tried(found.trials.begin(), found.trials.end());
    return tried.size() == found.trials.size() && (!found.best || tried.count(*found.best) == 1);
  }));
}

TEST_CASE("one axis of 1024 sizes takes no more than 11 trials") {
  for (std::size_t corner = 0; corner < 1024; corner += 31) {
    problem p;
    p.sizes = {1024};
    p.prices.emplace_back();
    for (std::uint64_t i = 0; i < 1024; ++i) p.prices[0].push_back(i);
    p.corners = {{corner}};
    const auto found = p.search();
    CHECK(found.best == combination{corner});
    CHECK(found.trials.size() <= 11);
  }
}

TEST_CASE("two axes of twelve sizes take a small share of the 144 trials of a grid") {
  std::size_t most = 0;
  for (std::size_t i = 0; i < 12; ++i) {
    for (std::size_t k = 0; k < 12; ++k) {
      problem p;
      p.sizes = {12, 12};
      p.prices.assign(2, {});
      for (std::uint64_t n = 0; n < 12; ++n) {
        for (auto& axis : p.prices) axis.push_back(std::uint64_t{1} << n);
      }
      p.corners = {{i, k}};
      const auto found = p.search();
      CHECK(found.best == combination{i, k});
      most = std::max(most, found.trials.size());
    }
  }
  CHECK(most <= 20);
}
