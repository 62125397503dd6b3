#include "tlm/software/process.h"

#include <algorithm>

#include "base/bits.h"
#include "tlm/kit/time.h"

namespace svasim::software {

namespace {
constexpr unsigned page_shift = 12;
constexpr std::uint64_t page_bytes = 1ull << page_shift;
constexpr std::uint64_t first_buffer = 0x1000'0000'0000;  // where mmap puts them
}  // namespace

void process_params::describe(describe::visitor& v) {
  v.field("submit", submit, base::ns(0), base::us(100),
          "Processor time to write a work descriptor and ring the device.", "A: assumed");
  v.field("complete", complete, base::ns(0), base::us(100),
          "Processor time to take a completion, after the thread was woken.", "A: assumed");
}

process::process(const process_params& params, const mm_costs& costs, const trace::sva_plan& plan,
                 std::uint32_t number, const wiring& w, stats::group* parent, const char* name)
    : m_params(params),
      m_costs(costs),
      m_plan(plan),
      m_number(number),
      m_wiring(w),
      m_stats(parent, name),
      m_rng(plan.seed * 1000003 + number),
      m_progress(sc_core::sc_gen_unique_name("process_progress")),
      m_sent_at(plan.queue_depth) {
  kit::task_options o;
  o.name = name;
  o.who = w.who;
  w.machine->spawn(o, [this](kit::task& t) { run(t); });
  // What is pinned for a device stays; nobody takes it away.
  if (plan.storm_pages == 0 || w.mapping != nullptr) return;
  o.name += "_storm";
  w.machine->spawn(o, [this](kit::task& t) { storm(t); });
}

std::uint64_t process::pages() const {
  return base::divide_up(m_plan.buffer.value(), page_bytes);
}

std::uint64_t process::buffer_at(std::uint32_t buffer) const {
  return first_buffer + (std::uint64_t{m_number} << 34) + buffer * pages() * page_bytes;
}

void process::run(kit::task& t) {
  for (std::uint32_t b = 0; b < m_plan.buffers; ++b) {
    const std::uint64_t first = buffer_at(b);
    prepare(t, first);
    m_current = first;
    m_working = true;
    work(t, first);
    m_working = false;
    if (m_plan.end == trace::buffer_end::each || m_wiring.mapping != nullptr) give_back(t, first);
  }
  if (m_plan.end == trace::buffer_end::all_at_end && m_wiring.mapping == nullptr) {
    for (std::uint32_t b = 0; b < m_plan.buffers; ++b) give_back(t, buffer_at(b));
  }
  m_finished = true;
  if (m_wiring.on_finished) m_wiring.on_finished();
}

// A buffer whose pages are as the plan has them before the device comes.
void process::prepare(kit::task& t, std::uint64_t first) {
  process_memory& mm = *m_wiring.memory;
  mm.declare(t, first, pages());
  for (std::uint64_t i = 0; i < pages(); ++i) {
    const std::uint64_t at = first + i * page_bytes;
    if (!m_wiring.first_touch) {
      mm.prefill(at);
    } else if (m_rng.chance(m_plan.touched_percent, 100)) {
      mm.touch(t, at);
    } else if (m_rng.chance(m_plan.cow_percent, 100)) {
      mm.set_kind(at, page_kind::copy_on_write);
    } else if (m_rng.chance(m_plan.swapped_percent, 100)) {
      mm.set_kind(at, page_kind::swapped);
    }
  }
  if (m_wiring.mapping == nullptr) return;
  for (std::uint64_t i = 0; i < pages(); ++i) {
    mm.touch(t, first + i * page_bytes);
    t.compute(m_costs.pin_page);
  }
  m_wiring.mapping->map(t, mm, first, pages());
}

void process::work(kit::task& t, std::uint64_t first) {
  for (std::uint32_t m = 0; m < m_plan.messages; ++m) {
    wait_until(t, m_plan.queue_depth - 1);
    if (m_plan.fork_after != 0 && m_since_fork == m_plan.fork_after) {
      m_since_fork = 0;
      m_wiring.memory->fork(t);
    }
    send(t, first);
  }
  wait_until(t, 0);
}

void process::send(kit::task& t, std::uint64_t first) {
  t.compute(m_params.submit);
  const message m{m_wiring.memory->who().pasid, first, m_plan.buffer, m_sent};
  while (!m_wiring.submit(m)) {
    m_wants_room = true;
    t.sleep(m_progress);
  }
  m_wants_room = false;
  m_sent_at[m_sent % m_sent_at.size()] = kit::now();
  ++m_sent;
  ++m_since_fork;
  ++m_in_flight;
}

void process::wait_until(kit::task& t, std::uint32_t at_most) {
  while (m_in_flight > at_most) {
    t.sleep(m_progress);
    t.compute(m_params.complete);
  }
}

void process::done(std::uint32_t index, bool good) {
  --m_in_flight;
  m_stats.messages += 1;
  if (!good) m_stats.failed += 1;
  m_stats.message_time.add(kit::now() - m_sent_at[index % m_sent_at.size()]);
  m_progress.raise();
}

void process::give_back(kit::task& t, std::uint64_t first) {
  const base::duration begun = kit::now();
  if (m_wiring.mapping != nullptr) {
    m_wiring.mapping->unmap(t, *m_wiring.memory, first, pages());
    m_stats.unmap_time.add(kit::now() - begun);
    m_wiring.memory->unmap(t, first, pages());
    return;
  }
  m_wiring.memory->unmap(t, first, pages());
  m_stats.unmap_time.add(kit::now() - begun);
}

// Takes pages away from under the device, again and again, as long as there is work.
void process::storm(kit::task& t) {
  while (!m_finished) {
    m_pause.wait(t, m_plan.storm_interval);
    if (!m_working) continue;
    const std::uint64_t n = std::min<std::uint64_t>(m_plan.storm_pages, pages());
    const std::uint64_t at = m_rng.below(pages() - n + 1);
    m_wiring.memory->discard(t, m_current + at * page_bytes, n);
  }
}

}  // namespace svasim::software
