#include "tlm/smmu/smmu_params.h"

namespace svasim::smmu {

void smmu_params::describe(describe::visitor& v) {
  v.group("tbu", tbu, "Translation buffer unit, in the path of the DMA.");
  v.group("tcu", tcu, "Translation control unit: configuration, walks.");
  v.group("command_queue", command_queue, "CMDQ.");
  v.group("event_queue", event_queue, "EVTQ.");
  v.group("pri_queue", pri_queue, "PRIQ, in SVA workloads.");
  v.group("ats", ats, "ATS messages, in SVA workloads.");
  v.group("control", control, "Control registers, in SVA workloads.");
  v.group("broadcast", broadcast, "Broadcast TLB maintenance, in SVA workloads.");
}

}  // namespace svasim::smmu
