// The registers that software sets up: identification, control, bases, interrupts, ECMDQs.
#include <algorithm>

#include "base/bits.h"
#include "tlm/smmu/control_registers.h"
#include "tlm/smmu/ecmdq.h"
#include "tlm/smmu/interrupts.h"
#include "tlm/smmu/pri_queue.h"
#include "tlm/smmu/register_page.h"

namespace svasim::smmu {

using base::bits;

// --- identification and control -----------------------------------------------------------------

bool register_page::read_control(reg r, std::uint32_t& value) const {
  if (m_control == nullptr) return false;
  const arch::registers& words = m_control->words();
  switch (r) {
    case reg::idr0:
      return value = words.idr0, true;
    case reg::idr1:
      return value = words.idr1, true;
    case reg::idr3:
      return value = words.idr3, true;
    case reg::idr5:
      return value = words.idr5, true;
    case reg::idr2:
    case reg::idr4:
    case reg::iidr:
    case reg::aidr:
      return value = 0, true;
    case reg::idr6: {  // one page of 2^LOG2NUMQ[19:16] queues
      unsigned log2 = 0;
      while (1u << log2 < m_ecmdqs.size()) ++log2;
      return value = log2 << 16, true;
    }
    case reg::cr0:
      return value = m_control->cr0(), true;
    case reg::cr0ack:
      return value = m_control->cr0ack(), true;
    case reg::cr1:
      return value = m_control->cr1(), true;
    case reg::cr2:
      return value = words.cr2, true;
    case reg::gbpa:
      return value = m_control->gbpa(), true;
    case reg::strtab_base_cfg:
      return value = words.strtab_base_cfg, true;
    default:
      return false;
  }
}

bool register_page::write_control(reg r, std::uint32_t value) {
  if (m_control == nullptr) return false;
  switch (r) {
    case reg::cr0:
      return m_control->write_cr0(value), true;
    case reg::cr1:
      return m_control->write_cr1(value), true;
    case reg::cr2:
      return m_control->write_cr2(value);
    case reg::gbpa:
      return m_control->write_gbpa(value), true;
    case reg::strtab_base_cfg:
      return m_control->write_strtab_base_cfg(value);
    default:
      return false;
  }
}

// --- bases --------------------------------------------------------------------------------------

namespace {
constexpr std::uint64_t address_mask = base::low_mask(56) & ~base::low_mask(5);

template <class Queue>
std::uint64_t base_word(const Queue& q) {
  return (q.base().value() & address_mask) | base::log2_floor(q.entries());
}

template <class Queue>
void place(Queue& q, std::uint64_t word, unsigned largest_log2) {
  q.place(base::pa(word & address_mask),
          std::min(static_cast<unsigned>(bits(word, 4, 0)), largest_log2));
}
}  // namespace

bool register_page::read_base(std::uint32_t offset, std::uint64_t& value) const {
  if (m_control == nullptr) return false;
  switch (static_cast<reg>(offset)) {
    case reg::strtab_base:
      return value = m_control->words().strtab_base, true;
    case reg::cmdq_base:
      return value = base_word(m_commands), true;
    case reg::eventq_base:
      return value = base_word(m_events), true;
    case reg::priq_base:
      return m_pages != nullptr && (value = base_word(*m_pages), true);
    case reg::cmdq_control_page_base0:  // ADDR[51:12], NUMQ - 1 [8:1], PRESET[0]
      if (m_ecmdqs.empty()) return false;
      value = static_cast<std::uint64_t>(reg::ecmdq0) | (m_ecmdqs.size() - 1) << 1 | 1;
      return true;
    default:
      return false;
  }
}

bool register_page::write_base(std::uint32_t offset, bool upper, std::uint32_t value) {
  std::uint64_t word = 0;
  if (!read_base(offset, word)) return false;
  word = upper ? (word & base::low_mask(32)) | std::uint64_t{value} << 32
               : (word & ~base::low_mask(32)) | value;
  const arch::idr& caps = m_control->view().caps;
  switch (static_cast<reg>(offset)) {
    case reg::strtab_base:
      return m_control->write_strtab_base(word);
    case reg::cmdq_base:
      if (!writable(1u << 3)) return false;
      return place(m_commands, word, caps.cmdq_bits), true;
    case reg::eventq_base:
      if (!writable(1u << 2)) return false;
      return place(m_events, word, caps.eventq_bits), true;
    case reg::priq_base:
      if (!writable(1u << 1)) return false;
      return place(*m_pages, word, caps.priq_bits), true;
    default:
      return false;
  }
}

// --- interrupts ---------------------------------------------------------------------------------

namespace {
/// The interrupt whose IRQ_CFG registers `offset` is in, and the word of it: 0 and 1 the address, 2
/// the data, 3 the attributes.
bool find_irq(std::uint32_t offset, interrupt& i, unsigned& word) {
  constexpr std::pair<reg, interrupt> firsts[] = {{reg::gerror_irq_cfg0, interrupt::gerror},
                                                  {reg::eventq_irq_cfg0, interrupt::eventq},
                                                  {reg::priq_irq_cfg0, interrupt::priq}};
  for (const auto& [first, which] : firsts) {
    const std::uint32_t from = offset - static_cast<std::uint32_t>(first);
    if (from >= 16) continue;
    i = which;
    word = from / 4;
    return true;
  }
  return false;
}
}  // namespace

bool register_page::read_irq(std::uint32_t offset, std::uint32_t& value) const {
  if (m_irqs == nullptr) return false;
  if (offset == static_cast<std::uint32_t>(reg::irq_ctrl) ||
      offset == static_cast<std::uint32_t>(reg::irq_ctrlack)) {
    return value = m_irqs->control(), true;
  }
  interrupt i{};
  unsigned word = 0;
  if (!find_irq(offset, i, word)) return false;
  const std::uint64_t address = m_irqs->message_address(i);
  const std::uint32_t words[] = {static_cast<std::uint32_t>(address),
                                 static_cast<std::uint32_t>(address >> 32), m_irqs->message_data(i),
                                 m_irq_cfg2[static_cast<std::size_t>(i)]};
  return value = words[word], true;
}

bool register_page::write_irq(std::uint32_t offset, std::uint32_t value) {
  if (m_irqs == nullptr) return false;
  if (offset == static_cast<std::uint32_t>(reg::irq_ctrl)) {
    return m_irqs->write_control(value), true;
  }
  interrupt i{};
  unsigned word = 0;
  if (!find_irq(offset, i, word) || m_irqs->enabled(i)) return false;
  const std::uint64_t address = m_irqs->message_address(i);
  const std::uint32_t data = m_irqs->message_data(i);
  if (word == 0) m_irqs->set_message(i, (address & ~base::low_mask(32)) | value, data);
  if (word == 1) {
    m_irqs->set_message(i, (address & base::low_mask(32)) | std::uint64_t{value} << 32, data);
  }
  if (word == 2) m_irqs->set_message(i, address, value);
  if (word == 3) {
    m_irq_cfg2[static_cast<std::size_t>(i)] = value;
    if (i == interrupt::priq && m_pages != nullptr)
      m_pages->interrupt_on_last(base::bit(value, 31));
  }
  return true;
}

// --- ECMDQs -------------------------------------------------------------------------------------

bool register_page::read_ecmdq(std::uint32_t offset, std::uint32_t& value) const {
  const std::uint32_t from = offset - static_cast<std::uint32_t>(reg::ecmdq0);
  if (from / 16 >= m_ecmdqs.size()) return false;
  const ecmdq& q = *m_ecmdqs[from / 16];
  const std::uint32_t words[] = {static_cast<std::uint32_t>(q.read_base()),
                                 static_cast<std::uint32_t>(q.read_base() >> 32), q.prod_register(),
                                 q.cons_register()};
  return value = words[from % 16 / 4], true;
}

bool register_page::write_ecmdq(std::uint32_t offset, std::uint32_t value) {
  const std::uint32_t from = offset - static_cast<std::uint32_t>(reg::ecmdq0);
  if (from / 16 >= m_ecmdqs.size()) return false;
  ecmdq& q = *m_ecmdqs[from / 16];
  const std::uint64_t word = q.read_base();
  switch (from % 16 / 4) {
    case 0:
      return q.write_base((word & ~base::low_mask(32)) | value);
    case 1:
      return q.write_base((word & base::low_mask(32)) | std::uint64_t{value} << 32);
    case 2:
      q.write_prod_register(value);
      return true;
    default:
      return q.write_cons_register(value);
  }
}

}  // namespace svasim::smmu
