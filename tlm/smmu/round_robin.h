// One resource and several threads that want it: it goes round among those that wait.
#pragma once

#include <deque>
#include <systemc>

namespace svasim::smmu {

class round_robin {
 public:
  /// One more that may want the resource; returns its number. Before time starts.
  unsigned join() {
    m_members.emplace_back();
    return static_cast<unsigned>(m_members.size() - 1);
  }
  /// In the thread of `who`: have the resource, at once if it is free.
  void take(unsigned who) {
    if (m_taken) {
      m_members[who].waiting = true;
      sc_core::wait(m_members[who].granted);
      return;
    }
    m_taken = true;
    m_last = who;
  }
  /// It goes to the next that waits, counted from the one that had it.
  void give() {
    const auto n = static_cast<unsigned>(m_members.size());
    for (unsigned i = 1; i <= n; ++i) {
      const unsigned next = (m_last + i) % n;
      if (!m_members[next].waiting) continue;
      m_members[next].waiting = false;
      m_last = next;
      m_members[next].granted.notify(sc_core::SC_ZERO_TIME);
      return;
    }
    m_taken = false;
  }

 private:
  struct member {
    bool waiting = false;
    sc_core::sc_event granted;
  };
  std::deque<member> m_members;
  bool m_taken = false;
  unsigned m_last = 0;
};

}  // namespace svasim::smmu
