// The SMMU's own interrupts (IHI 0070 3.18, 6.3): of the event queue, the PRI queue and GERROR.
// Each is sent as a message (MSI) to the address in its IRQ_CFG registers, or over a wire where
// that is zero or IDR0.MSI clear, provided that IRQ_CTRL enables it. Interrupts are edges; one that
// comes while the message of the one before is being written is sent after it, several as one.
//
// A message that ends in an external abort raises its MSI_*_ABT error. CMD_SYNC has its own message
// (command_ring.h).
//
// Leaves out: attributes of the messages.
#pragma once

#include <tlm_utils/simple_initiator_socket.h>
#include <array>
#include <functional>
#include <tlm>

#include "arch/registers.h"
#include "stats/counter.h"
#include "tlm/smmu/gerror.h"
#include "tlm/smmu/queue_memory.h"

namespace svasim::smmu {

/// Bit numbers of IRQ_CTRL.
enum class interrupt : std::uint8_t { gerror = 0, priq = 1, eventq = 2 };

struct interrupts_stats : stats::group {
  explicit interrupts_stats(stats::group* parent) : group(parent, "interrupts") {}
  stats::counter messages{this, "messages", "interrupts", "Interrupts sent as a message."};
  stats::counter wired{this, "wired", "interrupts", "Interrupts sent over a wire."};
  stats::counter coalesced{this, "coalesced", "interrupts",
                           "Interrupts sent together with an earlier one."};
  stats::counter disabled{this, "disabled", "interrupts", "Interrupts that IRQ_CTRL disables."};
};

class interrupts final : public sc_core::sc_module {
 public:
  /// `regs` and `errors` must outlive the module, which makes GERROR raise its interrupt.
  interrupts(sc_core::sc_module_name name, const arch::register_view& regs, gerror& errors,
             stats::group* parent);

  tlm_utils::simple_initiator_socket<interrupts> to_memory;

  void raise(interrupt i);
  /// IRQ_CTRL; acknowledged at once.
  void write_control(std::uint32_t value) { m_control = value & 7; }
  std::uint32_t control() const { return m_control; }
  /// IRQ_CFG0 (address [55:2]) and IRQ_CFG1 (data); only while the interrupt is disabled.
  void set_message(interrupt i, std::uint64_t address, std::uint32_t data);
  std::uint64_t message_address(interrupt i) const { return of(i).address; }
  std::uint32_t message_data(interrupt i) const { return of(i).data; }
  bool enabled(interrupt i) const { return (m_control >> static_cast<unsigned>(i) & 1) != 0; }
  /// An edge on a wire.
  std::function<void(interrupt)> on_wire;

 private:
  struct line {
    std::uint64_t address = 0;
    std::uint32_t data = 0;
    bool pending = false;
  };
  line& of(interrupt i) { return m_lines[static_cast<std::size_t>(i)]; }
  const line& of(interrupt i) const { return m_lines[static_cast<std::size_t>(i)]; }
  void run();

  const arch::register_view& m_regs;
  gerror& m_errors;
  interrupts_stats m_stats;
  queue_memory m_memory;
  sc_core::sc_event m_work;
  std::uint32_t m_control = 0;
  std::array<line, 3> m_lines;
};

}  // namespace svasim::smmu
