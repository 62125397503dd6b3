#include "tlm/kit/task.h"

namespace svasim::kit {

const char* to_string(actor a) {
  switch (a) {
    case actor::dev:
      return "DEV";
    case actor::rc:
      return "RC";
    case actor::smmu:
      return "SMMU";
    case actor::hk:
      return "HK";
    case actor::vmm:
      return "VMM";
    case actor::vcpu:
      return "vCPU";
    case actor::gk:
      return "GK";
    case actor::count:
      break;
  }
  return "?";
}

}  // namespace svasim::kit
