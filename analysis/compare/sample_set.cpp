#include "analysis/compare/sample_set.h"

#include <filesystem>

#include "analysis/sweep/collector.h"
#include "base/error.h"

namespace svasim::compare {
namespace {

namespace fs = std::filesystem;

sample_set single(const std::string& from, const std::string& file) {
  return {from, "", {{"", sweep::metrics_of(analysis::read_result(file))}}};
}

// The label without the seed, and the seed.
struct design {
  std::string label, seed;
};

design design_of(const sweep::plan& p, const sweep::plan_point& point) {
  design out;
  for (std::size_t i = 0; i < p.axes.size(); ++i) {
    const std::string& value = p.axes[i].values[point.values[i]];
    if (p.axes[i].repeat) {
      out.seed = value;
    } else {
      out.label += (out.label.empty() ? "" : ", ") + p.axes[i].name() + "=" + value;
    }
  }
  return out;
}

std::vector<sample_set> sets_of_sweep(const std::string& directory) {
  const sweep::plan p = sweep::read_plan(directory);
  std::vector<sample_set> out;
  std::map<std::string, std::size_t> place;  // of a label
  for (sweep::table_row& row : read_table(p, sweep::point_store::existing(directory))) {
    const design d = design_of(p, p.points[row.point]);
    const auto [at, fresh] = place.emplace(d.label, out.size());
    if (fresh) out.push_back({directory, d.label, {}});
    out[at->second].samples.push_back({d.seed, std::move(row.metrics)});
  }
  if (out.empty()) throw base::input_error(directory + ": the sweep has no results");
  return out;
}

}  // namespace

std::vector<sample_set> read_sets(const std::string& path) {
  if (!fs::is_directory(path)) return {single(path, path)};
  if (fs::exists(path + "/sweep.json")) return sets_of_sweep(path);
  if (fs::exists(path + "/result.json")) return {single(path, path + "/result.json")};
  throw base::input_error(path + ": holds neither result.json nor sweep.json");
}

}  // namespace svasim::compare
