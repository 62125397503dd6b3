#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "analysis/advise/search.h"
#include "analysis/advise/sizes.h"
#include "analysis/advise/target.h"
#include "analysis/result.h"
#include "analysis/sweep/storage_bits.h"
#include "app/commands.h"
#include "app/point_model.h"
#include "base/child_process.h"
#include "base/error.h"

namespace svasim::app {
namespace {

using nlohmann::json;
using settings = point_model::settings;

constexpr const char* suffix = ".entries";

// "PATH=VALUE" of the command line.
settings parse_sets(const std::vector<std::string>& sets, const sweep::parameter_table& table) {
  settings out;
  for (const std::string& s : sets) {
    const std::size_t at = s.find('=');
    try {
      if (at == std::string::npos) throw sweep::bad_value("needs PATH=VALUE");
      const describe::parameter_info& p = table.at(s.substr(0, at));
      out.emplace_back(p.path, sweep::value_of(p, s.substr(at + 1)));
    } catch (const sweep::bad_value& e) {
      throw base::input_error("--set " + s + ": " + e.what());
    }
  }
  return out;
}

// The structure that a path ending in ".entries" belongs to.
advise::structure_shape shape_of(const std::string& path, const sweep::parameter_table& table,
                                 const json& parameters) {
  const std::string end = suffix;
  try {
    table.at(path);
  } catch (const sweep::bad_value& e) {
    throw base::input_error(std::string("--vary: ") + e.what());
  }
  const bool entries =
      path.size() > end.size() && path.compare(path.size() - end.size(), end.size(), end) == 0;
  const std::string structure = entries ? path.substr(0, path.size() - end.size()) : "";
  if (!entries || !table.has(structure + ".ways")) {
    throw base::input_error("--vary: " + path + " is not the entries of a structure with ways");
  }
  const json* at = &parameters;
  for (std::size_t from = 0; from < structure.size();) {
    const std::size_t dot = std::min(structure.find('.', from), structure.size());
    const std::string name = structure.substr(from, dot - from);
    at = at->is_array() ? &at->at(std::stoul(name)) : &at->at(name);
    from = dot + 1;
  }
  const advise::structure_shape out{structure, at->at("entries").get<std::uint64_t>(),
                                    at->at("ways").get<std::uint64_t>()};
  if (out.entries == 0) {
    throw base::input_error("--vary: " + structure +
                            " is left out by this platform; give it entries and ways with --set");
  }
  return out;
}

struct axis {
  advise::structure_shape shape;
  advise::size_list sizes;
  std::vector<std::int64_t> bits;  ///< of each size, against the platform as it is
};

struct trial {
  advise::combination at;
  std::uint64_t bits = 0, value = 0;
  bool met = false;
};

class adviser {
 public:
  explicit adviser(const advise_options& o)
      : m_options(o),
        m_target(o.target),
        m_model(o.platform, o.workload, o.trace),
        m_fixed(parse_sets(o.sets, m_model.parameters())) {
    const json parameters = m_model.effective(m_fixed);
    m_fixed_bits = bits_with(parameters);
    for (const std::string& path : o.vary) add_axis(path, parameters);
  }

  int run() {
    if (!m_options.json) print_header();
    advise::search_space space;
    for (const axis& a : m_axes) space.sizes.push_back(a.sizes.sizes.size());
    space.cost = [this](const advise::combination& c) { return bits_of(c); };
    space.reaches_target = [this](const advise::combination& c) { return simulate(c); };
    const advise::search_result found = advise::search(space);
    fmt::print("{}", m_options.json ? json_text(found.best) : verdict_text(found.best));
    return found.best ? 0 : 1;
  }

 private:
  void add_axis(const std::string& path, const json& parameters) {
    for (const axis& a : m_axes) {
      if (a.shape.path + suffix == path) throw base::input_error("--vary: " + path + " twice");
    }
    const auto shape = shape_of(path, m_model.parameters(), parameters);
    std::vector<std::uint64_t> sizes = advise::all_sizes(shape, m_options.max_entries);
    m_combinations *= sizes.size();
    if (m_combinations > 1000000) throw base::input_error("--vary: more than 1000000 combinations");
    const auto source = m_model.source(m_fixed);
    // Miss counts of one structure that sees all accesses say nothing of several that share them.
    const bool is_one = !parameters.contains("topology");
    m_axes.push_back({shape,
                      m_options.all_sizes || !is_one
                          ? advise::size_list{std::move(sizes), {}}
                          : advise::useful_sizes(shape, std::move(sizes), *source),
                      {}});
    m_axes.back().bits = bits_of_sizes(m_axes.back());
  }

  void set_size(const advise::structure_shape& shape, std::uint64_t size, settings& out) const {
    const auto set = [&](const std::string& path) {
      out.emplace_back(path, sweep::value_of(m_model.parameters().at(path), size));
    };
    set(shape.path + suffix);
    if (shape.fully_associative()) set(shape.path + ".ways");
  }

  settings settings_of(const advise::combination& c) const {
    settings out = m_fixed;
    for (std::size_t i = 0; i < m_axes.size(); ++i) {
      set_size(m_axes[i].shape, m_axes[i].sizes.sizes[c[i]], out);
    }
    return out;
  }

  std::uint64_t bits_with(const json& parameters) const {
    return sweep::storage_bits(parameters, m_model.is_request_log());
  }

