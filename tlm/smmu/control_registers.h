// The registers that say what the SMMU does (IHI 0070 6.3): identification, CR0 to CR2, GBPA and
// the stream table. What is written to CR0 and GBPA takes effect a transition later, which CR0ACK
// and GBPA.UPDATE tell: fields that translations depend on when none is under way, CMDQEN when the
// command queue has stopped. Everything else may be written while SMMUEN is clear only, and takes
// effect at once.
//
// The decoded view is one object for all that read it, and changes only here.
//
// Leaves out: VATOS, ATOS and the Secure registers. TLBs keep their entries when SMMUEN changes, as
// dropping them is software's to do.
#pragma once

#include <functional>
#include <systemc>

#include "arch/registers.h"
#include "tlm/smmu/queue_params.h"

namespace svasim::smmu {

class control_registers final : public sc_core::sc_module {
 public:
  /// `reset`: the words before software writes any.
  control_registers(sc_core::sc_module_name name, const control_params& params,
                    const arch::registers& reset);

  const arch::register_view& view() const { return m_view; }
  const arch::registers& words() const { return m_words; }

  void write_cr0(std::uint32_t value);
  std::uint32_t cr0() const { return m_cr0; }
  std::uint32_t cr0ack() const { return m_cr0ack; }
  /// GBPA counts only with UPDATE[31], which reads as one until it has taken effect.
  void write_gbpa(std::uint32_t value);
  std::uint32_t gbpa() const { return m_words.gbpa | (m_gbpa_update ? 1u << 31 : 0u); }
  void write_cr1(std::uint32_t value) { m_cr1 = value & 0xfff; }
  std::uint32_t cr1() const { return m_cr1; }
  // False, without effect, while SMMUEN is set or about to be.
  [[nodiscard]] bool write_cr2(std::uint32_t value);
  [[nodiscard]] bool write_strtab_base(std::uint64_t value);
  [[nodiscard]] bool write_strtab_base_cfg(std::uint32_t value);

  /// Called when the view has changed.
  std::function<void()> on_change;
  /// Are translations under way?
  std::function<bool()> translating;
  /// Has the command queue stopped? Whoever answers calls stopped() when it has.
  std::function<bool()> commands_quiet;
  void stopped() { m_quiet.notify(sc_core::SC_ZERO_TIME); }

 private:
  void run();
  void take_over();
  void decode();
  bool disabled() const { return ((m_cr0 | m_words.cr0) & 1) == 0; }

  const control_params m_params;
  arch::registers m_words;
  arch::register_view m_view;
  sc_core::sc_event m_written;
  sc_core::sc_event m_quiet;
  std::uint32_t m_cr0 = 0;  // as written
  std::uint32_t m_cr1 = 0;
  std::uint32_t m_cr0ack = 0;
  std::uint32_t m_gbpa = 0;  // as written
  bool m_gbpa_update = false;
};

}  // namespace svasim::smmu
