#include "app/uncertainty.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <map>
#include <optional>
#include <thread>

#include "analysis/result.h"
#include "analysis/sweep/metric.h"
#include "analysis/sweep/parameter.h"
#include "analysis/sweep/worker_pool.h"
#include "app/first_touch.h"
#include "app/load.h"
#include "app/sweep_progress.h"
#include "base/child_process.h"
#include "base/error.h"
#include "describe/ranges.h"
#include "describe/reader.h"
#include "platforms/confidence.h"
#include "platforms/sva/sva_result.h"
#include "workloads/sva_workload.h"

namespace svasim::app {
namespace {

using describe::parameter_info;
using nlohmann::json;

constexpr std::array<const char*, 5> figures{"translation_p50", "translation_p99", "throughput",
                                             "fault_p50", "fault_p99"};
constexpr std::size_t most_movers = 5;

// The result of this run with `sets`. Once a process.
json simulate(const run_options& o, const std::vector<std::string>& sets) {
  const loaded_platform loaded = load_platform(o.platform, sets);
  if (o.trace.empty() && workloads::is_sva_workload(o.workload)) {
    const trace::sva_plan plan = workloads::read_sva_workload(o.workload);
    platforms::sva_platform p(loaded.params, plan, platforms::sva_options{});
    p.run();
    return platforms::sva_run_result(p, base_name(o.workload), workloads::digest_of(plan),
                                     loaded.provenance);
  }
  const bool traced = !o.trace.empty();
  const std::string& file = traced ? o.trace : o.workload;
  const traced_input input{[&o] { return load_source(o.trace, o.workload); },
                           {traced ? "trace" : "workload", base_name(file)},
                           file};
  if (loaded.params.memory.first_touch) return simulate_first_touch(loaded, input, false).result;
  const auto source = input.open();
  if (has_requests(source->about())) return simulate_viommu_log(loaded, input, false).result;
  json out;
  with_file_name(file, [&] {
    platforms::platform p(loaded.params, *source, platforms::platform_options{});
    p.run();
    out = platforms::run_result(p, source->about(), input.name, loaded.provenance);
  });
  return out;
}

using figure_values = std::map<std::string, std::uint64_t>;

figure_values figures_of(const json& result) {
  const auto all = sweep::metrics_of(analysis::result_from_json(result, "result.json"));
  figure_values out;
  for (const char* name : figures) {
    const sweep::metric* const m = sweep::find_metric(all, name);
    if (m != nullptr) out[name] = m->value;
  }
  return out;
}

// One parameter at one end of its range.
struct point {
  std::size_t parameter;
  bool high;
  std::string value;
  std::vector<std::string> sets;
  std::optional<figure_values> found;
};

// One assumed number.
struct varied {
  std::string path, low_value, high_value;
};

class study {
 public:
  explicit study(const run_options& o) : m_options(o) {}

  json run() {
    const json base =
        json::parse(base::in_child([this] { return simulate(m_options, m_options.sets).dump(); }));
    m_base = figures_of(base);
    plan(base);
    simulate_points();
    return to_json();
  }

 private:
  describe::document document() const {
    describe::document d = describe::document::from_file(m_options.platform);
    for (const std::string& s : m_options.sets) describe::apply_override(d, s);
    return d;
  }

  static platforms::run_kind kind_of(const json& base) {
    if (base.contains("sva")) return {true, true, true};
    return {false, base["run"]["commands"] != 0, base["run"]["faulted"] != 0};
  }

  void plan(const json& base) {
    const describe::document d = document();
    const loaded_platform loaded = load_platform(d, m_options.platform);
    const auto root = describe::declare(loaded.params);
    const auto ranges = describe::stated_ranges(root, d);
    const platforms::run_kind kind = kind_of(base);
    std::map<std::string, parameter_info> all;
    for (const parameter_info& p : describe::parameters(root)) all.emplace(p.path, p);
    for (const parameter_info& p : describe::parameters(root)) {
      if (!describe::is_number(p.kind) ||
          describe::trust_of(loaded.provenance, p.path) != describe::trust::assumed) {
        continue;
      }
      if (!platforms::reaches(loaded.params, kind, p.path)) {
        ++m_unreached;
      } else if (!follows_entries(p.path, all)) {
        add(p, ranges, all);
      }
    }
  }

  static std::string sibling(const std::string& path, const char* name) {
    return path.substr(0, path.rfind('.') + 1) + name;
  }
  static bool is_named(const std::string& path, const std::string& end) {
    return path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
  }
  // The ways of a fully associative structure.
  static bool follows_entries(const std::string& path,
                              const std::map<std::string, parameter_info>& all) {
    if (!is_named(path, ".ways")) return false;
    const auto entries = all.find(sibling(path, "entries"));
    return entries != all.end() && entries->second.value == all.at(path).value;
  }

