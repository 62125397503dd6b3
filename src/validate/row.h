// A row of the validation: published figures, the simulation that stands against them, and the
// constants that were spent to get there. Rows are data (tests/validation/rows/*.json); the format
// is in README.md of this folder.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/error.h"

namespace svasim::validate {

enum class row_kind {
  validation,   ///< has figures that the model predicts
  calibration,  ///< all its figures were spent: it predicts nothing
  information,  ///< printed, never pass or fail
};

enum class point_role {
  predicted,  ///< must be within the tolerance
  spent,      ///< the same, but a constant was fitted to it
  gap,        ///< must be outside the tolerance, and where it was: closing it fails
  printed,    ///< no verdict
};

struct tolerance {
  enum class kind { percent, absolute, exact };
  kind what = kind::exact;
  double value = 0;  ///< percent, or in the unit of the point
};

/// "path=value" in the order in which they are applied.
using settings = std::vector<std::pair<std::string, std::string>>;

struct point {
  std::string name;
  std::string series;    ///< curves of a plot; empty: one
  std::string platform;  ///< a file as it is opened; empty: defaults
  std::string workload, trace;
  settings set, arguments;  ///< of the row, then of the point
  std::string metric;
  std::string unit;
  std::optional<double> expected;  ///< none: only other points speak of it
  validate::tolerance tolerance;
  point_role role = point_role::predicted;
  std::optional<double> shows;  ///< gap: what the model has
  std::string reason;           ///< gap: why
  bool slow = false;            ///< kept out of --quick
  base::problem at;             ///< where it is written, for messages
};

/// A constant with the value that a row simulates with.
struct constant {
  std::string parameter;          ///< path of the platform; empty where it is an argument
  std::string argument;           ///< of the experiment; empty where it is a parameter
  std::vector<std::string> with;  ///< parameters that hold the same constant
  std::string value;
  std::vector<std::string> points;  ///< that it is of; empty: all
  base::problem at;

  bool of(const point& p) const {
    return points.empty() || std::find(points.begin(), points.end(), p.name) != points.end();
  }
  const std::string& name() const { return parameter.empty() ? argument : parameter; }
};

/// One that was fitted, or taken over, to get there.
struct spent_constant : constant {
  std::string step;     ///< by how much it is changed to show that it matters; empty: twice the
                        ///< tolerance, and one where it is a count
  std::string part_of;  ///< a sum that was fitted, of which it is a part; empty: itself
  std::string fitted_to;
};

/// One that was not fitted here: from a document, another row, or assumed.
struct input_constant : constant {
  std::string source;  ///< tag and document, and why it is not spent
};

struct row {
  std::string name;
  std::string what;
  std::string source;
  row_kind kind = row_kind::validation;
  std::string experiment;
  std::string axis;  ///< what the points of a plot differ in
  validate::tolerance tolerance;
  std::string unit;
  std::vector<point> points;
  std::vector<spent_constant> spent;
  std::vector<input_constant> inputs;
};

/// Throws base::input_error with every problem of the file, by line and column.
row read_row(const std::string& file);
/// The same of a text; `name` stands for its file.
row read_row_text(const std::string& text, const std::string& name);

/// Of a row's file as given, or one of `folder` by its name. Throws base::input_error.
std::string row_file(const std::string& row, const std::string& folder);
/// All of `folder`, by name.
std::vector<std::string> row_files(const std::string& folder);

const char* name_of(row_kind k);
const char* name_of(point_role r);
/// "2 %", "10 ns", "exact"
std::string text_of(const tolerance& t, const std::string& unit);

}  // namespace svasim::validate
