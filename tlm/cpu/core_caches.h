// The private second-level caches of a cluster's cores, kept coherent: a line that somebody else
// writes is gone. Tags only, for the time of an access: bytes are always those of memory. Writes go
// through to the interconnect where another core has the line or it is not here; what is here alone
// is written in place.
//
// Leaves out: the first level (in the hit time), write-backs, prefetch, the time of a snoop (the
// system-level cache's hit time stands for it). TLBs are core_tlb.h.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/address.h"
#include "base/units.h"
#include "describe/visitor.h"
#include "stats/counter.h"
#include "uarch/set_associative_cache.h"

namespace svasim::cpu {

struct l2_params {
  base::byte_size size = base::mib(1);
  std::uint32_t ways = 8;
  uarch::replacement policy = uarch::replacement::tree_plru;
  std::uint32_t hit_cycles = 14;
  void describe(describe::visitor& v);
  uarch::geometry shape() const;
};

struct l2_stats : stats::group {
  explicit l2_stats(stats::group* parent) : group(parent, "l2") {}
  stats::counter hits{this, "hits", "accesses", "Accesses that needed nobody else."};
  stats::counter misses{this, "misses", "accesses", "Accesses that went to the interconnect."};
  stats::counter shared{this, "shared_writes", "accesses",
                        "Of these, writes of a line that another core had too."};
  stats::counter taken{this, "invalidated", "lines", "Lines lost to a writer elsewhere."};
};

class core_caches {
 public:
  static constexpr unsigned line_shift = 6;

  core_caches(const l2_params& params, const std::vector<stats::group*>& cores);

  /// A read or write by a core; true where its own cache serves it. The line is there afterwards.
  bool access(unsigned core, bool write, base::pa at);
  /// Somebody outside wrote the line at `at`.
  void written(base::pa at) {
    if (m_copies[slot(at.value() >> line_shift)] != 0) drop(at, ~0u);
  }

 private:
  using cache = uarch::set_associative_cache<std::uint8_t, std::uint8_t>;
  struct core_cache {
    core_cache(const l2_params& params, stats::group* parent)
        : tags(params.shape(), params.policy), stats(parent) {}
    cache tags;
    l2_stats stats;
  };
  static constexpr std::uint64_t slots = 1u << 16;
  static std::uint64_t slot(std::uint64_t line) { return (line ^ line >> 16) & (slots - 1); }
  bool drop(base::pa at, unsigned but);

  std::vector<std::unique_ptr<core_cache>> m_cores;
  // Copies of all lines that share a slot: most lines that devices write are in no cache, and this
  // tells so without asking every core.
  std::vector<std::uint32_t> m_copies;
};

}  // namespace svasim::cpu
