// What a virtio-iommu offers, and its queues.
#pragma once

#include <cstdint>

#include "arch/virtio_iommu_fault.h"
#include "describe/visitor.h"
#include "tlm/virtio/virtqueue_params.h"

namespace svasim::virtio {

/// An event that finds no buffer.
enum class no_event_buffer : std::uint8_t { drop, wait };

struct viommu_params {
  virtqueue_params requests;
  virtqueue_params events{256, false, false};
  std::uint32_t granule_shift = 12;
  std::uint32_t input_bits = 48;
  std::uint32_t output_bits = 48;
  std::uint32_t pasid_bits = 20;
  std::uint32_t domains = 65536;
  std::uint32_t mappings = 1u << 20;
  std::uint32_t probe_size = 512;
  bool mmio = true;
  bool bypass_config = true;
  bool page_tables = true;
  arch::viommu_fault_layout fault_layout = arch::viommu_fault_layout::rfc_s_v1;
  no_event_buffer no_buffer = no_event_buffer::wait;
  void describe(describe::visitor& v);
};

}  // namespace svasim::virtio
