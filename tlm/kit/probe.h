// A module spliced into a binding to watch it: it forwards every call unchanged and adds no time.
// The platform puts probes in only where a test or an option asks for them; without, the binding is
// direct.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <tlm>

#include "tlm/kit/time.h"

namespace svasim::kit {

class probe : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  explicit probe(sc_core::sc_module_name name);

  tlm_utils::passthrough_target_socket<probe> upstream;
  tlm_utils::simple_initiator_socket<probe> downstream;

 protected:
  virtual void before_fw(payload&, tlm::tlm_phase, duration) {}
  virtual void after_fw(payload&, tlm::tlm_phase, duration, tlm::tlm_sync_enum) {}
  virtual void before_bw(payload&, tlm::tlm_phase, duration) {}
  virtual void after_bw(payload&, tlm::tlm_phase, duration, tlm::tlm_sync_enum) {}
  virtual void before_b(payload&, duration) {}
  virtual void after_b(payload&, duration) {}

 private:
  tlm::tlm_sync_enum fw(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum bw(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void b(payload& p, sc_core::sc_time& t);
};

}  // namespace svasim::kit
