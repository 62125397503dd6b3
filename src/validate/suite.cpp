#include "validate/suite.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "analysis/sweep/worker_pool.h"
#include "base/error.h"
#include "describe/spelling.h"
#include "validate/formula.h"

namespace svasim::validate {
namespace {

// A gap stays as it is noted within this much.
constexpr double gap_percent = 2;

[[noreturn]] void fail_at(const base::problem& at, const std::string& message) {
  base::problem p = at;
  p.message = message;
  throw base::input_error(std::move(p));
}

const experiment& find_experiment(const row& r) {
  const auto& all = experiments();
  const auto found = all.find(r.experiment);
  if (found != all.end()) return *found->second;
  std::vector<std::string> names;
  for (const auto& [name, e] : all) names.push_back(name);
  const std::string nearest = describe::nearest_name(r.experiment, names);
  fail_at(r.points.front().at,
          fmt::format("{}: no experiment \"{}\"; {}", r.name, base::printable(r.experiment),
                      nearest.empty() ? fmt::format("there are: {}", fmt::join(names, ", "))
                                      : "did you mean \"" + nearest + "\"?"));
}

const point& find_point(const row& r, const point& from, const std::string& name) {
  for (const point& p : r.points) {
    if (p.name == name) return p;
  }
  fail_at(from.at, fmt::format("{}: no point \"{}\"", from.name, base::printable(name)));
}

void check_point(const row& r, const point& p, const suite_options& o) {
  try {
    find_experiment(r).check(job_of(r, p, o.set));
  } catch (const base::input_error& e) {
    std::vector<base::problem> problems;
    for (const base::problem& found : e.problems()) {
      if (found.line != 0 || !p.at.line) {
        problems.push_back(found);
      } else {
        problems.push_back(p.at);
        problems.back().message = p.name + ": " + found.text();
      }
    }
    throw base::input_error(std::move(problems));
  }
  for (const std::string& other : formula(p.metric).points()) find_point(r, p, other);
}

void check_constant(const row& r, const constant& c) {
  std::vector<constant> all{c};
  for (const std::string& other : c.with) {
    all.push_back(c);
    all.back().parameter = other;
  }
  for (const constant& one : all) {
    const std::string is = find_constant(r, one).value;
    if (is != one.value) {
      fail_at(c.at, fmt::format("{} is {}, not {}", one.name(), is, one.value));
    }
  }
}

figures parse(const sweep::job_end& end, const std::string& label) {
  const auto result = end.result();
  if (!result) throw std::runtime_error(label + ": no figures");
  return nlohmann::json::parse(*result).get<figures>();
}

// Every simulation once.
class runs {
 public:
  runs(const std::vector<row>& rows, const suite_options& o) : m_options(o) {
    for (const row& r : rows) {
      for (const point& p : r.points) need(r, p);
    }
  }

  bool wanted(const row& r, const point& p) const {
    if (!m_options.quick) return true;
    if (p.slow) return false;
    for (const std::string& other : formula(p.metric).points()) {
      if (find_point(r, p, other).slow) return false;
    }
    return true;
  }

  void run() {
    std::vector<const job*> todo;
    for (const auto& [j, label] : m_jobs) todo.push_back(&j);
    // Long ones first, so that no processor waits for the last one alone.
    std::stable_sort(todo.begin(), todo.end(),
                     [&](const job* a, const job* b) { return is_slow(*a) > is_slow(*b); });
    std::size_t done = 0;
    const auto work = [&](std::size_t i) {
      const figures f = experiments().at(todo[i]->experiment)->run(*todo[i]);
      sweep::hand_back(wanted_of(*todo[i], f).dump());
    };
    const auto ended = [&](const sweep::job_end& end) {
      const job& j = *todo[end.job];
      const std::string& label = m_jobs.at(j);
      if (!end.good()) {
        throw std::runtime_error(fmt::format("{}: {}", label,
                                             end.signal != 0
                                                 ? fmt::format("ended by signal {}", end.signal)
                                                 : base::printable(end.message)));
      }
      m_done[j] = parse(end, label);
      if (m_options.progress) m_options.progress(++done, todo.size());
    };
    sweep::run_jobs(todo.size(), m_options.workers, work, ended, [] {});
  }

  double value(const row& r, const point& p) const {
    return formula(p.metric).value([&](const std::string& other, const std::string& figure) {
      const point& of = other.empty() ? p : find_point(r, p, other);
      const figures& f = m_done.at(job_of(r, of, m_options.set));
      const auto found = f.find(figure);
      if (found == f.end()) {
        fail_at(p.at, fmt::format("{}: {} gives no \"{}\"", p.name, r.experiment, figure));
      }
      return found->second;
    });
  }

 private:
  void need(const row& r, const point& p) {
    if (!wanted(r, p)) return;
    const auto add = [&](const point& of, const std::string& figure) {
      const job j = job_of(r, of, m_options.set);
      m_jobs.emplace(j, r.name + ", " + of.name);
      m_figures[j].insert(figure);
      if (of.slow) m_slow.insert(j);
    };
    formula(p.metric).value([&](const std::string& other, const std::string& figure) {
      add(other.empty() ? p : find_point(r, p, other), figure);
      return 1.0;
    });
  }

