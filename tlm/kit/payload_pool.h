// Generic payloads with their dma_extension, stage log and a 64-byte data buffer, reused for ever:
// no allocation once the pool has grown to the largest number in flight. A payload comes back to
// its pool when its last reference is released (TLM-2.0 memory management).
#pragma once

#include <array>
#include <deque>
#include <vector>

#include "tlm/kit/dma_extension.h"

namespace svasim::kit {

class payload_pool : public tlm::tlm_mm_interface {
 public:
  payload_pool() = default;
  payload_pool(const payload_pool&) = delete;
  payload_pool& operator=(const payload_pool&) = delete;
  ~payload_pool() override;

  /// A payload with one reference held by the caller, its command, address and length set, response
  /// incomplete, data pointing at its own 64-byte buffer (or, for longer timing-only transfers, at
  /// a shared scratch page).
  tlm::tlm_generic_payload& take(tlm::tlm_command command, std::uint64_t address,
                                 std::uint32_t length);
  void free(tlm::tlm_generic_payload* payload) override;
  std::size_t in_use() const { return m_nodes.size() - m_free.size(); }

 private:
  struct node : dma_payload {
    stage_log log;
    alignas(8) std::array<unsigned char, 64> data{};
  };
  node& grow();

  std::deque<node> m_nodes;
  std::vector<node*> m_free;
};

/// The 64 bytes that belong to a payload of a pool.
inline unsigned char* data_of(tlm::tlm_generic_payload& payload) {
  return payload.get_data_ptr();
}

}  // namespace svasim::kit
