// What is in a queue, a pool or a buffer at the moment, for whoever has to tell why a run does not
// end.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "platforms/device_unit.h"
#include "platforms/smmu_unit.h"
#include "stats/group.h"

namespace svasim::platforms {

/// A line for each occupancy below `root` that is not zero, sorted by path: "\n  path: 3 slots".
std::string occupied(const stats::group& root);
/// "4 requests in flight at the device, 1 TBU slots, 1 TCU slots and 1 walk slots in use", of all.
std::string under_way(const std::vector<std::unique_ptr<device_unit>>& devices,
                      const std::vector<std::unique_ptr<smmu_unit>>& smmus);

}  // namespace svasim::platforms
