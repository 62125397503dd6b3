// The shared last-level cache in front of memory (CMN SLC): slices that take one request a cycle
// each, a hit time, a bounded number of outstanding misses, allocation on read and on write (each a
// choice for DMA), dirty lines written back when they leave. A second access to a line under way
// waits for it.
//
// A request is served when it is handed over, its arrival annotated: slices, misses and memory are
// reserved from the arrival on and the answer is known at once (TLM_COMPLETED). Requesters annotate
// the interconnect and at most a lookup, so the order of calls differs from the order of arrival by
// a few ns at most; that is the price for half the kernel events of a transaction. While a slice's
// input queue or the miss entries are full the request waits outside (TLM_ACCEPTED), and everything
// behind it.
//
// Tags only: the bytes are in base::sparse_memory, so what is read is always current. Leaves out:
// CPU snoops, partitions, prefetch; a request that spans slices is timed at its first line.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>
#include <systemc>
#include <tlm>
#include <vector>

#include "base/sparse_memory.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "stats/occupancy.h"
#include "tlm/kit/payload_pool.h"
#include "tlm/kit/time.h"
#include "tlm/memory/line_store.h"
#include "tlm/memory/miss_ends.h"

namespace svasim::memory {

struct system_level_cache_params {
  base::byte_size size = base::mib(64);
  std::uint32_t ways = 16;
  uarch::replacement policy = uarch::replacement::tree_plru;
  base::duration hit_latency = base::ns(40);
  base::duration miss_latency = base::ns(15);
  base::frequency clock = base::mhz(2000);
  std::uint32_t slices = 8;
  std::uint32_t input_queue = 32;
  std::uint32_t misses = 256;
  bool allocate_dma_writes = true;
  bool allocate_dma_reads = true;
  void describe(describe::visitor& v);
};

struct system_level_cache_stats : stats::group {
  explicit system_level_cache_stats(stats::group* parent) : group(parent, "slc") {}
  stats::counter lookups{this, "lookups", "lines", "Cache lines looked up."};
  stats::counter hits{this, "hits", "lines", "Lines found."};
  stats::counter misses{this, "misses", "lines", "Lines not found."};
  stats::counter fills{this, "fills", "lines", "Lines allocated."};
  stats::counter evictions{this, "evictions", "lines", "Lines that left for others."};
  stats::counter writebacks{this, "writebacks", "lines", "Dirty lines written to memory."};
  stats::counter refused{this, "refused", "requests", "Requests that found the input queue full."};
  stats::counter walk_reads{this, "walk_reads", "requests", "Reads for table walks."};
  stats::counter walk_hits{this, "walk_hits", "requests", "Of these, all lines found."};
};

class system_level_cache final : public sc_core::sc_module {
 public:
  static constexpr unsigned line_shift = 6;

  /// `bytes` must outlive the module.
  system_level_cache(sc_core::sc_module_name name, const system_level_cache_params& params,
                     base::sparse_memory& bytes, stats::group* parent);

  tlm_utils::passthrough_target_socket<system_level_cache> from_interconnect;
  tlm_utils::simple_initiator_socket<system_level_cache> to_dram;

  const system_level_cache_stats& statistics() const { return m_stats; }

 private:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;
  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  tlm::tlm_sync_enum unexpected(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t);
  void blocking(payload& p, sc_core::sc_time& t);
  void retry();
  duration earliest_service(std::uint64_t address, duration arrival);
  duration serve(payload& p, duration arrival);
  duration& slice_of(std::uint64_t address);
  duration access(payload& p, duration start);
  duration read_missing(payload& p, duration start);
  void fill(std::uint64_t line, bool dirty, duration ready, duration start);
  void write_back(std::uint64_t line, duration start);

  const system_level_cache_params m_params;
  const duration m_cycle;
  const duration m_queue_time;  // what a full input queue of a slice takes to serve
  base::sparse_memory& m_bytes;
  system_level_cache_stats m_stats;
  line_store m_lines;
  kit::payload_pool m_pool;
  sc_core::sc_event m_retry;
  payload* m_refused = nullptr;  // waits outside for a place in the queue
  duration m_refused_at;
  const std::uint64_t m_slice_mask;
  std::vector<duration> m_slice_free;
  miss_ends m_miss_ends;
};

}  // namespace svasim::memory
