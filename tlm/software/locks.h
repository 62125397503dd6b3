// Locks of a kernel, held by tasks: who sleeps for one gives up its processor, who spins keeps it.
// First come, first served. Leaves out: priority inheritance, optimistic spinning.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "tlm/kit/task.h"

namespace svasim::software {

/// Tasks that sleep until another lets them go on, in order.
class wait_list {
 public:
  void wait(kit::task& t) {
    kit::wakeup& w = take();
    m_waiting.push_back(&w);
    t.sleep(w);
    m_idle.push_back(&w);
  }
  /// False where nobody waits.
  bool wake_one() {
    if (m_waiting.empty()) return false;
    m_waiting.front()->raise();
    m_waiting.pop_front();
    return true;
  }
  std::size_t size() const { return m_waiting.size(); }

 private:
  kit::wakeup& take() {
    if (m_idle.empty()) {
      m_all.push_back(std::make_unique<kit::wakeup>(sc_core::sc_gen_unique_name("waiter")));
      m_idle.push_back(m_all.back().get());
    }
    kit::wakeup& w = *m_idle.back();
    m_idle.pop_back();
    return w;
  }

  std::vector<std::unique_ptr<kit::wakeup>> m_all;
  std::vector<kit::wakeup*> m_idle;
  std::deque<kit::wakeup*> m_waiting;
};

/// Tasks that wait for time to pass, without a processor.
class sleeper {
 public:
  void wait(kit::task& t, base::duration d) {
    if (m_idle.empty()) {
      m_all.push_back(std::make_unique<kit::wakeup>(sc_core::sc_gen_unique_name("sleeper")));
      m_idle.push_back(m_all.back().get());
    }
    kit::wakeup& w = *m_idle.back();
    m_idle.pop_back();
    w.raise_after(d);
    t.sleep(w);
    m_idle.push_back(&w);
  }

 private:
  std::vector<std::unique_ptr<kit::wakeup>> m_all;
  std::vector<kit::wakeup*> m_idle;
};

/// One holder; others sleep.
class mutex {
 public:
  void lock(kit::task& t) {
    if (m_held) {
      m_waiting.wait(t);  // handed over
    } else {
      m_held = true;
    }
  }
  void unlock() { m_held = m_waiting.wake_one(); }

 private:
  bool m_held = false;
  wait_list m_waiting;
};

/// mmap_lock: many readers or one writer; a writer that waits keeps later readers out.
class shared_mutex {
 public:
  void lock_shared(kit::task& t) {
    if (!m_writer && m_writers.size() == 0) {
      ++m_readers;
    } else {
      m_sleeping_readers.wait(t);  // counted by who wakes it
    }
  }
  void unlock_shared() {
    if (--m_readers == 0) m_writer = m_writers.wake_one();
  }
  void lock(kit::task& t) {
    if (!m_writer && m_readers == 0) {
      m_writer = true;
    } else {
      m_writers.wait(t);
    }
  }
  void unlock() {
    m_writer = false;
    while (m_sleeping_readers.wake_one()) ++m_readers;
    if (m_readers == 0) m_writer = m_writers.wake_one();
  }

 private:
  std::uint32_t m_readers = 0;
  bool m_writer = false;
  wait_list m_sleeping_readers;
  wait_list m_writers;
};

/// One holder; others keep their processors busy with polls of `turn` each. Kernels turn interrupts
/// off first (spin_guard): a holder that made room would let all others spin.
class spin_lock {
 public:
  void lock(kit::task& t, base::duration turn) {
    const std::uint64_t ticket = m_next++;
    while (m_serving != ticket) t.compute(turn);
  }
  void unlock() { ++m_serving; }
  /// Holder and those behind it.
  std::uint64_t users() const { return m_next - m_serving; }

 private:
  std::uint64_t m_next = 0;
  std::uint64_t m_serving = 0;
};

/// Holds a spin lock, with interrupts off from before it asks for it (spin_lock_irqsave).
class spin_guard {
 public:
  spin_guard(spin_lock& lock, kit::task& t, base::duration turn) : m_off(t), m_lock(lock) {
    lock.lock(t, turn);
  }
  ~spin_guard() { m_lock.unlock(); }
  spin_guard(const spin_guard&) = delete;
  spin_guard& operator=(const spin_guard&) = delete;

 private:
  kit::interrupts_off m_off;
  spin_lock& m_lock;
};

}  // namespace svasim::software
