// Runs rows: every simulation in a process of its own, a few at a time, each once however many
// points share it; then says of each point and row how it stands.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "validate/experiment.h"
#include "validate/row.h"

namespace svasim::validate {

struct point_outcome {
  const validate::point* of = nullptr;
  double simulated = 0;
  std::optional<double> error_percent;  ///< none without an expected value, or with one of 0
  bool within = true;                   ///< the tolerance; true without an expected value
  bool good = true;                     ///< what its role asks for
};

struct row_outcome {
  const row* of = nullptr;
  std::vector<point_outcome> points;

  bool good() const;
  std::size_t count(point_role r) const;
  /// The point furthest outside, or nearest to it, in shares of its tolerance; a bad one before all
  /// others. The first of several.
  const point_outcome& worst() const;
  /// "ok", "calibrated", "printed", "OUTSIDE", "GAP CLOSED"
  std::string verdict() const;
};

struct suite_options {
  settings set;  ///< over everything
  unsigned workers = 2;
  bool quick = false;  ///< leave out points that are slow
  std::function<void(std::size_t done, std::size_t all)> progress;
};

/// The simulation of a point.
job job_of(const row& r, const point& p, const settings& over);

/// Throws base::input_error where a row asks for what cannot be: an experiment, point, platform,
/// setting, argument that there is not, or a constant, spent or an input, that has another value.
/// By file, line and column.
void check_rows(const std::vector<row>& rows, const suite_options& o);

/// `rows` must outlive the outcome. Throws base::input_error, also for a figure that a simulation
/// does not give, and std::runtime_error where one fails.
std::vector<row_outcome> run_rows(const std::vector<row>& rows, const suite_options& o);

/// How a point with this result stands.
point_outcome judge(const point& p, double simulated);

/// The constant as the first point of the row has it. Throws base::input_error.
describe::parameter_info find_constant(const row& r, const constant& c);

}  // namespace svasim::validate
