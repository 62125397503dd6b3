// The ports of a lookup structure against a schedule that is played picosecond by picosecond.
#include "tlm/kit/ports.h"

#include <catch2/catch.hpp>

#include "steps.h"
#include "tests/support/time_matchers.h"

using namespace svasim;
using base::duration;
using base::ns;
using kit::ports;

namespace {

struct lookup {
  std::uint64_t ready, busy;
};

// First come, first served, at `n` ports.
std::vector<std::uint64_t> played(const std::vector<lookup>& lookups, std::uint32_t n) {
  std::vector<std::uint64_t> starts;
  std::vector<std::uint64_t> busy(n, 0);  // what is left to do of each port's lookup
  for (std::uint64_t now = 0; starts.size() < lookups.size(); ++now) {
    for (std::uint64_t& left : busy) {
      while (left == 0 && starts.size() < lookups.size() && lookups[starts.size()].ready <= now) {
        left = lookups[starts.size()].busy;
        starts.push_back(now);
      }
    }
    for (std::uint64_t& left : busy) left -= left == 0 ? 0 : 1;
  }
  return starts;
}

std::vector<lookup> any_lookups() {
  std::vector<lookup> all;
  std::uint64_t now = 0;
  for (const std::uint64_t word : test::any_steps(80)) {
    test::dice d(word);
    now += d.one_in(8) ? d.below(40) : d.below(4);
    all.push_back({now, d.below(9)});
  }
  return all;
}

// How many of the lookups before number `end` are under way at `t`.
std::size_t under_way(const std::vector<lookup>& all, const std::vector<std::uint64_t>& starts,
                      std::size_t end, std::uint64_t t) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < end; ++i) n += starts[i] <= t && t < starts[i] + all[i].busy ? 1 : 0;
  return n;
}

}  // namespace

TEST_CASE("lookups in order of arrival start when a naive schedule starts them") {
  for (const std::uint32_t n : {1u, 2u, 3u, 8u}) {
    REQUIRE(rc::check([n] {
      const std::vector<lookup> all = any_lookups();
      const std::vector<std::uint64_t> expected = played(all, n);
      ports p(n);
      for (std::size_t i = 0; i < all.size(); ++i) {
        const duration foretold = p.free_from(duration(all[i].ready));
        const duration start = p.take(duration(all[i].ready), duration(all[i].busy));
        if (start != duration(expected[i]) || foretold != start) return false;
      }
      return true;
    }));
  }
}

TEST_CASE("never more lookups than ports are under way, and no port idles while one waits") {
  for (const std::uint32_t n : {1u, 2u, 4u}) {
    REQUIRE(rc::check([n] {
      const std::vector<lookup> all = any_lookups();
      ports p(n);
      std::vector<std::uint64_t> starts;
      for (const lookup& l : all) {
        starts.push_back(p.take(duration(l.ready), duration(l.busy)).value());
      }
      for (std::size_t i = 0; i < all.size(); ++i) {
        if (starts[i] < all[i].ready) return false;
        if (under_way(all, starts, all.size(), starts[i]) > n) return false;
        for (std::uint64_t t = all[i].ready; t < starts[i]; ++t) {
          if (under_way(all, starts, i, t) != n) return false;
        }
      }
      return true;
    }));
  }
}

TEST_CASE("never more lookups than ports are under way, whatever the order they are told in") {
  REQUIRE(rc::check([] {
    std::vector<lookup> all;
    for (const std::uint64_t word : test::any_steps(60)) {
      test::dice d(word);
      all.push_back({d.below(200), d.below(9)});
    }
    ports p(3);
    std::vector<std::uint64_t> starts;
    for (const lookup& l : all) {
      starts.push_back(p.take(duration(l.ready), duration(l.busy)).value());
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
      if (starts[i] < all[i].ready) return false;
      if (under_way(all, starts, all.size(), starts[i]) > 3) return false;
    }
    return true;
  }));
}

TEST_CASE("one port serves one lookup after the other, two ports two at a time") {
  ports one(1), two(2);
  for (const std::uint64_t n : {0u, 1u, 2u, 3u}) {
    CHECK(one.take(ns(10), ns(4)) == ns(10 + 4 * n));
    CHECK(two.take(ns(10), ns(4)) == ns(10 + 4 * (n / 2)));
  }
  CHECK(one.free_from(ns(0)) == ns(26));
  CHECK(two.free_from(ns(20)) == ns(20));
}

TEST_CASE("without a number of ports no lookup waits") {
  ports p(0);
  CHECK_FALSE(p.limited());
  for (int i = 0; i < 100; ++i) CHECK(p.take(ns(10), ns(4)) == ns(10));
  CHECK(p.free_from(ns(3)) == ns(3));
}
