// A scenario on the timed SMMU: queries go as DMA through TBU, TCU and walker with their caches,
// commands through the command queue in memory, events come from the event queue in memory. The
// device and the software, which takes no time, are this file's; memory answers after a fixed
// latency, outside `ram` with an error.
//
// A command that stops the queue is treated as Linux does (arm_smmu_cmdq_skip_err): its error is
// noted, a CMD_SYNC without signal takes its place, the error is acknowledged.
//
// Leaves out: PCIe link and root complex, several queries at a time, data (a write changes
// nothing).
#pragma once

#include "platforms/scenario/answer.h"
#include "tlm/smmu/smmu_params.h"

namespace svasim::scenario {

/// SMMU with the default caches and few walk slots, as one query runs at a time.
smmu::smmu_params timed_defaults();

/// Carries out the steps in order; `s.memory` changes with them. Once a process (SystemC has one
/// kernel; see base/child_process.h). Throws base::input_error where the steps need a queue that
/// the registers do not give, or that lies outside `ram`.
void translate_timed(scenario& s, const smmu::smmu_params& params, const answer_sink& out);

}  // namespace svasim::scenario
