#include "platforms/observer.h"

#include <nlohmann/json.hpp>

#include "tlm/smmu/stream_keys.h"

namespace svasim::platforms {

void observer::finished(const tlm::tlm_generic_payload& p, base::duration at,
                        base::duration translation) {
  const kit::dma_extension& ext = kit::extension_of(p);
  const std::uint64_t key = smmu::stream_key(ext);
  if (!m_streams.alone(key)) {
    m_streams.add(key, at - ext.log->started(), translation, p.is_response_ok());
  }
  if (m_occupancy.due(at)) m_occupancy.sample(at);
  if (on_finished) on_finished(p, at);
}

void observer::add_to(nlohmann::json& result, base::duration end) {
  nlohmann::json evictions = m_evictions.to_json();
  evictions["path"] = m_tlb.path;
  evictions["label"] = m_tlb.label;
  result["streams"] = m_streams.to_json();
  result["evictions"] = std::move(evictions);
  result["occupancy"] = m_occupancy.to_json(end);
}

}  // namespace svasim::platforms
