// The data of a sweep's interactive charts.
#include <nlohmann/json.hpp>

#include "analysis/report_parts.h"
#include "analysis/sweep_table.h"

namespace svasim::analysis {
namespace {

using json = nlohmann::json;

// Counts that a ratio or a sum says better, and hundreds of them, would only make the page heavy.
bool worth_a_chart(const std::string& name) {
  const auto ends_with = [&](const std::string& end) {
    return name.size() >= end.size() &&
           name.compare(name.size() - end.size(), end.size(), end) == 0;
  };
  return !ends_with(".lookups") && !ends_with(".misses") && !ends_with(".storage_bits");
}

}  // namespace

json sweep_chart_data(const sweep_table& t) {
  json axes = json::array();
  for (const sweep_table::axis& a : t.axes) {
    axes.push_back({{"name", a.name}, {"values", a.values}, {"repeat", a.repeat}});
  }
  std::vector<std::size_t> kept;
  json metrics = json::array();
  for (std::size_t i = 0; i < t.metrics.size(); ++i) {
    if (!worth_a_chart(t.metrics[i].name)) continue;
    kept.push_back(i);
    metrics.push_back({{"name", t.metrics[i].name},
                       {"unit", t.metrics[i].unit},
                       {"more", more_is_better(t.metrics[i])}});
  }
  json points = json::array();
  for (const sweep_table::point& p : t.points) {
    json values = json::array();
    for (const std::size_t i : kept) {
      values.push_back(p.metrics[i] ? json(*p.metrics[i]) : json());
    }
    points.push_back({p.values, std::move(values)});
  }
  const auto main = t.main_metric();
  return {{"kind", "sweep"},
          {"axes", axes},
          {"metrics", metrics},
          {"points", points},
          {"main", main ? t.metrics[*main].name : ""}};
}

}  // namespace svasim::analysis
