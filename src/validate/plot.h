// Expected and simulated figures of a row over each other, as SVG: a plot for each series with at
// least three points that have an expected value. Points stand in the order of the row.
#pragma once

#include <string>

#include "validate/suite.h"

namespace svasim::validate {

/// Empty where there is nothing to plot.
std::string plots(const row_outcome& r);

}  // namespace svasim::validate
