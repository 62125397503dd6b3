// The registers of the SMMU as software sees them (IHI 0070 6.1, 6.3), two pages of 64 KiB and
// behind them one of ECMDQ registers. Accesses are of 32 bits, or of 64 to a register of 64 bits,
// and take no time here; what an MMIO access costs belongs to the CPU that makes it.
//
// Queue indices, GERROR and its acknowledgement are always there, everything else where the module
// that has it is connected. An access to an offset without a register, a write of a register that
// software only reads, and one of a register that is not writable now (a queue that is enabled, the
// stream table under SMMUEN) have no effect and end in an address error.
//
// ECMDQs: queue n has BASE, PROD and CONS at 0x20000 + 16 n, which CMDQ_CONTROL_PAGE_BASE0 names;
// positions in IDR6 and CMDQ_CONTROL_PAGE_BASE are those Linux uses.
//
// Leaves out: ATOS, VATOS, MPAM, performance counters, Secure registers, AGBPA, STATUSR.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm>
#include <vector>

#include "tlm/smmu/command_queue.h"
#include "tlm/smmu/event_queue.h"

namespace svasim::smmu {

class control_registers;
class ecmdq;
class interrupts;
class pri_queue;
enum class interrupt : std::uint8_t;

/// Offsets. Of a register of 64 bits, the lower half.
enum class reg : std::uint32_t {
  idr0 = 0x00,
  idr1 = 0x04,
  idr2 = 0x08,
  idr3 = 0x0c,
  idr4 = 0x10,
  idr5 = 0x14,
  iidr = 0x18,
  aidr = 0x1c,
  cr0 = 0x20,
  cr0ack = 0x24,
  cr1 = 0x28,
  cr2 = 0x2c,
  gbpa = 0x44,
  irq_ctrl = 0x50,
  irq_ctrlack = 0x54,
  gerror = 0x60,
  gerrorn = 0x64,
  gerror_irq_cfg0 = 0x68,
  strtab_base = 0x80,
  strtab_base_cfg = 0x88,
  cmdq_base = 0x90,
  cmdq_prod = 0x98,
  cmdq_cons = 0x9c,
  eventq_base = 0xa0,
  eventq_irq_cfg0 = 0xb0,
  priq_base = 0xc0,
  priq_irq_cfg0 = 0xd0,
  idr6 = 0x190,
  cmdq_control_page_base0 = 0x4000,
  eventq_prod = 0x100a8,
  eventq_cons = 0x100ac,
  priq_prod = 0x100c8,
  priq_cons = 0x100cc,
  ecmdq0 = 0x20000,
};

class register_page final : public sc_core::sc_module {
 public:
  register_page(sc_core::sc_module_name name, command_queue& commands, event_queue& events,
                gerror& errors);

  tlm_utils::passthrough_target_socket<register_page> from_cpu;

  // Before time starts; each must outlive the module. At most 256 ECMDQs.
  /// Enable bits start and stop the queues, CMDQEN is acknowledged when the command queue stands.
  void connect(control_registers& control);
  /// Event and PRI queue interrupt through `irqs`.
  void connect(interrupts& irqs);
  void connect(pri_queue& pages);
  void connect(std::vector<ecmdq*> queues) { m_ecmdqs = std::move(queues); }

 private:
  void access(tlm::tlm_generic_payload& p, sc_core::sc_time& t);
  void connect_interrupts();
  // One 32-bit word at `offset`; false where it is refused.
  bool read(std::uint32_t offset, std::uint32_t& value) const;
  bool write(std::uint32_t offset, std::uint32_t value);
  bool read_control(reg r, std::uint32_t& value) const;
  bool write_control(reg r, std::uint32_t value);
  bool read_base(std::uint32_t offset, std::uint64_t& value) const;
  bool write_base(std::uint32_t offset, bool upper, std::uint32_t value);
  bool read_irq(std::uint32_t offset, std::uint32_t& value) const;
  bool write_irq(std::uint32_t offset, std::uint32_t value);
  bool read_ecmdq(std::uint32_t offset, std::uint32_t& value) const;
  bool write_ecmdq(std::uint32_t offset, std::uint32_t value);
  bool writable(std::uint32_t cr0_bit) const;

  command_queue& m_commands;
  event_queue& m_events;
  gerror& m_errors;
  control_registers* m_control = nullptr;
  interrupts* m_irqs = nullptr;
  pri_queue* m_pages = nullptr;
  std::vector<ecmdq*> m_ecmdqs;
  std::uint32_t m_irq_cfg2[3] = {0, 0, 0};  // by interrupt
};

}  // namespace svasim::smmu
