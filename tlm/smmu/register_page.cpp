#include "tlm/smmu/register_page.h"

#include <cstring>

#include "tlm/smmu/control_registers.h"
#include "tlm/smmu/interrupts.h"
#include "tlm/smmu/pri_queue.h"

namespace svasim::smmu {

register_page::register_page(sc_core::sc_module_name name, command_queue& commands,
                             event_queue& events, gerror& errors)
    : sc_module(name),
      from_cpu("from_cpu"),
      m_commands(commands),
      m_events(events),
      m_errors(errors) {
  from_cpu.register_b_transport(this, &register_page::access);
}

void register_page::connect(control_registers& control) {
  m_control = &control;
  control.on_change = [this] {
    m_commands.wake();
    m_events.wake();
  };
  control.commands_quiet = [this] { return m_commands.quiet(); };
  m_commands.on_quiet = [&control] { control.stopped(); };
}

void register_page::connect(interrupts& irqs) {
  m_irqs = &irqs;
  connect_interrupts();
}

void register_page::connect(pri_queue& pages) {
  m_pages = &pages;
  connect_interrupts();
}

void register_page::connect_interrupts() {
  if (m_irqs == nullptr) return;
  m_events.on_interrupt = [this] { m_irqs->raise(interrupt::eventq); };
  if (m_pages != nullptr) m_pages->on_interrupt = [this] { m_irqs->raise(interrupt::priq); };
}

namespace {

constexpr std::uint32_t last_offset = static_cast<std::uint32_t>(reg::ecmdq0) + 256 * 16 - 4;

bool is_wide(std::uint32_t offset) {
  if (offset >= static_cast<std::uint32_t>(reg::ecmdq0)) return offset % 16 == 0;
  switch (static_cast<reg>(offset)) {
    case reg::gerror_irq_cfg0:
    case reg::strtab_base:
    case reg::cmdq_base:
    case reg::eventq_base:
    case reg::eventq_irq_cfg0:
    case reg::priq_base:
    case reg::priq_irq_cfg0:
    case reg::cmdq_control_page_base0:
      return true;
    default:
      return false;
  }
}

}  // namespace

// An access of 64 bits is one of each half, the lower first.
void register_page::access(tlm::tlm_generic_payload& p, sc_core::sc_time&) {
  const std::uint32_t length = p.get_data_length();
  bool ok = p.get_address() % 4 == 0 && p.get_address() <= last_offset;
  const auto offset = static_cast<std::uint32_t>(p.get_address());
  ok = ok && (length == 4 || (length == 8 && is_wide(offset)));
  for (std::uint32_t at = 0; ok && at < length; at += 4) {
    std::uint32_t value = 0;
    if (p.is_write()) {
      std::memcpy(&value, p.get_data_ptr() + at, sizeof value);
      ok = write(offset + at, value);
    } else {
      ok = read(offset + at, value);
      std::memcpy(p.get_data_ptr() + at, &value, sizeof value);
    }
  }
  p.set_response_status(ok ? tlm::TLM_OK_RESPONSE : tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

bool register_page::read(std::uint32_t offset, std::uint32_t& value) const {
  if (offset >= static_cast<std::uint32_t>(reg::ecmdq0)) return read_ecmdq(offset, value);
  std::uint64_t base = 0;
  if (read_base(offset & ~4u, base)) {
    value = static_cast<std::uint32_t>((offset & 4) != 0 ? base >> 32 : base);
    return true;
  }
  switch (static_cast<reg>(offset)) {
    case reg::gerror:
      value = m_errors.value();
      return true;
    case reg::gerrorn:
      value = m_errors.acknowledged();
      return true;
    case reg::cmdq_prod:
      value = m_commands.prod();
      return true;
    case reg::cmdq_cons:
      value = m_commands.cons();
      return true;
    case reg::eventq_prod:
      value = m_events.prod();
      return true;
    case reg::eventq_cons:
      value = m_events.cons();
      return true;
    case reg::priq_prod:
    case reg::priq_cons:
      if (m_pages == nullptr) return false;
      value = static_cast<reg>(offset) == reg::priq_prod ? m_pages->prod() : m_pages->cons();
      return true;
    default:
      return read_irq(offset, value) || read_control(static_cast<reg>(offset), value);
  }
}

bool register_page::write(std::uint32_t offset, std::uint32_t value) {
  if (offset >= static_cast<std::uint32_t>(reg::ecmdq0)) return write_ecmdq(offset, value);
  switch (static_cast<reg>(offset)) {
    case reg::gerrorn:
      m_errors.acknowledge(value);
      return true;
    case reg::cmdq_prod:
      m_commands.write_prod(value);
      return true;
    case reg::cmdq_cons:
      if (!writable(1u << 3)) return false;
      m_commands.set_indices(m_commands.prod(), value);
      return true;
    case reg::eventq_prod:
      if (!writable(1u << 2)) return false;
      m_events.set_prod(value);
      return true;
    case reg::eventq_cons:
      m_events.write_cons(value);
      return true;
    case reg::priq_prod:
      if (m_pages == nullptr || !writable(1u << 1)) return false;
      m_pages->set_prod(value);
      return true;
    case reg::priq_cons:
      if (m_pages == nullptr) return false;
      m_pages->write_cons(value);
      return true;
    default:
      return write_base(offset & ~4u, (offset & 4) != 0, value) || write_irq(offset, value) ||
             write_control(static_cast<reg>(offset), value);
  }
}

// The enable bit is clear, as software wrote it and as CR0ACK says.
bool register_page::writable(std::uint32_t cr0_bit) const {
  return m_control != nullptr && ((m_control->cr0() | m_control->cr0ack()) & cr0_bit) == 0;
}

}  // namespace svasim::smmu
