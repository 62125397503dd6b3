// The walk caches: per stage and level, tables that earlier walks went through, so that a walk
// starts as far down as possible (IHI 0070 16.2; MMU-600 keeps them apart like this). The cache of
// level L holds tables found by level-L descriptors: a hit in the last one before the leaf leaves
// one read to do. In a nested walk a stage-1 entry also knows where stage 2 puts the table, which
// saves that walk too.
//
// All levels of a stage are looked up together in one lookup time. Leaves out: a cache of stage-2
// leaves (IPA cache), level -1, root entries.
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "arch/invalidation.h"
#include "arch/walk.h"
#include "stats/counter.h"
#include "tlm/smmu/smmu_params.h"
#include "uarch/set_associative_cache.h"

namespace svasim::smmu {

struct walk_cache_level_stats : stats::group {
  walk_cache_level_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter lookups{this, "lookups", "lookups", "Lookups made."};
  stats::counter hits{this, "hits", "lookups", "Lookups whose deepest hit was here."};
  stats::counter fills{this, "fills", "entries", "Entries written."};
  stats::counter evictions{this, "evictions", "entries", "Entries that left for others."};
  stats::counter invalidated{this, "invalidated", "entries", "Entries removed by commands."};
};

class walk_cache {
 public:
  static constexpr unsigned levels = 3;  ///< of descriptors that point at a table: 0, 1, 2

  walk_cache(const walk_cache_params& params, stats::group* parent);

  /// The deepest table known for a walk that is about to begin, or null; valid until the next
  /// insert or invalidate.
  const arch::table_entry* lookup(const arch::stage_request& begin,
                                  const arch::decoded_config& config);
  /// Is there anything to look up for this walk?
  bool applies(arch::stage stage, const arch::decoded_config& config) const;
  void insert(const arch::table_entry& table, const arch::decoded_config& config);
  void invalidate(const arch::invalidation& inv);
  base::duration lookup_time() const { return m_params.latency; }
  const walk_cache_level_stats& statistics(unsigned stage, unsigned level) const {
    return *m_levels[stage - 1][level].stats;
  }
  const kit::cache_params& params_of(unsigned stage, unsigned level) const;

 private:
  struct content {
    arch::table_entry table;
    arch::entry_tag scope;
  };
  using cache = uarch::set_associative_cache<std::uint64_t, content>;
  struct level_cache {
    level_cache(const kit::cache_params& p, stats::group* parent, const char* name)
        : store(p.shape(), p.policy),
          stats(std::make_unique<walk_cache_level_stats>(parent, name)) {}
    cache store;
    std::unique_ptr<walk_cache_level_stats> stats;
  };
  static std::uint64_t tag_of(arch::stage stage, const arch::decoded_config& config);

  walk_cache_params m_params;
  stats::group m_group;
  std::array<std::vector<level_cache>, 2> m_levels;  // by stage, level
};

}  // namespace svasim::smmu
