// A design sweep as one HTML page: what was swept, the Pareto front of a metric against storage,
// which parameter moves it most, heat maps of two axes, all points. As self-contained as the report
// of a run (report.h); with the script of the charts the metric and the axes can be chosen.
#pragma once

#include <string>

#include "analysis/charts_asset.h"
#include "analysis/sweep_table.h"

namespace svasim::analysis {

/// The page, UTF-8. The same table gives the same bytes. Every text of the table is escaped.
std::string sweep_report_html(const sweep_table& t, const chart_script& script = built_in_charts());

}  // namespace svasim::analysis
