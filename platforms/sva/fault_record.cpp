#include "platforms/sva/fault_record.h"

#include <algorithm>

namespace svasim::platforms {

void fault_record::add(const kit::finished_fault& f) {
  if (!f.resolved) {
    unresolved += 1;
    return;
  }
  resolved += 1;
  latency.add(f.latency());
  if (m_faults.size() < kept) m_faults.push_back(f);
}

// Nearest rank; of equal ones the earliest.
const kit::finished_fault* fault_record::at_percentile(unsigned percent) const {
  if (m_faults.empty()) return nullptr;
  std::vector<const kit::finished_fault*> order;
  for (const kit::finished_fault& f : m_faults) order.push_back(&f);
  const std::size_t rank = std::max<std::size_t>(1, (order.size() * percent + 99) / 100) - 1;
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->latency() < b->latency(); });
  return order[rank];
}

}  // namespace svasim::platforms
