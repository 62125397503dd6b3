// The end of a sweep: what its point files hold as one table, one SQLite file and one CSV. Made
// from sweep.json and points/ alone, so that the same points give the same content whoever made
// them, in whatever order.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/result.h"
#include "analysis/sweep/metric.h"
#include "analysis/sweep/plan.h"
#include "analysis/sweep/point_store.h"

namespace svasim::sweep {

struct table_row {
  std::size_t point = 0;  ///< index into the plan's points
  std::vector<metric> metrics;
  std::optional<analysis::confidence_info> confidence = std::nullopt;
};

/// The metrics of every point that has a result, in the order of the plan. Throws
/// base::input_error for a result that cannot be read.
std::vector<table_row> read_table(const plan& p, const point_store& store);

/// Writes DIR/results.sqlite and DIR/results.csv. Throws base::input_error.
void collect(const plan& p, const point_store& store);

/// The CSV of `rows`: a header, one line a point; RFC 4180.
std::string csv_text(const plan& p, const std::vector<table_row>& rows);

}  // namespace svasim::sweep
