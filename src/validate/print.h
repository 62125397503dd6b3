// The outcome of rows: as a table for a terminal, as JSON for programs, as a page of plots.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "validate/suite.h"

namespace svasim::validate {

/// A line for each row with the point that is furthest off, and one with its name and source; with
/// `points` a line for each point as well.
std::string table_text(const std::vector<row_outcome>& rows, bool points);

/// {"good": true, "rows": [{"name", "verdict", "spent": [...], "points": [...], ...}]}
nlohmann::json outcome_json(const std::vector<row_outcome>& rows);

/// Expected and simulated curves over each other, and every point in a table; nothing is fetched
/// and no script runs.
std::string page_html(const std::vector<row_outcome>& rows, const std::string& version);

/// "613.2", "61,928,430": four digits, or all of a whole number.
std::string number_text(double v);
/// "+0.53 %"; an en dash where there is none.
std::string error_text(const point_outcome& p);

}  // namespace svasim::validate
