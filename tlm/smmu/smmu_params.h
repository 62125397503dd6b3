// Parameters of the SMMU, by block.
#pragma once

#include "describe/visitor.h"
#include "tlm/smmu/queue_params.h"
#include "tlm/smmu/tbu_params.h"
#include "tlm/smmu/tcu_params.h"

namespace svasim::smmu {

struct smmu_params {
  tbu_params tbu;
  tcu_params tcu;
  command_queue_params command_queue;
  event_queue_params event_queue;
  pri_queue_params pri_queue;
  ats_params ats;
  broadcast_params broadcast;
  control_params control;
  void describe(describe::visitor& v);
};

}  // namespace svasim::smmu
