// Which device a register access of a CPU goes to: ranges of addresses, each with a target that
// sees offsets. Takes no time of its own, that is the CPU's. Leaves out: accesses across ranges.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <tlm>
#include <vector>

namespace svasim::platforms {

class register_bus final : public sc_core::sc_module {
 public:
  using transport = std::function<void(tlm::tlm_generic_payload&, sc_core::sc_time&)>;

  /// `cpus`: sockets for clusters; `modules`: for targets that are modules.
  register_bus(sc_core::sc_module_name name, unsigned cpus, unsigned modules);
  sc_core::sc_vector<tlm_utils::passthrough_target_socket<register_bus>> from_cpu;
  sc_core::sc_vector<tlm_utils::simple_initiator_socket<register_bus>> to_modules;

  /// Accesses to [base, base + bytes) go to `to`, with the offset as their address.
  void add(std::uint64_t base, std::uint64_t bytes, transport to);
  /// The same through to_modules[module].
  void add(std::uint64_t base, std::uint64_t bytes, unsigned module);

 private:
  struct range {
    std::uint64_t base, bytes;
    transport to;
  };
  void access(tlm::tlm_generic_payload& p, sc_core::sc_time& t);
  std::vector<range> m_ranges;
};

}  // namespace svasim::platforms
