#include "analysis/compare/difference.h"

#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <set>

#include "base/error.h"

namespace svasim::compare {
namespace {

constexpr double both_tails = 0.05;

struct moments {
  double n = 0, mean = 0, variance = 0;  // of the sample, with n - 1
};

moments moments_of(const std::vector<double>& v) {
  moments out;
  out.n = static_cast<double>(v.size());
  for (const double x : v) out.mean += x / out.n;
  for (const double x : v) out.variance += (x - out.mean) * (x - out.mean) / (out.n - 1);
  return out;
}

interval around(double centre, double error, double freedom) {
  if (error == 0) return {centre, centre};
  const boost::math::students_t distribution(freedom);
  const double reach =
      error * boost::math::quantile(boost::math::complement(distribution, both_tails / 2));
  return {centre - reach, centre + reach};
}

std::vector<double> values_of(const sample_set& s, const std::string& metric) {
  std::vector<double> out;
  for (const sample& one : s.samples) {
    const sweep::metric* m = find_metric(one.metrics, metric);
    if (m != nullptr) out.push_back(static_cast<double>(m->value));
  }
  return out;
}

bool same_seeds(const sample_set& a, const sample_set& b) {
  if (a.samples.size() != b.samples.size()) return false;
  for (std::size_t i = 0; i < a.samples.size(); ++i) {
    if (a.samples[i].seed != b.samples[i].seed) return false;
  }
  return true;
}

std::optional<interval> confidence_of(const sample_set& a, const sample_set& b,
                                      const std::vector<double>& x, const std::vector<double>& y) {
  const bool complete = x.size() == a.samples.size() && y.size() == b.samples.size();
  if (complete && same_seeds(a, b)) return paired_interval(x, y);
  return welch_interval(x, y);
}

}  // namespace

bool difference::none() const {
  return base == other && (!confidence || (confidence->low == 0 && confidence->high == 0));
}

std::optional<double> difference::percent() const {
  if (base == 0) return std::nullopt;
  return 100 * size() / base;
}

std::optional<interval> welch_interval(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() < 2 || b.size() < 2) return std::nullopt;
  const moments x = moments_of(a), y = moments_of(b);
  const double u = x.variance / x.n, v = y.variance / y.n;
  if (u + v == 0) return interval{y.mean - x.mean, y.mean - x.mean};
  const double freedom = (u + v) * (u + v) / (u * u / (x.n - 1) + v * v / (y.n - 1));
  return around(y.mean - x.mean, std::sqrt(u + v), freedom);
}

std::optional<interval> paired_interval(const std::vector<double>& a,
                                        const std::vector<double>& b) {
  if (a.size() < 2 || a.size() != b.size()) return std::nullopt;
  std::vector<double> apart;
  for (std::size_t i = 0; i < a.size(); ++i) apart.push_back(b[i] - a[i]);
  const moments d = moments_of(apart);
  return around(d.mean, std::sqrt(d.variance / d.n), d.n - 1);
}

comparison compare(const sample_set& base, const sample_set& other) {
  comparison out{&base, &other, {}};
  // Seeds may differ in which metrics they have: the first has them all but in odd cases.
  for (const sweep::metric& m : base.samples.front().metrics) {
    const std::vector<double> a = values_of(base, m.name), b = values_of(other, m.name);
    if (b.empty()) continue;
    difference d{m.name, m.unit, 0, 0, confidence_of(base, other, a, b)};
    for (const double x : a) d.base += x / static_cast<double>(a.size());
    for (const double x : b) d.other += x / static_cast<double>(b.size());
    out.metrics.push_back(d);
  }
  return out;
}

std::vector<comparison> compare_all(const std::vector<std::vector<sample_set>>& arguments) {
  std::vector<comparison> out;
  const std::vector<sample_set>& first = arguments.front();
  if (arguments.size() == 1) {
    for (std::size_t i = 1; i < first.size(); ++i) out.push_back(compare(first[0], first[i]));
  }
  for (std::size_t i = 1; i < arguments.size(); ++i) {
    for (const sample_set& other : arguments[i]) {
      for (const sample_set& base : first) {
        if (first.size() != 1 && base.label != other.label) continue;
        out.push_back(compare(base, other));
      }
    }
  }
  if (out.empty()) {
    throw base::input_error(arguments.size() == 1
                                ? first[0].from + ": there is nothing to compare it with"
                                : "no point of the first sweep is in another");
  }
  return out;
}

}  // namespace svasim::compare
