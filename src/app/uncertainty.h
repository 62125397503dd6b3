// `svasim run --uncertainty`: how far a result moves when one assumed number at a time goes to
// either end of its range, all others as they are. The range is the one beside the value in the
// platform file, else half to double of it (describe/ranges.h); each point is a run in a process of
// its own.
//
// A point whose run fails is told on stderr, counted and left out.
//
// Numbers that the run does not reach (platforms/confidence.h) cost no run; the entries of a fully
// associative structure take its ways along. Leaves out: switches and choices, and what several
// assumptions do together.
#pragma once

#include <nlohmann/json.hpp>

#include "app/commands.h"

namespace svasim::app {

/// "uncertainty" of the result of this run. Must come before any simulation of this process. Throws
/// base::input_error as the run does.
nlohmann::json find_uncertainty(const run_options& o);

}  // namespace svasim::app
