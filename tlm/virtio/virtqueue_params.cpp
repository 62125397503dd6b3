#include "tlm/virtio/virtqueue_params.h"

#include <fmt/format.h>

#include "arch/virtio_ring.h"
#include "base/bits.h"

namespace svasim::virtio {

void virtqueue_params::describe(describe::visitor& v) {
  v.field("entries", entries, {1, arch::virtqueue_max_entries}, "descriptors",
          "Of the ring, a power of two.",
          "T: kvmtool has 256 for block and net; none for virtio-iommu, which it lacks");
  v.field("event_idx", event_idx,
          "VIRTIO_F_EVENT_IDX: each end says at which index it wants to be told, not whether.",
          "A: on for requests, as kvmtool and Linux have it; off for events, so that each buffer "
          "given back kicks (vsva-flow 5(b) step 12)");
  v.field("indirect", indirect,
          "VIRTIO_F_INDIRECT_DESC: a chain takes one entry, and a table of its own.",
          "A: off in kvmtool's small devices");
  v.rule(base::is_power_of_two(entries), "entries", fmt::format("{} is no power of two", entries));
}

std::uint64_t virtqueue_memory(const virtqueue_params& p) {
  const std::uint64_t tables =
      std::uint64_t{p.entries} * indirect_parts * arch::virtqueue_descriptor::bytes;
  return arch::virtqueue_layout::size(p.entries) + (p.indirect ? tables : 0);
}

}  // namespace svasim::virtio
