// Which transactions a CMD_SYNC waits for (Arm IHI 0070 4.7, 3.21.1): those that have a
// translation, or wait for the TCU's, when it begins. A TBU counts them by epoch: a CMD_SYNC ends
// one and begins another. One CMD_SYNC at a time.
#pragma once

#include <array>
#include <cstdint>

#include "tlm/kit/time.h"

namespace svasim::smmu {

class sync_epochs {
 public:
  /// A transaction has a translation, or asks for one; returns the epoch to name when it completes.
  std::uint8_t enter() {
    ++m_in[m_now];
    return m_now;
  }
  /// It completes at `at`. True when it was the last of the epoch that a CMD_SYNC waits for.
  bool leave(std::uint8_t epoch, base::duration at) {
    m_last[epoch] = kit::later(m_last[epoch], at);
    return --m_in[epoch] == 0 && epoch != m_now;
  }
  /// Begin a new epoch; false while the one before the last is not over.
  bool begin() {
    const auto other = static_cast<std::uint8_t>(1 - m_now);
    if (m_in[other] != 0) return false;
    m_now = other;
    m_last[other] = base::duration();
    return true;
  }
  /// When the last transaction of the ended epoch completed; kit::never while some have not.
  base::duration over_at() const {
    const auto old = static_cast<std::uint8_t>(1 - m_now);
    return m_in[old] == 0 ? m_last[old] : kit::never;
  }

 private:
  std::uint8_t m_now = 0;
  std::array<std::uint64_t, 2> m_in{};
  std::array<base::duration, 2> m_last{};
};

}  // namespace svasim::smmu
