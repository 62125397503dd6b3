#include "analysis/sweep/space.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <numeric>
#include <set>

#include "base/rng.h"

namespace svasim::sweep {
namespace {

[[noreturn]] void fail(const base::problem& at, const std::string& message) {
  base::problem p = at;
  p.message = message;
  throw base::input_error(std::move(p));
}

// Whether points keep the constraints.
class judge {
 public:
  judge(const space& s, const parameter_table& parameters) : m_space(s), m_parameters(parameters) {
    for (const auto& [path, v] : s.fixed) m_fixed[path] = &v;
    for (std::size_t i = 0; i < s.axes.size(); ++i) {
      for (const std::string& path : s.axes[i].paths) m_axis[path] = i;
    }
  }

  bool keeps(const choice& c) const {
    const auto lookup = [&](const std::string& path) -> const value& {
      const auto on_axis = m_axis.find(path);
      if (on_axis != m_axis.end()) {
        return m_space.axes[on_axis->second].values[c[on_axis->second]];
      }
      const auto fixed = m_fixed.find(path);
      return fixed != m_fixed.end() ? *fixed->second : m_parameters.base(path);
    };
    return std::all_of(m_space.constraints.begin(), m_space.constraints.end(),
                       [&](const constraint& k) { return holds(k, lookup, c); });
  }

 private:
  bool holds(const constraint& k, const expression::lookup& lookup, const choice& c) const {
    try {
      return k.condition.holds(lookup);
    } catch (const bad_expression& e) {
      base::problem at = k.at;
      at.column += e.offset();
      fail(at, fmt::format("{} at {}", e.what(), m_space.label(c)));
    }
  }

  const space& m_space;
  const parameter_table& m_parameters;
  std::map<std::string, const value*> m_fixed;
  std::map<std::string, std::size_t> m_axis;
};

// Axes that are sampled: all but the seeds.
std::size_t sampled_axes(const space& s) {
  return s.axes.size() - (!s.axes.empty() && s.axes.back().repeat ? 1 : 0);
}

// All combinations; the last axis is fastest.
template <class F>
void each_of_grid(const space& s, F visit) {
  choice c(s.axes.size(), 0);
  for (;;) {
    visit(c);
    std::size_t i = c.size();
    while (i > 0 && ++c[i - 1] == s.axes[i - 1].values.size()) c[--i] = 0;
    if (i == 0) return;
  }
}

// `found` gets `c` with every seed that keeps the constraints. False where there is none.
bool add_with_seeds(const space& s, const judge& j, choice c, std::vector<choice>& found) {
  const std::size_t before = found.size();
  if (sampled_axes(s) == s.axes.size()) {
    if (j.keeps(c)) found.push_back(std::move(c));
    return found.size() != before;
  }
  for (std::uint32_t i = 0; i < s.axes.back().values.size(); ++i) {
    c.back() = i;
    if (j.keeps(c)) found.push_back(c);
  }
  return found.size() != before;
}

std::vector<choice> grid(const space& s, const judge& j) {
  unsigned __int128 all = 1;
  for (const axis& a : s.axes) {
    all *= a.values.size();
    if (all > space::most_points) {
      fail(s.at, fmt::format("the grid has more than {} points; sample it", space::most_points));
    }
  }
  std::vector<choice> out;
  each_of_grid(s, [&](const choice& c) {
    if (j.keeps(c)) out.push_back(c);
  });
  return out;
}

std::vector<choice> at_random(const space& s, const judge& j) {
  base::rng random(s.how.seed);
  std::set<choice> seen;
  std::vector<choice> out;
  // A combination that is already there or breaks a constraint is drawn again, but not for ever.
  std::uint64_t good = 0;
  for (std::uint64_t tries = 0; good < s.how.points && tries < 100 * s.how.points + 10000;
       ++tries) {
    choice c(s.axes.size(), 0);
    for (std::size_t i = 0; i < sampled_axes(s); ++i) {
      c[i] = static_cast<std::uint32_t>(random.below(s.axes[i].values.size()));
    }
    if (seen.insert(c).second && add_with_seeds(s, j, c, out)) ++good;
  }
  if (good < s.how.points) {
    fail(s.at, fmt::format("only {} of {} random points were found that differ and keep the "
                           "constraints",
                           good, s.how.points));
  }
  return out;
}

std::vector<choice> latin_hypercube(const space& s, const judge& j) {
  base::rng random(s.how.seed);
  const std::uint64_t n = s.how.points;
  // Axis by axis: the N strata in a random order.
  std::vector<std::vector<std::uint32_t>> columns;
  for (std::size_t i = 0; i < sampled_axes(s); ++i) {
    std::vector<std::uint64_t> order(n);
    std::iota(order.begin(), order.end(), std::uint64_t{0});
    for (std::uint64_t k = n; k > 1; --k) std::swap(order[k - 1], order[random.below(k)]);
    std::vector<std::uint32_t> column;
    for (const std::uint64_t stratum : order) {
      column.push_back(static_cast<std::uint32_t>(stratum * s.axes[i].values.size() / n));
    }
    columns.push_back(std::move(column));
  }
  std::set<choice> seen;
  std::vector<choice> out;
  for (std::uint64_t k = 0; k < n; ++k) {
    choice c(s.axes.size(), 0);
    for (std::size_t i = 0; i < columns.size(); ++i) c[i] = columns[i][k];
    if (seen.insert(c).second) add_with_seeds(s, j, c, out);
  }
  return out;
}

}  // namespace

const char* name_of(sampling_kind k) {
  switch (k) {
    case sampling_kind::grid:
      return "grid";
    case sampling_kind::random:
      return "random";
    case sampling_kind::latin_hypercube:
      break;
  }
  return "latin_hypercube";
}

std::vector<std::pair<std::string, value>> space::settings(const choice& c) const {
  auto out = fixed;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    for (const std::string& path : axes[i].paths) out.emplace_back(path, axes[i].values[c[i]]);
  }
  return out;
}

std::string space::label(const choice& c) const {
  std::string out;
  for (std::size_t i = 0; i < axes.size(); ++i) {
    out +=
        fmt::format("{}{}={}", i == 0 ? "" : ", ", axes[i].name(), to_string(axes[i].values[c[i]]));
  }
  return out.empty() ? "the only point" : out;
}

std::vector<choice> choose_points(const space& s, const parameter_table& parameters) {
  const judge j(s, parameters);
  const std::uint64_t seeds = sampled_axes(s) == s.axes.size() ? 1 : s.axes.back().values.size();
  if (s.how.kind != sampling_kind::grid && s.how.points > space::most_points / seeds) {
    fail(s.at, fmt::format("more than {} points", space::most_points));
  }
  std::vector<choice> out;
  switch (s.how.kind) {
    case sampling_kind::grid:
      out = grid(s, j);
      break;
    case sampling_kind::random:
      out = at_random(s, j);
      break;
    case sampling_kind::latin_hypercube:
      out = latin_hypercube(s, j);
      break;
  }
  if (out.empty()) fail(s.at, "no point keeps the constraints");
  return out;
}

}  // namespace svasim::sweep
