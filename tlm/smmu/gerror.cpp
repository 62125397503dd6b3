#include "tlm/smmu/gerror.h"

#include <utility>

namespace svasim::smmu {

void gerror::raise(global_error e) {
  if (is_active(e)) return;
  m_gerror ^= bit(e);
  if (on_raised) on_raised();
}

void gerror::acknowledge(std::uint32_t gerrorn) {
  const std::uint32_t ended = (m_gerror ^ m_gerrorn) & ~(gerrorn ^ m_gerror);
  m_gerrorn ^= ended;
  for (const waiter& w : m_waiters) {
    if ((ended & bit(w.error)) != 0) w.call();
  }
}

void gerror::when_acknowledged(global_error e, std::function<void()> f) {
  m_waiters.push_back({e, std::move(f)});
}

}  // namespace svasim::smmu
