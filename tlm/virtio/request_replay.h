// The driver's side of a recorded virtio-iommu log: what Linux' virtio-iommu driver does with the
// attach, detach, map and unmap that the log has (virtio-iommu.md section 3). Requests are put into
// the ring, two descriptors each, without a kick; to synchronise is to kick and to poll the used
// ring, interrupts off, until all of them are back.
//
// A log does not say where the driver synchronised. Linux does at the end of each iommu_map() and
// iommu_unmap(), each of one request or, for a scatter list, of several: `each` takes every request
// for such a call, `runs` a run of maps or of unmaps of a domain that stand in the log without
// anything between them. Attach and detach are always synchronous.
//
// submit() is called by whoever reads the log, without time; run() is the body of a task of the
// guest. Leaves out: other CPUs contending for the driver's lock.
#pragma once

#include <functional>
#include <vector>

#include "arch/virtio_iommu.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/virtqueue.h"
#include "trace/record.h"
#include "uarch/ring_fifo.h"

namespace svasim::virtio {

enum class replay_sync : std::uint8_t { each, runs };

struct request_replay_params {
  base::duration prepare = base::ns(150);
  base::duration poll = base::ns(40);
  replay_sync sync = replay_sync::runs;
  void describe(describe::visitor& v);
};

struct request_replay_stats : stats::group {
  request_replay_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter requests{this, "requests", "requests", "Requests put into the ring."};
  stats::counter failed{this, "failed", "requests",
                        "Requests with a status other than OK, or lost with a broken ring."};
  stats::counter syncs{this, "syncs", "times", "Times that all requests were waited for."};
  stats::counter polls{this, "polls", "turns", "Turns of that wait."};
  stats::histogram sync_time{this, "sync_time", "ps", "To synchronise, with interrupts off."};
  stats::histogram latency{this, "latency", "ps",
                           "A request, from the log until the driver saw its status."};
};

/// A recorded request as the driver writes it.
arch::viommu_request request_of(const trace::record& r);

class request_replay {
 public:
  /// `buffers` is guest memory, buffer_bytes() of it; `kick` writes the notification register.
  request_replay(const request_replay_params& params, kit::virtqueue_driver& ring,
                 std::uint64_t buffers, std::function<void(kit::task&)> kick, stats::group* parent,
                 const char* name);
  static std::uint64_t buffer_bytes(std::uint32_t entries) { return entries * slot_bytes; }

  /// The next request of the log; `more`: the record behind it is a request as well, so a run may
  /// go on. False when `capacity` of them wait already.
  [[nodiscard]] bool submit(const trace::record& r, bool more);
  /// Submitted, and not known to be done.
  std::uint32_t outstanding() const { return m_outstanding; }
  /// Called after each synchronisation.
  std::function<void()> on_synced;
  /// Called with each request that did not get OK; DEVERR where the ring is broken or too small.
  std::function<void(const trace::record&, arch::viommu_status)> on_refused;

  /// Never returns.
  void run(kit::task& t);
  const request_replay_stats& statistics() const { return m_stats; }

  static constexpr std::uint32_t capacity = 1024;

 private:
  static constexpr std::uint64_t slot_bytes = 128;  // the request, and its tail in the other line
  static constexpr std::uint64_t tail_offset = 96;
  struct waiting {
    trace::record record;
    base::duration submitted;
    bool more = false;
  };
  void serve_next(kit::task& t);
  void put(kit::task& t, const waiting& w);
  void synchronise(kit::task& t);
  void collect(kit::task& t);
  void give_up(const waiting& w);
  void give_up_all();
  void finish(std::size_t slot, arch::viommu_status s);
  bool goes_on(const waiting& w) const;

  const request_replay_params m_params;
  kit::virtqueue_driver& m_ring;
  const std::uint64_t m_buffers;
  const std::function<void(kit::task&)> m_kick;
  request_replay_stats m_stats;
  kit::wakeup m_work;
  uarch::ring_fifo<waiting> m_queue;
  std::vector<waiting> m_slots;       // of requests in the ring
  std::vector<std::uint32_t> m_free;  // slots
  std::vector<bool> m_used;           // by slot
  std::uint32_t m_outstanding = 0;
};

}  // namespace svasim::virtio
