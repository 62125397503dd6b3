// What is in a queue, a pool or a buffer at the moment, for whoever has to tell why a run does not
// end.
#pragma once

#include <string>

#include "stats/group.h"

namespace svasim::platforms {

/// A line for each occupancy below `root` that is not zero, sorted by path: "\n  path: 3 slots".
std::string occupied(const stats::group& root);

}  // namespace svasim::platforms
