// Parameters of the queues between software and the SMMU, and of its messages to ATS devices.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"

namespace svasim::smmu {

struct command_queue_params {
  std::uint32_t log2_entries = 8;
  std::uint32_t fetch_batch = 4;
  base::duration decode = base::ns(5);
  base::duration invalidate = base::ns(10);
  void describe(describe::visitor& v);
};

struct event_queue_params {
  std::uint32_t log2_entries = 7;
  std::uint32_t pending = 8;
  std::uint32_t stalls = 16;
  bool merge = false;
  void describe(describe::visitor& v);
};

struct pri_queue_params {
  std::uint32_t log2_entries = 7;
  std::uint32_t pending = 16;
  void describe(describe::visitor& v);
};

struct ats_params {
  std::uint32_t itags = 32;
  std::uint32_t outstanding = 256;
  base::duration timeout = base::us(1'000'000);
  void describe(describe::visitor& v);
};

struct broadcast_params {
  base::duration latency = base::ns(50);
  std::uint32_t pending = 32;
  void describe(describe::visitor& v);
};

struct control_params {
  base::duration transition = base::ns(100);
  void describe(describe::visitor& v);
};

}  // namespace svasim::smmu
