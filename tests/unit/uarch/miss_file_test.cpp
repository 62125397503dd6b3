#include "uarch/miss_file.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <map>
#include <memory>
#include <tuple>
#include <utility>
#include <vector>

#include "allocations.h"
#include "base/error.h"

using namespace svasim;
using uarch::miss_outcome;
using file = uarch::miss_file<std::uint64_t, int>;

namespace {

std::vector<int> release(file& f, std::uint64_t tag, std::uint64_t page) {
  std::vector<int> woken;
  const std::uint32_t n = f.release(tag, page, [&](int w) { woken.push_back(w); });
  CHECK(n == woken.size());
  return woken;
}

}  // namespace

TEST_CASE("later misses of a page wait for the first and wake in order of arrival") {
  file f(2, 4);
  CHECK(f.request(1, 100, 10) == miss_outcome::primary);
  CHECK(f.request(1, 200, 20) == miss_outcome::primary);
  CHECK(f.request(1, 100, 11) == miss_outcome::secondary);
  CHECK(f.request(1, 200, 21) == miss_outcome::secondary);
  CHECK(f.request(1, 100, 12) == miss_outcome::secondary);
  CHECK(f.in_use() == 2);
  CHECK(f.waiting() == 3);
  CHECK(release(f, 1, 100) == std::vector<int>{10, 11, 12});
  CHECK_FALSE(f.contains(1, 100));
  CHECK(f.waiting() == 1);
  CHECK(release(f, 1, 200) == std::vector<int>{20, 21});
  CHECK(f.in_use() == 0);
  CHECK(f.waiting() == 0);
}

TEST_CASE("misses of different tags do not wait for each other") {
  file f(2, 4);
  CHECK(f.request(1, 100, 10) == miss_outcome::primary);
  CHECK(f.request(2, 100, 20) == miss_outcome::primary);
  CHECK(release(f, 1, 100) == std::vector<int>{10});
  CHECK(release(f, 2, 100) == std::vector<int>{20});
}

TEST_CASE("a miss file takes exactly its entries and its waiters") {
  file f(2, 1);
  CHECK(f.request(1, 1, 1) == miss_outcome::primary);
  CHECK_FALSE(f.full());
  CHECK(f.request(1, 2, 2) == miss_outcome::primary);
  CHECK(f.full());
  CHECK(f.request(1, 3, 3) == miss_outcome::no_entry);
  CHECK_FALSE(f.waiters_full());
  CHECK(f.request(1, 1, 4) == miss_outcome::secondary);
  CHECK(f.waiters_full());
  CHECK(f.request(1, 2, 5) == miss_outcome::no_waiter);
  CHECK(release(f, 1, 1) == std::vector<int>{1, 4});
  CHECK(f.request(1, 3, 6) == miss_outcome::primary);
  CHECK(f.request(1, 2, 7) == miss_outcome::secondary);
  CHECK(f.high_water() == 2);
}

TEST_CASE("a miss file without waiters merges nothing, one without entries takes nothing") {
  file lone(1, 0);
  CHECK(lone.request(1, 1, 1) == miss_outcome::primary);
  CHECK(lone.request(1, 1, 2) == miss_outcome::no_waiter);
  file none(0, 4);
  CHECK(none.full());
  CHECK(none.request(1, 1, 1) == miss_outcome::no_entry);
}

TEST_CASE("releasing a page without an entry wakes nobody") {
  file f(1, 1);
  CHECK(release(f, 1, 9).empty());
}

TEST_CASE("a refused waiter stays with its owner") {
  uarch::miss_file<int, std::unique_ptr<int>> f(0, 0);
  auto waiter = std::make_unique<int>(3);
  CHECK(f.request(1, 1, std::move(waiter)) == miss_outcome::no_entry);
  REQUIRE(waiter);
  CHECK(*waiter == 3);
}

TEST_CASE("a woken waiter may miss again at once") {
  file f(1, 1);
  CHECK(f.request(1, 5, 0) == miss_outcome::primary);
  CHECK(f.request(1, 5, 1) == miss_outcome::secondary);
  std::vector<miss_outcome> outcomes;
  f.release(1, 5, [&](int w) { outcomes.push_back(f.request(1, 5, w + 10)); });
  CHECK(outcomes == std::vector<miss_outcome>{miss_outcome::primary, miss_outcome::secondary});
  CHECK(release(f, 1, 5) == std::vector<int>{10, 11});
}

TEST_CASE("a miss file allocates nothing after construction") {
  file f(64, 64);
  const std::uint64_t before = test::allocations();
  std::uint64_t woken = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    (void)f.request(i % 3, i * i % 101, 0);
    if (i % 2 == 0) {
      woken += f.release(i % 3, i * 7 % 101, [](int) {});
    }
  }
  CHECK(woken > 0);
  CHECK(test::allocations() == before);
}

TEST_CASE("the size of a miss file is bounded") {
  CHECK_THROWS_WITH(
      file(1048577, 2),
      "a miss file has at most 1048576 entries and as many waiters, not 1048577 and 2");
  CHECK_THROWS_AS(file(1, 1048577), base::input_error);
}

TEST_CASE("a miss file behaves as a map of lists") {
  REQUIRE(rc::check([](const std::vector<std::tuple<bool, std::uint8_t, std::uint8_t>>& steps) {
    constexpr std::uint32_t entries = 3, waiters = 5;
    file f(entries, waiters);
    std::map<std::pair<std::uint64_t, std::uint64_t>, std::vector<int>> model;
    std::size_t waiting = 0;
    int next = 0;
    for (const auto& [enter, t, p] : steps) {
      const std::uint64_t tag = t % 2, page = p % 4;
      const auto it = model.find({tag, page});
      if (enter) {
        const miss_outcome expected =
            it == model.end()
                ? model.size() < entries ? miss_outcome::primary : miss_outcome::no_entry
            : waiting < waiters ? miss_outcome::secondary
                                : miss_outcome::no_waiter;
        if (f.request(tag, page, next) != expected) {
          return false;
        }
        if (expected == miss_outcome::primary || expected == miss_outcome::secondary) {
          model[{tag, page}].push_back(next);
          waiting += expected == miss_outcome::secondary ? 1 : 0;
        }
        ++next;
      } else {
        std::vector<int> woken;
        f.release(tag, page, [&](int w) { woken.push_back(w); });
        if (woken != (it == model.end() ? std::vector<int>{} : it->second)) {
          return false;
        }
        if (it != model.end()) {
          waiting -= it->second.size() - 1;
          model.erase(it);
        }
      }
      if (f.in_use() != model.size() || f.waiting() != waiting) {
        return false;
      }
    }
    return true;
  }));
}
