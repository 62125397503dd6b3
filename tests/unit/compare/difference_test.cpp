#include "analysis/compare/difference.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "base/error.h"

using namespace svasim;
using compare::sample_set;

namespace {

sample_set set_of(const std::string& label, const std::vector<std::uint64_t>& values,
                  unsigned first_seed = 1) {
  sample_set out{"dir", label, {}};
  for (const std::uint64_t v : values) {
    out.samples.push_back({std::to_string(first_seed++), {{"read_p99", v, "ps"}}});
  }
  return out;
}

std::string error_of(const std::vector<std::vector<sample_set>>& arguments) {
  try {
    return std::to_string(compare::compare_all(arguments).size());
  } catch (const base::input_error& e) {
    return e.what();
  }
}

}  // namespace

// By hand, with t(0.975) = 4.302653 for 2 degrees of freedom and 2.570582 for 5.
TEST_CASE("a paired interval is that of the differences") {
  const auto i = compare::paired_interval({1, 2, 3}, {2, 4, 6});
  REQUIRE(i.has_value());
  // mean 2, standard error 1 / sqrt(3)
  CHECK(i->low == Approx(2 - 4.302653 * 0.5773503));
  CHECK(i->high == Approx(2 + 4.302653 * 0.5773503));
  CHECK_FALSE(i->excludes_zero());
}

TEST_CASE("Welch's interval weighs both variances, with their own degrees of freedom") {
  const auto i = compare::welch_interval({0, 2}, {10, 12});
  REQUIRE(i.has_value());
  // both variances 2: standard error sqrt(2), 2 degrees of freedom
  CHECK(i->low == Approx(10 - 4.302653 * 1.4142136));
  CHECK(i->high == Approx(10 + 4.302653 * 1.4142136));
  CHECK(i->excludes_zero());
  // One side without variance: the other's degrees of freedom, here 5.
  const auto j = compare::welch_interval({7, 7, 7}, {1, 2, 3, 4, 5, 6});
  REQUIRE(j.has_value());
  CHECK(j->low == Approx(-3.5 - 2.570582 * 0.7637626));
}

TEST_CASE("one sample on a side gives no interval") {
  CHECK_FALSE(compare::welch_interval({1}, {1, 2}).has_value());
  CHECK_FALSE(compare::paired_interval({1}, {2}).has_value());
}

TEST_CASE("samples without any spread give an interval without width") {
  const auto i = compare::welch_interval({3, 3}, {5, 5});
  REQUIRE(i.has_value());
  CHECK(i->low == 2);
  CHECK(i->high == 2);
  CHECK(i->excludes_zero());
}

TEST_CASE("the interval holds the difference of the means and turns with the sides") {
  REQUIRE(rc::check([] {
    const auto values = rc::gen::container<std::vector<int>>(5, rc::gen::inRange(0, 1000));
    const std::vector<int> x = *values, y = *values;
    const std::vector<double> a(x.begin(), x.end()), b(y.begin(), y.end());
    const auto forth = compare::welch_interval(a, b), back = compare::welch_interval(b, a);
    double apart = 0;
    for (std::size_t i = 0; i < a.size(); ++i) apart += (b[i] - a[i]) / 5;
    return forth->low <= apart + 1e-9 && forth->high >= apart - 1e-9 &&
           std::abs(forth->low + back->high) < 1e-6;
  }));
}

TEST_CASE("the same seeds are compared in pairs, others as independent samples") {
  const sample_set a = set_of("", {10, 20, 30}), same = set_of("", {11, 21, 31}),
                   others = set_of("", {11, 21, 31}, 7);
  // In pairs the difference is 1 each time.
  CHECK(compare::compare(a, same).metrics.at(0).confidence->low == Approx(1));
  CHECK(compare::compare(a, others).metrics.at(0).confidence->low < -20);
  CHECK(compare::compare(a, same).metrics.at(0).percent() == Approx(5));
}

TEST_CASE("sets are compared with those of the same label, or with the only one") {
  const sample_set x = set_of("n=1", {1}), y = set_of("n=2", {2}), z = set_of("n=3", {3}),
                   single = set_of("", {4});
  const std::vector<std::vector<sample_set>> sweeps{{x, y}, {y, z}}, with_run{{single}, {x, y, z}},
      alone{{x, y, z}};
  const auto labels = compare::compare_all(sweeps);
  REQUIRE(labels.size() == 1);
  CHECK(labels[0].other->label == "n=2");
  CHECK(compare::compare_all(with_run).size() == 3);
  const auto within = compare::compare_all(alone);
  REQUIRE(within.size() == 2);
  CHECK(within[1].base->label == "n=1");
  CHECK(within[1].other->label == "n=3");
}

TEST_CASE("what cannot be compared is told") {
  CHECK(error_of({{set_of("", {1})}}) == "dir: there is nothing to compare it with");
  CHECK(error_of({{set_of("n=1", {1}), set_of("n=2", {1})}, {set_of("n=3", {1})}}) ==
        "no point of the first sweep is in another");
}
