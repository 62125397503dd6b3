// The summary `svasim run` prints: what was run, latencies, where the time goes, caches and walks.
#pragma once

#include <string>

#include "analysis/result.h"

namespace svasim::analysis {

/// UTF-8, at most 110 columns, ends with a newline. `colour` adds ANSI colours. Names taken from
/// inputs have their control characters escaped.
std::string summary_text(const result& r, bool colour);

}  // namespace svasim::analysis
