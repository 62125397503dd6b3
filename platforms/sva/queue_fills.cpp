// What the SMMU's queues in memory hold, for who draws it.
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {
namespace {

// Both with the wrap bit; what stands above is not of the index.
std::uint32_t between(std::uint32_t cons, std::uint32_t prod, std::uint32_t entries) {
  return (prod - cons) & (2 * entries - 1);
}

}  // namespace

std::vector<sva_platform::queue_fill> sva_platform::queue_fills() const {
  std::vector<queue_fill> out;
  out.push_back(
      {"CMDQ", between(m_commands->read_index(), m_commands->prod(), m_commands->entries())});
  out.push_back({"EVTQ", between(m_events->cons(), m_events->prod(), m_events->entries())});
  if (m_pages) {
    out.push_back({"PRIQ", between(m_pages->cons(), m_pages->prod(), m_pages->entries())});
  }
  return out;
}

}  // namespace svasim::platforms
