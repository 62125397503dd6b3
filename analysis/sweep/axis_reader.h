// The values of one axis: a list, a range with a step, or doubling. Kept inside analysis/sweep.
#pragma once

#include <optional>

#include "analysis/sweep/space.h"
#include "analysis/sweep/spec_reader.h"

namespace svasim::sweep {

/// `v` as an axis: {"path", "values"}, {"path", "from", "to", "step"} or {"path", "from", "to",
/// "scale": "log2"}; "path" may be a list. Empty after a problem.
std::optional<axis> read_axis(const describe::json_value& v, const parameter_table& parameters,
                              problems& p);
/// The seeds of repeats: a list, or an object as above without a path.
std::optional<axis> read_seeds(const describe::json_value& v, const parameter_table& parameters,
                               problems& p);

}  // namespace svasim::sweep