  // What each size adds to, or takes from, the platform as it is.
  std::vector<std::int64_t> bits_of_sizes(const axis& a) const {
    std::vector<std::int64_t> out;
    for (const std::uint64_t size : a.sizes.sizes) {
      settings s = m_fixed;
      set_size(a.shape, size, s);
      out.push_back(static_cast<std::int64_t>(bits_with(m_model.effective(s))) -
                    static_cast<std::int64_t>(m_fixed_bits));
    }
    return out;
  }

  // Of all structures of the platform.
  std::uint64_t bits_of(const advise::combination& c) const {
    auto sum = static_cast<std::int64_t>(m_fixed_bits);
    for (std::size_t i = 0; i < m_axes.size(); ++i) sum += m_axes[i].bits[c[i]];
    return static_cast<std::uint64_t>(sum);
  }

  bool simulate(const advise::combination& c) {
    const settings s = settings_of(c);
    const std::string text = base::in_child([&] { return m_model.result_text(s); });
    const auto metrics = sweep::metrics_of(analysis::parse_result(text, "result.json"));
    if (m_trials.empty()) m_target.resolve(metrics);
    trial t{c, bits_of(c), m_target.value_in(metrics), false};
    t.met = m_target.met_by(t.value);
    m_trials.push_back(t);
    if (!m_options.json) print_trial(t);
    return t.met;
  }

  std::size_t width_of(const axis& a) const {
    return std::max<std::size_t>(a.shape.path.size() + std::string(suffix).size(), 8);
  }

  void print_header() const {
    fmt::print("{} on {}: {}\n\n", base::printable(m_model.input_name()),
               base::printable(m_model.platform_name()), base::printable(m_target.text()));
    fmt::print("{:>4}", "run");
    for (const axis& a : m_axes) fmt::print("  {:>{}}", a.shape.path + suffix, width_of(a));
    fmt::print("  {:>12}  {:>16}\n", "storage", m_target.metric());
  }

  void print_trial(const trial& t) const {
    fmt::print("{:>4}", m_trials.size());
    for (std::size_t i = 0; i < m_axes.size(); ++i) {
      fmt::print("  {:>{}}", m_axes[i].sizes.sizes[t.at[i]], width_of(m_axes[i]));
    }
    fmt::print("  {:>12}  {:>{}}  {}\n", sweep::shown(t.bits, "bits"),
               sweep::shown(t.value, m_target.unit()),
               std::max<std::size_t>(16, m_target.metric().size()), t.met ? "met" : "missed");
    std::fflush(stdout);
  }

  const trial& trial_of(const advise::combination& c) const {
    return *std::find_if(m_trials.begin(), m_trials.end(),
                         [&](const trial& t) { return t.at == c; });
  }

  std::string sizes_text(const advise::combination& c) const {
    std::string out;
    for (std::size_t i = 0; i < m_axes.size(); ++i) {
      out += fmt::format("{}{}{}={}", i == 0 ? "" : ", ", m_axes[i].shape.path, suffix,
                         m_axes[i].sizes.sizes[c[i]]);
    }
    return out;
  }

  std::string effort_text() const {
    std::size_t left_out = 0;
    for (const axis& a : m_axes) left_out += a.sizes.left_out.size();
    std::string out = fmt::format("{} run{} for {} combinations", m_trials.size(),
                                  m_trials.size() == 1 ? "" : "s", m_combinations);
    if (left_out != 0) {
      out += fmt::format(
          "; {} sizes left out, as they miss no less often than smaller ones under "
          "LRU",
          left_out);
    }
    return out + "\n";
  }

  std::string verdict_text(const std::optional<advise::combination>& best) const {
    if (!best) {
      return fmt::format("\nnot even the largest sizes reach {}\n{}",
                         base::printable(m_target.text()), effort_text());
    }
    const trial& t = trial_of(*best);
    return fmt::format("\nsmallest storage that meets it: {}\n  {} of storage, {} {}\n{}",
                       sizes_text(*best), sweep::shown(t.bits, "bits"), m_target.metric(),
                       sweep::shown(t.value, m_target.unit()), effort_text());
  }

  json trial_json(const trial& t) const {
    json sizes = json::object();
    for (std::size_t i = 0; i < m_axes.size(); ++i) {
      sizes[m_axes[i].shape.path + suffix] = m_axes[i].sizes.sizes[t.at[i]];
    }
    return {{"sizes", sizes}, {"storage_bits", t.bits}, {"value", t.value}, {"met", t.met}};
  }

  std::string json_text(const std::optional<advise::combination>& best) const {
    json runs = json::array(), left_out = json::object();
    for (const trial& t : m_trials) runs.push_back(trial_json(t));
    for (const axis& a : m_axes) left_out[a.shape.path + suffix] = a.sizes.left_out;
    const json out = {{"format", 1},
                      {"target", m_target.text()},
                      {"metric", m_target.metric()},
                      {"unit", m_target.unit()},
                      {"best", best ? trial_json(trial_of(*best)) : json()},
                      {"runs", runs},
                      {"combinations", m_combinations},
                      {"left_out", left_out}};
    return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
  }

  const advise_options& m_options;
  advise::target m_target;
  const point_model m_model;
  const settings m_fixed;
  std::vector<axis> m_axes;
  std::size_t m_combinations = 1;
  std::uint64_t m_fixed_bits = 0;
  std::vector<trial> m_trials;
};

}  // namespace

int advise(const advise_options& o) {
  if (o.trace.empty() == o.workload.empty()) {
    throw base::input_error("give exactly one of --trace FILE and --workload FILE");
  }
  return adviser(o).run();
}

}  // namespace svasim::app
