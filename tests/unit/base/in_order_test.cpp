#include "base/in_order.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

namespace base = svasim::base;

namespace {

// Early ones take longest.
int slow_square(std::size_t i) {
  std::this_thread::sleep_for(std::chrono::microseconds(i < 4 ? 2000 : 0));
  return static_cast<int>(i * i);
}

}  // namespace

TEST_CASE("what several threads make is used in order, each once") {
  for (const unsigned threads : {1u, 2u, 7u}) {
    std::vector<int> used;
    base::in_order(50, threads, slow_square, [&](std::size_t i, int v) {
      CHECK(i == used.size());
      used.push_back(v);
      return true;
    });
    REQUIRE(used.size() == 50);
    for (int i = 0; i < 50; ++i) CHECK(used[static_cast<std::size_t>(i)] == i * i);
  }
}

TEST_CASE("no more than the given number are made ahead of the one that is used") {
  std::atomic<std::size_t> made{0};
  base::in_order(
      100, 3, [&](std::size_t i) { return ++made, i; },
      [&](std::size_t i, std::size_t) {
        CHECK(made.load() <= i + 3);
        return true;
      });
  CHECK(made.load() == 100);
}

TEST_CASE("what cannot be made is thrown at its turn, after those before it were used") {
  std::size_t used = 0;
  const auto make = [](std::size_t i) {
    if (i >= 5) throw std::runtime_error("no " + std::to_string(i));
    return i;
  };
  std::string what;
  try {
    base::in_order(100, 4, make, [&](std::size_t, std::size_t) { return ++used, true; });
  } catch (const std::runtime_error& e) {
    what = e.what();
  }
  CHECK(what == "no 5");
  CHECK(used == 5);
}

TEST_CASE("a user who has enough ends it") {
  std::size_t used = 0;
  base::in_order(100, 2, slow_square, [&](std::size_t, int) { return ++used < 7; });
  CHECK(used == 7);
  base::in_order(0, 2, slow_square, [&](std::size_t, int) { return ++used, true; });
  CHECK(used == 7);
}
