// The ports of a lookup structure: how many lookups can be under way at a time, each for its whole
// latency. A pipelined structure that starts a lookup a cycle has as many ports as its latency has
// cycles. Without a number there is no limit. No port idles while a lookup waits, provided that
// lookups are told of in the order of their times.
#pragma once

#include <algorithm>
#include <vector>

#include "tlm/kit/time.h"

namespace svasim::kit {

class ports {
 public:
  /// `n` ports; 0: no limit.
  explicit ports(std::uint32_t n) : m_free(n) {}

  bool limited() const { return !m_free.empty(); }
  /// When a port is free for a lookup that is ready at `t`.
  base::duration free_from(base::duration t) const {
    if (!limited()) return t;
    return later(t, *std::min_element(m_free.begin(), m_free.end()));
  }
  /// A lookup that is ready at `t` and takes `busy`; returns when it starts.
  base::duration take(base::duration t, base::duration busy) {
    if (!limited()) return t;
    base::duration& first = *std::min_element(m_free.begin(), m_free.end());
    const base::duration start = later(t, first);
    first = start + busy;
    return start;
  }

 private:
  std::vector<base::duration> m_free;  // when each is free again
};

}  // namespace svasim::kit
