// Which stream of a workload comes next, and when: round-robin, at random or in bursts; evenly or
// with exponential gaps. Draws from a generator of its own, so that who comes does not depend on
// what they do.
#pragma once

#include <cstdint>

#include "base/rng.h"
#include "base/units.h"
#include "workloads/generator_params.h"

namespace svasim::workloads {

class turns {
 public:
  explicit turns(const generator_params& p)
      : m_streams(p.streams),
        m_interleave(p.turns),
        m_burst(p.burst),
        m_interval(p.interval),
        m_arrival(p.arrivals),
        m_rng(p.seed ^ 0x7475726e73u) {}  // "turns"

  /// The index of the stream whose step comes next.
  std::uint32_t next();
  /// The gap to the step behind it.
  base::duration gap();

 private:
  std::uint32_t m_streams;
  interleave m_interleave;
  std::uint32_t m_burst;
  base::duration m_interval;
  arrival m_arrival;
  base::rng m_rng;
  std::uint32_t m_at = 0;
  std::uint32_t m_left = 0;  // steps of this burst
};

}  // namespace svasim::workloads
