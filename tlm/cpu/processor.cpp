#include "tlm/cpu/processor.h"

#include "tlm/cpu/scheduler.h"

namespace svasim::cpu {

using kit::now;

void run_queue::push_back(thread& t) {
  t.m_previous = m_last;
  t.m_next = nullptr;
  (m_last != nullptr ? m_last->m_next : m_first) = &t;
  m_last = &t;
}

void run_queue::push_front(thread& t) {
  t.m_previous = nullptr;
  t.m_next = m_first;
  (m_first != nullptr ? m_first->m_previous : m_last) = &t;
  m_first = &t;
}

void run_queue::remove(thread& t) {
  (t.m_previous != nullptr ? t.m_previous->m_next : m_first) = t.m_next;
  (t.m_next != nullptr ? t.m_next->m_previous : m_last) = t.m_previous;
}

processor::processor(scheduler& owner, unsigned index, time_source& source, stats::group* parent)
    : m_scheduler(owner),
      m_index(index),
      m_source(source),
      m_stats(parent, owner.processor_name() + std::to_string(index)) {}

void processor::add(thread& t, bool front) {
  t.m_processor = this;
  t.m_ready_since = now();
  if (front) {
    queue(t.m_level).push_front(t);
  } else {
    t.m_slice_left = m_scheduler.scheduling().time_slice;
    t.m_overdue = false;
    queue(t.m_level).push_back(t);
  }
  ++m_waiting;
  m_stats.waiting.change(now(), 1);
}

void processor::enqueue(thread& t) {
  add(t, false);
  if (m_current == nullptr) {
    if (m_source.start()) dispatch();
  } else if (t.m_level < m_current->m_level) {
    m_wanted = true;
    m_source.poke();
  }
}

void processor::take_out(thread& t) {
  queue(t.m_level).remove(t);
  --m_waiting;
  m_stats.waiting.change(now(), -1);
  m_stats.wait.add(now() - t.m_ready_since);
}

void processor::release(thread&) {
  m_current = nullptr;
  m_wanted = false;
  m_stats.busy.change(now(), -1);
  dispatch();
}

void processor::yield(thread& t, bool slice_over) {
  m_current = nullptr;
  m_wanted = false;
  m_stats.busy.change(now(), -1);
  (slice_over ? m_stats.slices : m_stats.preemptions) += 1;
  // A thread that makes room for another may go on at once elsewhere; interrupts are short.
  const bool moves = !t.m_pinned && !has_ready(level::interrupt);
  processor* elsewhere = moves ? m_scheduler.vacant() : nullptr;
  if (elsewhere != nullptr) {
    elsewhere->enqueue(t);
  } else {
    add(t, !slice_over);
  }
  dispatch();
}

void processor::dispatch() {
  if (m_current != nullptr) return;
  for (run_queue& q : m_queues) {
    if (!q.empty()) return grant(*q.front());
  }
  if (thread* other = m_scheduler.waits_elsewhere(*this)) {
    other->m_processor->take_out(*other);
    add(*other, false);
    return grant(*other);
  }
  m_source.stop();
}

void processor::grant(thread& t) {
  take_out(t);
  m_current = &t;
  m_stats.busy.change(now(), 1);
  if (t.m_level != level::interrupt && m_last != &t) {
    if (m_last != nullptr) {
      m_stats.switches += 1;
      t.m_debt += m_scheduler.scheduling().context_switch;
    }
    m_last = &t;
  }
  t.m_granted.notify(sc_core::SC_ZERO_TIME);
}

thread* processor::movable() const {
  for (const run_queue& q : m_queues) {
    for (thread* t = q.front(); t != nullptr; t = t->m_next) {
      if (!t->m_pinned) return t;
    }
  }
  return nullptr;
}

}  // namespace svasim::cpu
