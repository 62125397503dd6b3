// The driver's end of a split virtqueue (virtio 1.2 section 2.7), with the accesses and in the
// order of Linux' virtio_ring.c: descriptors from a list of free ones, the avail ring's entry, its
// index, the test whether to kick; the used ring read entry by entry. Free lists and tokens are the
// driver's own memory and cost nothing.
//
// The ring's memory is zero to begin with. Leaves out: packed rings, DMA mapping of the buffers,
// the cost of what is no memory access (the caller's compute()).
#pragma once

#include <string>
#include <vector>

#include "arch/virtio_ring.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/virtqueue.h"
#include "tlm/virtio/virtqueue_params.h"

namespace svasim::virtio {

struct driver_queue_stats : stats::group {
  driver_queue_stats(stats::group* parent, const std::string& name) : group(parent, name) {}
  stats::counter chains{this, "chains", "chains", "Chains that the driver added."};
  stats::counter full{this, "full", "chains", "Chains that found too few free descriptors."};
  stats::counter used{this, "used", "chains", "Chains that came back."};
  stats::counter kicks{this, "kicks", "kicks", "Times the device was to be told."};
  stats::counter kicks_suppressed{this, "kicks_suppressed", "kicks",
                                  "Times it did not want to be."};
  stats::counter polls{this, "polls", "reads", "Reads of the used index that found nothing."};
  stats::counter errors{this, "errors", "errors",
                        "Used entries of the device that name no chain; the queue is broken then."};
  stats::occupancy outstanding{this, "outstanding", "chains", "Chains added and not collected."};
  stats::occupancy descriptors{this, "descriptors", "descriptors",
                               "Descriptors of the ring in use."};
};

class driver_queue final : public kit::virtqueue_driver {
 public:
  /// `memory` is 64-byte aligned, virtqueue_memory() bytes.
  driver_queue(const virtqueue_params& params, base::ipa memory, stats::group* parent,
               const std::string& name);

  bool add(kit::task& t, const kit::ring_part* parts, unsigned readable, unsigned writable,
           std::uint64_t token) override;
  void publish(kit::task& t) override;
  bool kick_needed(kit::task& t) override;
  std::optional<used> collect(kit::task& t) override;
  bool enable_interrupts(kit::task& t) override;
  void disable_interrupts(kit::task& t) override;
  std::uint32_t entries() const override { return m_ring.entries; }
  std::uint32_t outstanding() const override { return m_outstanding; }
  bool broken() const override { return m_broken; }

  std::uint32_t free_descriptors() const { return m_free; }
  const arch::virtqueue_layout& layout() const { return m_ring; }
  const driver_queue_stats& statistics() const { return m_stats; }

 private:
  void write_chain(kit::task& t, std::uint64_t table, const kit::ring_part* parts,
                   unsigned readable, unsigned count, bool in_ring);
  void release(std::uint16_t head);
  bool more_used(kit::task& t);
  void fail();

  const virtqueue_params m_params;
  const arch::virtqueue_layout m_ring;
  const std::uint64_t m_tables;  // indirect ones, behind the ring
  driver_queue_stats m_stats;
  struct entry {
    std::uint16_t next = 0;    // of the free list, and of a chain
    std::uint16_t length = 0;  // of the chain that begins here; 0: none
    std::uint64_t token = 0;
  };
  std::vector<entry> m_entries;
  std::uint16_t m_free_head = 0;
  std::uint32_t m_free;
  std::uint32_t m_outstanding = 0;
  std::uint16_t m_avail = 0;       // index behind the last entry written
  std::uint16_t m_published = 0;   // as the device sees it
  std::uint32_t m_since_kick = 0;  // published since the last kick_needed()
  std::uint16_t m_last_used = 0;
  bool m_interrupts = true;
  bool m_broken = false;
  bool m_inside = false;  // a task is
};

}  // namespace svasim::virtio
