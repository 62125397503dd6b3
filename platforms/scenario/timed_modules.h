// What surrounds the SMMU of a timed scenario: memory, a device, software.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <functional>
#include <optional>
#include <tlm>

#include "arch/command.h"
#include "arch/event.h"
#include "platforms/scenario/answer.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"

namespace svasim::scenario {

/// One port of the memory of a scenario. Every access takes `latency`; one with a byte outside
/// `ram` ends in an error, as an external abort does.
class memory_port final : public sc_core::sc_module {
 public:
  static constexpr base::duration latency = base::ns(100);

  /// `s` must outlive it.
  memory_port(sc_core::sc_module_name name, scenario& s);

  tlm_utils::passthrough_target_socket<memory_port> socket;
  /// Sees the address of each access.
  std::function<void(base::pa)> on_access;

 private:
  using payload = tlm::tlm_generic_payload;
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void access(payload& p, sc_core::sc_time& t);

  scenario& m_scenario;
};

/// A device that makes one 4-byte access at a time.
class single_device final : public sc_core::sc_module {
 public:
  explicit single_device(sc_core::sc_module_name name);

  tlm_utils::simple_initiator_socket<single_device> socket;

  /// Send one access; is_done() tells when it is answered, release() ends it.
  void send(const arch::access_request& a);
  bool is_done() const { return m_done; }
  void release();

 private:
  using payload = tlm::tlm_generic_payload;
  tlm::tlm_sync_enum response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);

  kit::payload_pool m_pool;
  payload* m_request = nullptr;
  bool m_done = false;
};

/// Software that works the queues through memory and the registers; it takes no time.
class queue_software final : public sc_core::sc_module {
 public:
  queue_software(sc_core::sc_module_name name, const queue_base& commands,
                 const queue_base& events);

  tlm_utils::simple_initiator_socket<queue_software> to_memory;
  tlm_utils::simple_initiator_socket<queue_software> to_registers;

  /// Write a command into the queue and move CMDQ_PROD on.
  void issue(const arch::command_words& command);
  /// What has become of it, when nothing moves any more. Clears the way for the next command.
  command_answer finish();
  /// Takes the oldest event out of the queue, if there is one.
  std::optional<arch::event> take_event();

 private:
  std::uint32_t read_register(std::uint64_t offset);
  void write_register(std::uint64_t offset, std::uint32_t value);
  void transport(tlm_utils::simple_initiator_socket<queue_software>& to, tlm::tlm_command command,
                 std::uint64_t address, void* data, std::uint32_t n);
  void write_entry(const arch::command_words& command, std::uint32_t index);

  const queue_base m_commands, m_events;
  kit::payload_pool m_pool;
  std::uint32_t m_prod = 0;
  std::uint32_t m_event_cons = 0;
};

}  // namespace svasim::scenario