  bool is_slow(const job& j) const { return m_slow.count(j) != 0; }

  // A result has more figures than a pipe holds.
  nlohmann::json wanted_of(const job& j, const figures& all) const {
    nlohmann::json out = nlohmann::json::object();
    for (const std::string& name : m_figures.at(j)) {
      const auto found = all.find(name);
      if (found != all.end()) out[name] = found->second;
    }
    return out;
  }

  const suite_options& m_options;
  std::map<job, std::string> m_jobs;
  std::map<job, std::set<std::string>> m_figures;
  std::set<job> m_slow;
  std::map<job, figures> m_done;
};

double shares(const point_outcome& p) {
  const point& of = *p.of;
  if (!of.expected) return -1;
  const double off = std::abs(p.simulated - *of.expected);
  if (of.tolerance.what == tolerance::kind::exact) return off == 0 ? 0 : 1e9;
  const double allowed = of.tolerance.what == tolerance::kind::percent
                             ? std::abs(*of.expected) * of.tolerance.value / 100
                             : of.tolerance.value;
  return off / allowed;
}

}  // namespace

job job_of(const row& r, const point& p, const settings& over) {
  job j{r.experiment, p.platform, p.workload, p.trace, p.set, p.arguments};
  j.set.insert(j.set.end(), over.begin(), over.end());
  return j;
}

describe::parameter_info find_constant(const row& r, const constant& c) {
  const auto of =
      std::find_if(r.points.begin(), r.points.end(), [&](const point& p) { return c.of(p); });
  if (of == r.points.end()) fail_at(c.at, c.name() + " is of no point");
  const job j = job_of(r, *of, {});
  std::vector<std::string> names;
  for (const describe::parameter_info& i : c.parameter.empty()
                                               ? find_experiment(r).arguments(j)
                                               : describe::parameters(platform_of(j))) {
    if (i.path == c.name()) return i;
    names.push_back(i.path);
  }
  const std::string nearest = describe::nearest_name(c.name(), names);
  fail_at(c.at, fmt::format("no {} \"{}\"{}", c.parameter.empty() ? "argument" : "parameter",
                            base::printable(c.name()),
                            nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

void check_rows(const std::vector<row>& rows, const suite_options& o) {
  for (const row& r : rows) {
    for (const point& p : r.points) check_point(r, p, o);
    for (const spent_constant& s : r.spent) check_constant(r, s);
    for (const input_constant& i : r.inputs) check_constant(r, i);
  }
}

point_outcome judge(const point& p, double simulated) {
  point_outcome out;
  out.of = &p;
  out.simulated = simulated;
  if (!p.expected) return out;
  const double off = simulated - *p.expected;
  if (*p.expected != 0) out.error_percent = off / *p.expected * 100;
  out.within = shares(out) <= 1;
  if (p.role == point_role::printed) return out;
  out.good = out.within;
  if (p.role == point_role::gap) {
    const double moved = std::abs(simulated - *p.shows);
    out.good = !out.within && moved <= std::abs(*p.shows) * gap_percent / 100;
  }
  return out;
}

std::vector<row_outcome> run_rows(const std::vector<row>& rows, const suite_options& o) {
  check_rows(rows, o);
  runs all(rows, o);
  all.run();
  std::vector<row_outcome> out;
  for (const row& r : rows) {
    row_outcome one;
    one.of = &r;
    for (const point& p : r.points) {
      if (all.wanted(r, p)) one.points.push_back(judge(p, all.value(r, p)));
    }
    if (!one.points.empty()) out.push_back(std::move(one));
  }
  return out;
}

bool row_outcome::good() const {
  return std::all_of(points.begin(), points.end(), [](const point_outcome& p) { return p.good; });
}

std::size_t row_outcome::count(point_role r) const {
  return static_cast<std::size_t>(std::count_if(
      points.begin(), points.end(), [r](const point_outcome& p) { return p.of->role == r; }));
}

const point_outcome& row_outcome::worst() const {
  const auto rank = [](const point_outcome& p) {
    // Bad points, then those that are held against something, then gaps, then the rest.
    const int kind = !p.good                             ? 3
                     : p.of->role == point_role::gap     ? 1
                     : p.of->role == point_role::printed ? 0
                                                         : 2;
    return std::make_pair(kind, shares(p));
  };
  return *std::max_element(
      points.begin(), points.end(),
      [&](const point_outcome& a, const point_outcome& b) { return rank(a) < rank(b); });
}

std::string row_outcome::verdict() const {
  bool closed = false;
  bool moved = false;
  for (const point_outcome& p : points) {
    if (p.good) continue;
    if (p.of->role != point_role::gap) return "OUTSIDE";
    (p.within ? closed : moved) = true;
  }
  if (closed) return "GAP CLOSED";
  if (moved) return "GAP MOVED";
  if (of->kind == row_kind::information) return "printed";
  if (of->kind == row_kind::calibration) return "calibrated";
  return count(point_role::gap) != 0 ? "ok, with gaps" : "ok";
}

}  // namespace svasim::validate
