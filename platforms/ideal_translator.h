// In the place of the SMMU's data path: translates every request as the tables say, in no time.
// What a run with it takes is what is left when translation costs nothing. A request that has no
// translation is answered with an error.
//
// Leaves out: everything else an SMMU does; its queues are still there.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>

#include "arch/registers.h"
#include "base/sparse_memory.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::platforms {

class ideal_translator final : public sc_core::sc_module {
 public:
  /// Both must outlive the module.
  ideal_translator(sc_core::sc_module_name name, const arch::register_view& regs,
                   base::sparse_memory& memory);

  tlm_utils::passthrough_target_socket<ideal_translator> from_root_complex;
  tlm_utils::simple_initiator_socket<ideal_translator> to_interconnect;
  /// Never used: the TBU stays where commands reach it, without traffic.
  tlm_utils::simple_initiator_socket<ideal_translator> to_tbu;

 private:
  using payload = tlm::tlm_generic_payload;
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  const arch::register_view& m_regs;
  base::sparse_memory& m_memory;
};

}  // namespace svasim::platforms