  void add(const parameter_info& p, const std::map<std::string, describe::value_range>& ranges,
           const std::map<std::string, parameter_info>& all) {
    const std::uint64_t is = sweep::value_of(p, p.value).number;
    const auto stated = ranges.find(p.path);
    const auto range =
        stated != ranges.end() ? std::optional(stated->second) : describe::usual_range(p, is);
    const std::size_t before = m_points.size();
    varied v{p.path, p.value, p.value};
    if (range) {
      for (const bool high : {false, true}) {
        const std::uint64_t end = high ? range->high : range->low;
        const std::string value = describe::value_text(p.kind, end);
        if (end == is || !add_point(p, high, value, all)) continue;
        (high ? v.high_value : v.low_value) = value;
      }
    }
    if (m_points.size() == before) {
      ++m_fixed;
      return;
    }
    m_varied.push_back(v);
  }

  // False where a rule of the platform is against it.
  bool add_point(const parameter_info& p, bool high, const std::string& value,
                 const std::map<std::string, parameter_info>& all) {
    point out{m_varied.size(), high, value, m_options.sets, {}};
    out.sets.push_back(p.path + "=" + value);
    const std::string ways = sibling(p.path, "ways");
    if (is_named(p.path, ".entries") && all.count(ways) != 0 && follows_entries(ways, all)) {
      out.sets.push_back(ways + "=" + value);
    }
    try {
      load_platform(m_options.platform, out.sets);
    } catch (const base::input_error&) {
      return false;
    }
    m_points.push_back(std::move(out));
    return true;
  }

  void simulate_points() {
    sweep_progress line(m_points.size(), 0, m_options.quiet);
    const auto work = [this](std::size_t job) {
      sweep::hand_back(json(figures_of(simulate(m_options, m_points[job].sets))).dump());
    };
    const auto ended = [&](const sweep::job_end& end) {
      point& p = m_points[end.job];
      if (!end.good()) {
        ++m_failed;
        line.failed(p.sets.back(), end.message);
        return;
      }
      p.found = json::parse(end.result().value()).get<figure_values>();
      line.done();
    };
    const unsigned workers =
        m_options.jobs != 0 ? m_options.jobs : std::max(1u, std::thread::hardware_concurrency());
    sweep::run_jobs(m_points.size(), workers, work, ended, [&] { line.tick(); });
  }

  static std::uint64_t distance(std::uint64_t a, std::uint64_t b) { return a < b ? b - a : a - b; }

  json figure_json(const std::string& name, std::uint64_t value) const {
    struct effect {
      std::size_t parameter;
      std::uint64_t at_low, at_high, most;
    };
    std::vector<effect> effects;
    for (std::size_t i = 0; i < m_varied.size(); ++i) effects.push_back({i, value, value, 0});
    std::uint64_t low = value, high = value;
    for (const point& p : m_points) {
      if (!p.found) continue;
      const auto at = p.found->find(name);
      if (at == p.found->end()) continue;
      effect& e = effects[p.parameter];
      (p.high ? e.at_high : e.at_low) = at->second;
      e.most = std::max(e.most, distance(at->second, value));
      low = std::min(low, at->second);
      high = std::max(high, at->second);
    }
    std::stable_sort(effects.begin(), effects.end(),
                     [](const effect& a, const effect& b) { return a.most > b.most; });
    json movers = json::array();
    for (const effect& e : effects) {
      if (e.most == 0 || movers.size() == most_movers) break;
      const varied& v = m_varied[e.parameter];
      movers.push_back({{"path", v.path},
                        {"low_value", v.low_value},
                        {"high_value", v.high_value},
                        {"at_low", e.at_low},
                        {"at_high", e.at_high}});
    }
    return {{"name", name},   {"unit", name == "throughput" ? "bytes/s" : "ps"},
            {"value", value}, {"low", low},
            {"high", high},   {"movers", movers}};
  }

  json to_json() const {
    json all = json::array();
    for (const char* name : figures) {
      const auto at = m_base.find(name);
      if (at != m_base.end()) all.push_back(figure_json(name, at->second));
    }
    return {{"runs", m_points.size()}, {"varied", m_varied.size()}, {"unreached", m_unreached},
            {"fixed", m_fixed},        {"failed", m_failed},        {"figures", all}};
  }

  const run_options& m_options;
  figure_values m_base;
  std::vector<varied> m_varied;
  std::vector<point> m_points;
  std::uint64_t m_unreached = 0, m_fixed = 0, m_failed = 0;
};

}  // namespace

json find_uncertainty(const run_options& o) {
  return study(o).run();
}

}  // namespace svasim::app
