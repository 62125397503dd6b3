// When the outstanding misses of a cache end, soonest first. They come nearly in order, as the
// queue of a memory channel is what parts them, so one that comes is in its place after a step or
// two, and those that ended leave at the other end.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/units.h"

namespace svasim::memory {

class miss_ends {
 public:
  /// At most `misses` at a time (at least 1); memory is allocated here only.
  explicit miss_ends(std::uint32_t misses) { m_ends.reserve(2 * std::size_t{misses}); }

  std::size_t size() const { return m_ends.size() - m_first; }
  /// The soonest end; size() is not 0.
  base::duration first() const { return m_ends[m_first]; }

  void add(base::duration end) {
    if (m_ends.size() == m_ends.capacity()) {
      m_ends.erase(m_ends.begin(), m_ends.begin() + static_cast<std::ptrdiff_t>(m_first));
      m_first = 0;
    }
    std::size_t at = m_ends.size();
    m_ends.push_back(end);
    for (; at > m_first && end < m_ends[at - 1]; --at) m_ends[at] = m_ends[at - 1];
    m_ends[at] = end;
  }
  /// Forgets those that have ended by `now`.
  void expire(base::duration now) {
    while (m_first < m_ends.size() && m_ends[m_first] <= now) ++m_first;
  }

 private:
  std::vector<base::duration> m_ends;  // in order from m_first on
  std::size_t m_first = 0;
};

}  // namespace svasim::memory
