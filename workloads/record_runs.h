// Accesses waiting to be given out one page at a time, and other records among them, in order: what
// importers make of one event that stands for many records. A long access takes no memory.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>

#include "trace/record.h"

namespace svasim::workloads {

class record_runs {
 public:
  static constexpr std::uint64_t page = 4096;

  /// `bytes` from `first.address` on, with its direction, stream and time; cut at pages. bytes > 0.
  void add_run(const trace::record& first, std::uint64_t bytes) {
    m_waiting.push_back({first, bytes});
  }
  void add(const trace::record& r) { m_waiting.push_back({r, 0}); }
  bool empty() const { return m_waiting.empty(); }
  std::size_t size() const { return m_waiting.size(); }

  bool pop(trace::record& out) {
    if (m_waiting.empty()) return false;
    run& r = m_waiting.front();
    out = r.next;
    if (r.left != 0) {
      const std::uint64_t to_end = page - out.address.value() % page;
      out.length = static_cast<std::uint32_t>(std::min(r.left, to_end));
      r.left -= out.length;
      r.next.address = base::iova(out.address.value() + out.length);
      r.next.output += out.length;
    }
    if (r.left == 0) m_waiting.pop_front();
    return true;
  }

 private:
  struct run {
    trace::record next;
    std::uint64_t left;  // 0: a single record as it is
  };
  std::deque<run> m_waiting;
};

}  // namespace svasim::workloads
