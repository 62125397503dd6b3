#include <filesystem>

#include "analysis/report.h"
#include "analysis/result.h"
#include "analysis/sweep/collector.h"
#include "analysis/sweep/metric.h"
#include "analysis/sweep/plan.h"
#include "analysis/sweep/point_store.h"
#include "analysis/sweep_report.h"
#include "app/commands.h"
#include "base/error.h"
#include "base/file.h"

namespace svasim::app {
namespace {

namespace fs = std::filesystem;

// Every metric that some point has, in the order of their first; each point's in that order.
void add_points(analysis::sweep_table& t, const sweep::plan& p,
                const std::vector<sweep::table_row>& rows) {
  std::map<std::string, std::size_t> column;
  for (const sweep::table_row& row : rows) {
    for (const sweep::metric& m : row.metrics) {
      if (column.emplace(m.name, t.metrics.size()).second) t.metrics.push_back({m.name, m.unit});
    }
  }
  for (const sweep::table_row& row : rows) {
    analysis::sweep_table::point point;
    point.values = p.points[row.point].values;
    point.metrics.resize(t.metrics.size());
    for (const sweep::metric& m : row.metrics) point.metrics[column[m.name]] = m.value;
    t.points.push_back(std::move(point));
  }
}

void add_confidence(analysis::sweep_table& t, const std::vector<sweep::table_row>& rows) {
  for (const sweep::table_row& row : rows) {
    if (!row.confidence) continue;
    if (t.confidence && t.confidence->reached.assumed >= row.confidence->reached.assumed) continue;
    t.confidence = row.confidence;
  }
}

analysis::sweep_table sweep_table_of(const std::string& directory) {
  const sweep::plan p = sweep::read_plan(directory);
  analysis::sweep_table t;
  t.name = p.name;
  t.description = p.description;
  t.platform = p.platform;
  t.input = p.input_kind + " " + p.input_name;
  t.sampling = p.sampling;
  t.svasim_version = p.svasim_version;
  t.fixed = p.set;
  t.constraints = p.constraints;
  for (const sweep::plan_axis& a : p.axes) t.axes.push_back({a.name(), a.values, a.repeat});
  t.planned = p.points.size();
  t.shown = sweep::shown;
  const auto rows = sweep::read_table(p, sweep::point_store::existing(directory));
  add_points(t, p, rows);
  add_confidence(t, rows);
  return t;
}

std::string page_of(const std::string& path) {
  std::error_code ignored;  // the reader says what is wrong with a file
  if (!fs::is_directory(path, ignored)) return analysis::report_html(analysis::read_result(path));
  if (fs::exists(path + "/sweep.json", ignored)) {
    return analysis::sweep_report_html(sweep_table_of(path));
  }
  if (fs::exists(path + "/result.json", ignored)) {
    return analysis::report_html(analysis::read_result(path + "/result.json"));
  }
  throw base::input_error(path +
                          ": holds neither the sweep.json of a sweep nor the result.json of "
                          "a run");
}

}  // namespace

int report(const std::string& path, const std::string& out_file) {
  base::write_file_atomically(out_file, page_of(path));
  return 0;
}

}  // namespace svasim::app
