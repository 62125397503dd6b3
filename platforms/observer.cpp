#include "platforms/observer.h"

#include <nlohmann/json.hpp>

namespace svasim::platforms {

void observer::add_to(nlohmann::json& result, base::duration end) {
  nlohmann::json evictions = m_evictions.to_json();
  evictions["path"] = m_tlb.path;
  evictions["label"] = m_tlb.label;
  result["streams"] = m_streams.to_json();
  result["evictions"] = std::move(evictions);
  result["occupancy"] = m_occupancy.to_json(end);
}

}  // namespace svasim::platforms
