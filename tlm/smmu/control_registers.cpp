#include "tlm/smmu/control_registers.h"

#include "tlm/kit/time.h"

namespace svasim::smmu {

using kit::to_sc;

namespace {
constexpr std::uint32_t smmuen = 1u << 0;
constexpr std::uint32_t cmdqen = 1u << 3;
constexpr std::uint32_t atschk = 1u << 4;
constexpr std::uint32_t vmw = 7u << 6;
constexpr std::uint32_t cr0_fields = smmuen | 1u << 1 | 1u << 2 | cmdqen | atschk | vmw;
constexpr std::uint32_t seen_by_translations = smmuen | atschk | vmw;
constexpr std::uint32_t gbpa_update = 1u << 31;
}  // namespace

control_registers::control_registers(sc_core::sc_module_name name, const control_params& params,
                                     const arch::registers& reset)
    : sc_module(name),
      m_params(params),
      m_words(reset),
      m_view(reset),
      m_written("written"),
      m_quiet("quiet"),
      m_cr0(reset.cr0),
      m_cr0ack(reset.cr0) {
  SC_HAS_PROCESS(control_registers);
  SC_THREAD(run);
}

void control_registers::write_cr0(std::uint32_t value) {
  m_cr0 = value & cr0_fields;
  m_written.notify(sc_core::SC_ZERO_TIME);
}

void control_registers::write_gbpa(std::uint32_t value) {
  if ((value & gbpa_update) == 0) return;
  m_gbpa = value & ~gbpa_update;
  m_gbpa_update = true;
  m_written.notify(sc_core::SC_ZERO_TIME);
}

bool control_registers::write_cr2(std::uint32_t value) {
  if (!disabled()) return false;
  m_words.cr2 = value & 0xf;
  decode();
  return true;
}

bool control_registers::write_strtab_base(std::uint64_t value) {
  if (!disabled()) return false;
  m_words.strtab_base = value;
  decode();
  return true;
}

bool control_registers::write_strtab_base_cfg(std::uint32_t value) {
  if (!disabled()) return false;
  m_words.strtab_base_cfg = value;
  decode();
  return true;
}

void control_registers::decode() {
  m_view = arch::register_view(m_words);
  if (on_change) on_change();
}

void control_registers::run() {
  for (;;) {
    while (m_cr0 == m_cr0ack && !m_gbpa_update) sc_core::wait(m_written);
    sc_core::wait(to_sc(m_params.transition));
    take_over();
  }
}

void control_registers::take_over() {
  const auto in_use = [this] {
    const bool seen = m_gbpa_update || ((m_cr0 ^ m_words.cr0) & seen_by_translations) != 0;
    return seen && translating && translating();
  };
  while (in_use()) sc_core::wait(to_sc(kit::later(m_params.transition, base::ns(1))));
  const std::uint32_t cr0 = m_cr0;
  m_words.cr0 = cr0;
  if (m_gbpa_update) m_words.gbpa = m_gbpa;
  m_gbpa_update = false;
  decode();
  if ((cr0 & cmdqen) == 0) {
    while (commands_quiet && !commands_quiet()) sc_core::wait(m_quiet);
  }
  m_cr0ack = cr0;
}

}  // namespace svasim::smmu
