#include "tlm/smmu/interrupts.h"

#include "base/bits.h"

namespace svasim::smmu {

namespace {
constexpr std::uint64_t address_mask = base::low_mask(56) & ~base::low_mask(2);

global_error abort_of(interrupt i) {
  switch (i) {
    case interrupt::gerror:
      return global_error::msi_gerror_abort;
    case interrupt::priq:
      return global_error::msi_priq_abort;
    case interrupt::eventq:
      break;
  }
  return global_error::msi_eventq_abort;
}
}  // namespace

interrupts::interrupts(sc_core::sc_module_name name, const arch::register_view& regs,
                       gerror& errors, stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      m_regs(regs),
      m_errors(errors),
      m_stats(parent),
      m_work("work") {
  errors.on_raised = [this] { raise(interrupt::gerror); };
  SC_HAS_PROCESS(interrupts);
  SC_THREAD(run);
}

void interrupts::set_message(interrupt i, std::uint64_t address, std::uint32_t data) {
  if (enabled(i)) return;
  of(i).address = address & address_mask;
  of(i).data = data;
}

void interrupts::raise(interrupt i) {
  if (!enabled(i)) {
    m_stats.disabled += 1;
    return;
  }
  line& l = of(i);
  if (!m_regs.caps.msi || l.address == 0) {
    m_stats.wired += 1;
    if (on_wire) on_wire(i);
    return;
  }
  if (l.pending) m_stats.coalesced += 1;
  l.pending = true;
  m_work.notify(sc_core::SC_ZERO_TIME);
}

void interrupts::run() {
  for (;;) {
    bool sent = false;
    for (const interrupt i : {interrupt::gerror, interrupt::priq, interrupt::eventq}) {
      line& l = of(i);
      if (!l.pending) continue;
      l.pending = false;
      sent = true;
      m_stats.messages += 1;
      const std::uint32_t data = l.data;
      if (!m_memory.write(to_memory, base::pa(l.address), &data, sizeof data)) {
        m_errors.raise(abort_of(i));
      }
    }
    if (!sent) sc_core::wait(m_work);
  }
}

}  // namespace svasim::smmu
