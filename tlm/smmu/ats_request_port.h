// Where the ATS Translation Requests of a root complex reach the TCU (Arm IHI 0070 3.9, 13.6; the
// DTI-ATS link of MMU-600/700): past the TBUs, with slots of their own. The answer is an
// arch::ats_completion in the place that the requester gives.
//
// A request for several translations (8 bytes each; PCIe 10.2.2) has one slot and asks for them one
// after the other, each behind the range of the one before, with completions side by side. They are
// of one size; the first that differs, or grants nothing, ends them (pcie-ats-pri.md 2.2).
//
// A request beyond the slots waits outside. Leaves out: several translations of a request under way
// at a time; invalidations and page requests are the ats_port's matter.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>
#include <vector>

#include "arch/translation.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/delay_line.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/kit/payload_pool.h"

namespace svasim::smmu {

struct ats_request_stats : stats::group {
  explicit ats_request_stats(stats::group* parent) : group(parent, "ats_requests") {}
  stats::counter requests{this, "requests", "requests", "Translation Requests taken."};
  stats::counter refused{this, "refused", "requests", "Stops for want of a slot."};
  stats::occupancy slots{this, "slots", "slots", "Translation Requests under way."};
};

class ats_request_port final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;

  /// `slots`: requests under way; `dti_latency`: to the TCU, one way.
  ats_request_port(sc_core::sc_module_name name, std::uint32_t slots, base::duration dti_latency,
                   stats::group* parent);

  /// Payloads with dma_extension::completion; read or write command as NW is 1 or 0.
  tlm_utils::passthrough_target_socket<ats_request_port> from_root_complex;
  tlm_utils::simple_initiator_socket<ats_request_port> to_tcu;

  const ats_request_stats& statistics() const { return m_stats; }

 private:
  struct slot {
    payload* origin = nullptr;
    payload* request = nullptr;
    arch::translation_result result;
    std::uint32_t asked = 1;  // translations
    std::uint32_t done = 0;
  };

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum translated(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void take(payload& p, base::duration at);
  void ask(std::uint32_t index, base::duration at);
  bool goes_on(slot& s) const;
  void answers();
  void retry_refused();

  const base::duration m_dti_latency;
  ats_request_stats m_stats;
  std::vector<slot> m_slots;
  std::vector<std::uint32_t> m_free;
  payload* m_refused = nullptr;  // waits outside
  kit::payload_pool m_pool;
  kit::delay_line<std::uint32_t> m_answers;
};

}  // namespace svasim::smmu
