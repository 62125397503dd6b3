#include "workloads/turns.h"

#include "workloads/integer_math.h"

namespace svasim::workloads {

std::uint32_t turns::next() {
  switch (m_interleave) {
    case interleave::round_robin: {
      const std::uint32_t out = m_at;
      m_at = m_at + 1 == m_streams ? 0 : m_at + 1;
      return out;
    }
    case interleave::random:
      return static_cast<std::uint32_t>(m_rng.below(m_streams));
    case interleave::bursty:
      if (m_left == 0) {
        m_at = static_cast<std::uint32_t>(m_rng.below(m_streams));
        m_left = m_burst;
      }
      --m_left;
      return m_at;
  }
  return 0;
}

base::duration turns::gap() {
  if (m_arrival == arrival::even || m_interval.value() == 0) return m_interval;
  const std::uint64_t factor = exponential_q32(m_rng.next() | 1);
  const auto ps = static_cast<unsigned __int128>(m_interval.value()) * factor >> 32;
  return base::ps(static_cast<std::uint64_t>(ps));
}

}  // namespace svasim::workloads
