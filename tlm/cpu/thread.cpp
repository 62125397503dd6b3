#include <algorithm>
#include <stdexcept>
#include <utility>

#include "tlm/cpu/scheduler.h"
#include "tlm/kit/time.h"

namespace svasim::cpu {

using base::duration;

thread::thread(scheduler& owner, const kit::task_options& options, level l)
    : m_scheduler(owner),
      m_options(options),
      m_level(l),
      m_pinned(options.cpu.has_value()),
      m_who(options.who),
      m_granted(sc_core::sc_gen_unique_name("granted")),
      m_slice_left(owner.scheduling().time_slice) {}

bool thread::on_processor() const {
  return m_processor != nullptr && m_processor->current() == this;
}

void thread::wait_for_grant() {
  while (!on_processor()) sc_core::wait(m_granted);
  m_processor->source().enter();
}

// Debts are used like any other work, so that an interrupt need not wait for them.
void thread::acquire() {
  for (;;) {
    if (!on_processor()) {
      if (!m_queued) {
        m_queued = true;
        m_scheduler.place(*this).enqueue(*this);
      }
      wait_for_grant();
    }
    m_overdue = m_overdue || m_slice_left == duration();
    const bool slice_over = m_overdue && m_masked == 0;
    const bool round_robin = m_level == level::normal || m_level == level::background;
    const bool equals_wait = slice_over && round_robin && m_processor->has_ready(m_level);
    if ((m_processor->wanted() && m_masked == 0) || equals_wait) {
      m_overdue = m_overdue && !equals_wait;
      m_processor->yield(*this, equals_wait);
      continue;
    }
    if (slice_over) m_overdue = false;
    if (m_slice_left == duration()) m_slice_left = m_scheduler.scheduling().time_slice;
    if (m_debt == duration()) return;
    const duration chunk = std::min(m_debt, m_slice_left);
    const duration used = chunk - m_processor->source().use(chunk, m_who);
    m_debt -= used;
    m_slice_left -= used;
  }
}

duration thread::run(duration cost, kit::actor who, const bool* stop) {
  acquire();
  while (cost != duration() && (stop == nullptr || !*stop)) {
    const duration chunk = std::min(cost, m_slice_left);
    const duration used = chunk - m_processor->source().use(chunk, who);
    cost -= used;
    m_slice_left -= used;
    // Whose work is done may say so before it makes room.
    if (cost != duration()) acquire();
  }
  return cost;
}

void thread::poke() {
  if (on_processor()) m_processor->source().poke();
}

void thread::compute(duration cost) {
  run(cost, m_who);
}

void thread::hold(duration cost) {
  if (cost == duration()) return;
  m_processor->source().hold(cost, m_who);
  spent(cost);
}

void thread::spent(duration cost) {
  m_slice_left -= std::min(cost, m_slice_left);
}

void thread::leave() {
  if (!m_queued) return;
  if (!on_processor()) wait_for_grant();
  m_queued = false;
  m_processor->release(*this);
}

std::uint64_t thread::sleep(kit::wakeup& w) {
  if (m_level == level::interrupt) {
    throw std::logic_error(name() + ": an interrupt handler may not sleep");
  }
  if (m_masked != 0) throw std::logic_error(name() + ": sleeps with interrupts off");
  acquire();
  if (w.pending()) return w.take();
  leave();
  while (!w.pending()) sc_core::wait(w.event());
  m_scheduler.m_scheduler_stats.wakeups += 1;
  const scheduling_params& costs = m_scheduler.scheduling();
  if (costs.thread_wake != duration()) sc_core::wait(kit::to_sc(costs.thread_wake));
  m_debt += costs.thread_wake_cost;
  acquire();
  return w.take();
}

void thread::read(std::uint64_t address, void* data, std::uint32_t n) {
  acquire();
  m_scheduler.access(*this, false, address, data, n);
}

// What is written is not changed: one function serves both directions.
void thread::write(std::uint64_t address, const void* data, std::uint32_t n) {
  acquire();
  m_scheduler.access(*this, true, address, const_cast<void*>(data), n);
}

std::uint32_t thread::read_register(std::uint64_t address) {
  acquire();
  return m_scheduler.device_access(*this, false, address, 0);
}

void thread::write_register(std::uint64_t address, std::uint32_t value) {
  acquire();
  m_scheduler.device_access(*this, true, address, value);
}

}  // namespace svasim::cpu
