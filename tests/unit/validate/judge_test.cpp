// When a point and its row are good, on both sides of each limit.
#include <catch2/catch.hpp>

#include "validate/perturb.h"
#include "validate/print.h"
#include "validate/suite.h"

using namespace svasim;
using validate::judge;
using validate::point;
using validate::point_role;
using validate::tolerance;

namespace {

point of(double expected, tolerance t, point_role role = point_role::predicted) {
  point p;
  p.name = "p";
  p.unit = "ns";
  p.expected = expected;
  p.tolerance = t;
  p.role = role;
  return p;
}

constexpr tolerance five_percent{tolerance::kind::percent, 5};
constexpr tolerance ten_ns{tolerance::kind::absolute, 10};
constexpr tolerance exact{tolerance::kind::exact, 0};

TEST_CASE("a point is good up to its tolerance, and not beyond") {
  CHECK(judge(of(200, five_percent), 210).good);
  CHECK(judge(of(200, five_percent), 190).good);
  CHECK_FALSE(judge(of(200, five_percent), 210.1).good);
  CHECK_FALSE(judge(of(200, five_percent), 189.9).good);
  CHECK(judge(of(55, ten_ns), 65).good);
  CHECK_FALSE(judge(of(55, ten_ns), 44.9).good);
  CHECK(judge(of(36, exact), 36).good);
  CHECK_FALSE(judge(of(36, exact), 36.0001).good);
}

TEST_CASE("a printed point is never bad") {
  CHECK(judge(of(200, five_percent, point_role::printed), 900).good);
}

TEST_CASE("a gap is bad when it closes, and when it moves by more than 2 %") {
  point p = of(4000, five_percent, point_role::gap);
  p.shows = 883;
  CHECK(judge(p, 883).good);
  CHECK(judge(p, 900).good);
  CHECK_FALSE(judge(p, 901).good);
  CHECK_FALSE(judge(p, 865).good);
  p.shows = 3900;
  CHECK_FALSE(judge(p, 3900).good);  // closed
}

validate::row row_of(std::vector<point> points, validate::row_kind kind) {
  validate::row r;
  r.kind = kind;
  r.tolerance = five_percent;
  r.points = std::move(points);
  return r;
}

std::string verdict(const validate::row& r, const std::vector<double>& simulated) {
  validate::row_outcome out;
  out.of = &r;
  for (std::size_t i = 0; i < simulated.size(); ++i) {
    out.points.push_back(judge(r.points[i], simulated[i]));
  }
  CHECK(out.good() == (out.verdict().find_first_of("OUGP") != 0));
  return out.verdict();
}

TEST_CASE("the verdict of a row is that of its worst point") {
  using validate::row_kind;
  point gap = of(100, five_percent, point_role::gap);
  gap.shows = 50;
  const point good = of(100, five_percent), spent = of(100, five_percent, point_role::spent);
  const auto both = row_of({good, gap}, row_kind::validation);
  CHECK(verdict(both, {101, 50}) == "ok, with gaps");
  CHECK(verdict(both, {101, 99}) == "GAP CLOSED");
  CHECK(verdict(both, {101, 60}) == "GAP MOVED");
  CHECK(verdict(both, {110, 99}) == "OUTSIDE");
  CHECK(verdict(row_of({good}, row_kind::validation), {100}) == "ok");
  CHECK(verdict(row_of({spent}, row_kind::calibration), {100}) == "calibrated");
  CHECK(verdict(row_of({of(1, exact, point_role::printed)}, row_kind::information), {7}) ==
        "printed");
}

TEST_CASE("the worst point is a bad one, else the one with the least room") {
  const validate::row r = row_of({of(100, five_percent), of(100, ten_ns), of(100, five_percent)},
                                 validate::row_kind::validation);
  const auto worst = [&](double a, double b, double c) {
    const validate::row_outcome out{
        &r, {judge(r.points[0], a), judge(r.points[1], b), judge(r.points[2], c)}};
    return &out.worst() - out.points.data();
  };
  CHECK(worst(104, 107, 100) == 0);  // 80 % of its tolerance, 70 %, none
  CHECK(worst(103, 107, 100) == 1);
  CHECK(worst(100, 100, 106) == 2);
}

TEST_CASE("a constant is changed by twice the tolerance, of the sum that it is part of") {
  validate::row r = row_of({of(100, five_percent)}, validate::row_kind::calibration);
  r.experiment = "kvm_primitives";
  validate::spent_constant s;
  s.parameter = "vm.cpu.kvm.exit";
  s.value = "292ns";
  using texts = std::vector<std::string>;
  CHECK(changed_values(r, s) == texts{"321.2ns", "262.8ns"});
  s.part_of = "1us";
  CHECK(changed_values(r, s) == texts{"392ns", "192ns"});
  s.step = "10ns";
  CHECK(changed_values(r, s) == texts{"302ns", "282ns"});
}

TEST_CASE("a count is changed by one, a yes to a no") {
  validate::row r = row_of({of(100, exact)}, validate::row_kind::calibration);
  r.experiment = "kvm_primitives";
  validate::spent_constant s;
  using texts = std::vector<std::string>;
  s.parameter = "smmu.tcu.walk_slots";
  s.value = "10";
  CHECK(changed_values(r, s) == texts{"11", "9"});
  s.parameter = "smmu.tcu.walk_cache.nested";
  s.value = "true";
  CHECK(changed_values(r, s) == texts{"false"});
  s.parameter = "variant";
  s.value = "a";
  CHECK_THROWS_WITH(changed_values(r, s), "variant is neither a number nor true or false");
  s.parameter = "vm.cpu.kvm.exit";
  s.value = "292ns";
  r.tolerance = exact;
  CHECK_THROWS_WITH(
      changed_values(r, s),
      "vm.cpu.kvm.exit needs \"step\", as the tolerance of its row is not in percent");
}

TEST_CASE("figures are printed with four digits, whole numbers in full") {
  CHECK(validate::number_text(613.24) == "613.2");
  CHECK(validate::number_text(61928430) == "61,928,430");
  CHECK(validate::number_text(1234.6) == "1,235");
  CHECK(validate::number_text(0.00123456) == "0.001235");
  CHECK(validate::number_text(-5) == "-5");
  CHECK(validate::error_text(judge(of(200, five_percent), 203)) == "+1.50 %");
  CHECK(validate::error_text(judge(of(200, five_percent), 199.9999)) == "+0.00 %");
  CHECK(validate::error_text(judge(of(0, exact), 1)) == "-");
}

}  // namespace
