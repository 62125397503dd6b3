// The queues and pools of the fault loop, each as small as it can be.
#pragma once

#include <string>
#include <vector>

#include "platforms/platform_params.h"
#include "trace/sva_plan.h"

namespace svasim::test {

struct one_deep {
  std::string name;
  std::string variants;  ///< that have it
  bool may_fail;         ///< full, it is answered with an error, which ends the access
  void (*make)(platforms::platform_params&);
};
const std::vector<one_deep>& one_deep_queues();

/// What broke in a run with that queue, in a process of its own; empty: nothing.
std::string with_one_deep(const one_deep& queue, char variant, const trace::sva_plan& plan);

}  // namespace svasim::test
