// Integer logarithms, powers and shuffles against libm and by counting.
#include "workloads/integer_math.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cmath>
#include <vector>

using namespace svasim;
using namespace svasim::workloads;

namespace {

constexpr double one = 4294967296.0;  // in q32

bool near(double got, double expected, double relative) {
  return std::abs(got - expected) <= relative * std::max(1.0, std::abs(expected));
}

}  // namespace

TEST_CASE("log2 is that of libm to nine digits, exact for powers of two") {
  for (unsigned k = 0; k < 64; ++k) {
    CHECK(log2_q32(std::uint64_t{1} << k) == std::uint64_t{k} << 32);
  }
  REQUIRE(rc::check([] {
    const auto bits = *rc::gen::inRange(0u, 64u);
    const std::uint64_t n = (*rc::gen::arbitrary<std::uint64_t>() >> bits) | 1;
    return near(static_cast<double>(log2_q32(n)) / one, std::log2(static_cast<double>(n)), 1e-9);
  }));
}

TEST_CASE("exp2 is that of libm to eight digits, rounded down") {
  CHECK(exp2_q32(0) == 1);
  CHECK(exp2_q32(std::uint64_t{40} << 32) == std::uint64_t{1} << 40);
  REQUIRE(rc::check([] {
    const std::uint64_t x = *rc::gen::inRange<std::uint64_t>(0, std::uint64_t{60} << 32);
    const double expected = std::exp2(static_cast<double>(x) / one);
    const auto got = static_cast<double>(exp2_q32(x));
    return got <= expected * (1 + 1e-12) && got >= std::floor(expected * (1 - 1e-8)) - 1;
  }));
}

TEST_CASE("the exponential inverse is that of libm") {
  REQUIRE(rc::check([] {
    const auto bits = *rc::gen::inRange(0u, 64u);
    const std::uint64_t u = (*rc::gen::arbitrary<std::uint64_t>() >> bits) | 1;
    const double expected = -std::log(static_cast<double>(u) / 18446744073709551616.0);
    return std::abs(static_cast<double>(exponential_q32(u)) / one - expected) < 1e-8;
  }));
  CHECK(exponential_q32(1) < std::uint64_t{45} << 32);
}

TEST_CASE("a shuffle is a permutation, and another seed gives another") {
  REQUIRE(rc::check([] {
    const std::uint64_t n = *rc::gen::inRange<std::uint64_t>(1, 3000);
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const shuffle s(n, seed);
    std::vector<bool> seen(n);
    for (std::uint64_t i = 0; i < n; ++i) {
      const std::uint64_t at = s(i);
      if (at >= n || seen[at]) return false;
      seen[at] = true;
    }
    return true;
  }));
  const shuffle a(1 << 20, 1);
  const shuffle b(1 << 20, 2);
  unsigned same = 0;
  unsigned neighbours = 0;
  for (std::uint64_t i = 0; i < 10000; ++i) {
    same += a(i) == b(i) ? 1 : 0;
    neighbours += a(i) + 1 == a(i + 1) ? 1 : 0;
  }
  CHECK(same < 5);
  CHECK(neighbours < 5);
  CHECK(shuffle(std::uint64_t{1} << 40, 3)(12345) < std::uint64_t{1} << 40);
}
