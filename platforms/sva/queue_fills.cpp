// What the SMMU's queues in memory hold, for who draws it.
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {
namespace {

// Both with the wrap bit; what stands above is not of the index.
std::uint32_t between(std::uint32_t cons, std::uint32_t prod, std::uint32_t entries) {
  return (prod - cons) & (2 * entries - 1);
}

template <class Queue>
std::uint32_t records(const Queue& q) {
  return between(q.cons(), q.prod(), q.entries());
}

}  // namespace

std::vector<sva_platform::queue_fill> sva_platform::queue_fills() const {
  std::vector<queue_fill> out;
  for (const auto& s : m_smmus) {
    const std::string of = s->name().empty() ? "" : s->name() + " ";
    const smmu::command_queue& commands = s->commands();
    out.push_back(
        {of + "CMDQ", between(commands.read_index(), commands.prod(), commands.entries())});
    out.push_back({of + "EVTQ", records(s->events())});
    if (s->pages() != nullptr) out.push_back({of + "PRIQ", records(*s->pages())});
  }
  return out;
}

}  // namespace svasim::platforms
