// Sees the requests of a run finish and its TLB evict, and keeps what a report shows beside the
// statistics: requests by stream, who evicted whom, how full slots were over time. All of it in
// bounded memory and without a process of its own, so it changes no time.
#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>

#include "platforms/eviction_counts.h"
#include "platforms/occupancy_record.h"
#include "platforms/stream_counts.h"
#include "tlm/kit/dma_extension.h"
#include "tlm/smmu/stream_keys.h"

namespace svasim::platforms {

class observer {
 public:
  /// Where evictions are seen: the main TLB, or the uTLB of a TBU without one.
  struct tlb_name {
    std::string path, label;
  };
  /// `all`: see stream_counts.
  observer(tlb_name tlb, std::function<stream_counts::figures()> all)
      : m_tlb(std::move(tlb)), m_streams(std::move(all)) {}

  /// A request is complete or has failed; its stage log is finished at `at`. Called before the
  /// device counts it.
  void finished(const tlm::tlm_generic_payload& p, base::duration at, base::duration translation) {
    const kit::dma_extension& ext = kit::extension_of(p);
    const std::uint64_t key = smmu::stream_key(ext);
    if (!m_streams.alone(key)) {
      m_streams.add(key, at - ext.log->started(), translation, p.is_response_ok());
    }
    if (m_occupancy.due(at)) m_occupancy.sample(at);
    if (on_finished) on_finished(p, at);
  }
  /// The TLB made room.
  void evicted(std::uint64_t by, std::uint64_t victim) { m_evictions.add(by, victim); }

  occupancy_record& occupancy() { return m_occupancy; }
  /// Sees each finished request too (timeline); empty when nobody looks.
  std::function<void(const tlm::tlm_generic_payload&, base::duration)> on_finished;

  /// Adds the members "streams", "evictions" and "occupancy" to a result; `end` is when the last
  /// request was complete.
  void add_to(nlohmann::json& result, base::duration end);

 private:
  const tlb_name m_tlb;
  stream_counts m_streams;
  eviction_counts m_evictions;
  occupancy_record m_occupancy;
};

}  // namespace svasim::platforms
