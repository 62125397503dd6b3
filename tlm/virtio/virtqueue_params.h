// Size and features of a split virtqueue.
#pragma once

#include <cstdint>

#include "base/address.h"
#include "describe/visitor.h"

namespace svasim::virtio {

struct virtqueue_params {
  std::uint32_t entries = 256;
  bool event_idx = true;
  bool indirect = false;
  void describe(describe::visitor& v);
};

/// An indirect table of this many descriptors belongs to each entry; longer chains are direct.
constexpr std::uint32_t indirect_parts = 4;

/// Bytes of guest memory for the ring, and the indirect tables behind it.
std::uint64_t virtqueue_memory(const virtqueue_params& p);

}  // namespace svasim::virtio
