#include "platforms/smmu_drivers.h"

#include <algorithm>
#include <stdexcept>

namespace svasim::platforms {

smmu_drivers::smmu_drivers(std::vector<software::smmu_driver*> drivers,
                           std::function<unsigned(base::stream_id)> smmu_of)
    : m_drivers(std::move(drivers)), m_smmu_of(std::move(smmu_of)), m_unsynced(m_drivers.size()) {
  for (software::smmu_driver* d : m_drivers) {
    d->on_synced = [this] {
      if (on_synced) on_synced();
    };
  }
}

std::uint32_t smmu_drivers::outstanding() const {
  std::uint32_t most = 0;
  for (const software::smmu_driver* d : m_drivers) most = std::max(most, d->outstanding());
  return most;
}

std::vector<std::size_t> smmu_drivers::targets(const arch::command_words& words) const {
  const arch::command c = arch::decode_command(words);
  std::vector<std::size_t> out;
  switch (c.op) {
    case arch::opcode::cfgi_ste:
    case arch::opcode::cfgi_cd:
    case arch::opcode::atc_inv:
    case arch::opcode::prefetch_config:
    case arch::opcode::prefetch_addr:
    case arch::opcode::resume:
      return {m_smmu_of(c.sid)};
    case arch::opcode::sync:
      for (std::size_t i = 0; i < m_drivers.size(); ++i) {
        if (m_unsynced[i]) out.push_back(i);
      }
      if (!out.empty()) return out;
      break;
    default:
      break;
  }
  for (std::size_t i = 0; i < m_drivers.size(); ++i) out.push_back(i);
  return out;
}

bool smmu_drivers::submit(const arch::command_words& words) {
  if (m_drivers.size() == 1) return m_drivers[0]->submit(words);
  const std::vector<std::size_t> to = targets(words);
  for (const std::size_t i : to) {
    if (m_drivers[i]->outstanding() >= capacity) return false;
  }
  const bool sync = arch::decode_command(words).op == arch::opcode::sync;
  for (const std::size_t i : to) {
    if (!m_drivers[i]->submit(words)) throw std::logic_error("a driver's queue is full");
    m_unsynced[i] = !sync;
  }
  return true;
}

}  // namespace svasim::platforms
