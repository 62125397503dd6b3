#include "tlm/software/queue_threads.h"

#include "tlm/kit/time.h"

namespace svasim::software {

queue_thread::queue_thread(const char* name, const kernel_costs& costs, const smmu_ring& ring,
                           kit::machine& on, kit::actor who, unsigned cpu,
                           std::function<void(kit::task&, const std::uint64_t*)> serve,
                           std::function<void(kit::task&)> on_overflow, stats::group* parent)
    : m_costs(costs),
      m_ring(ring),
      m_serve(std::move(serve)),
      m_on_overflow(std::move(on_overflow)),
      m_stats(parent, name),
      m_work(sc_core::sc_gen_unique_name(name)) {
  kit::task_options o;
  o.name = name;
  o.who = who;
  o.priority = kit::priority::realtime;
  on.spawn(o, [this](kit::task& t) { run(t); });
  m_interrupt =
      on.add_interrupt((std::string(name) + "_irq").c_str(), who, cpu, [this](kit::task&) {
        m_woken_at = kit::now();
        m_work.raise();
      });
}

void queue_thread::run(kit::task& t) {
  for (;;) {
    t.sleep(m_work);
    m_stats.interrupts += 1;
    drain(t);
  }
}

// An overflow that comes while the last entry is served must be acknowledged too: until it is, the
// SMMU writes nothing, and interrupts nobody.
void queue_thread::drain(kit::task& t) {
  const std::uint32_t mask = 2 * m_ring.entries - 1;
  for (;;) {
    const std::uint32_t prod = t.read_register(m_ring.prod);
    const bool overflow = ((prod >> 31) != 0) != m_acknowledged;
    if ((prod & mask) == m_cons && !overflow) return;
    while ((prod & mask) != m_cons) serve_entry(t);
    if (overflow) {
      m_acknowledged = !m_acknowledged;
      m_stats.overflows += 1;
      if (m_on_overflow) m_on_overflow(t);
    }
    t.write_register(m_ring.cons, m_cons | (m_acknowledged ? 1u << 31 : 0u));
  }
}

void queue_thread::serve_entry(kit::task& t) {
  std::uint64_t words[4] = {};
  const std::uint64_t slot = m_cons & (m_ring.entries - 1);
  t.read(m_ring.base + slot * m_ring.entry_bytes, words, m_ring.entry_bytes);
  t.compute(m_costs.fault_decode);
  m_cons = (m_cons + 1) & (2 * m_ring.entries - 1);
  m_stats.entries += 1;
  m_serve(t, words);
}

}  // namespace svasim::software
