// The walk caches: per stage and level, tables that earlier walks went through, so that a walk
// starts as far down as possible (IHI 0070 16.2; MMU-600 keeps them apart like this). The cache of
// level L holds tables found by level-L descriptors: a hit in the last one before the leaf leaves
// one read to do. In a nested walk a stage-1 entry also knows where stage 2 puts the table, which
// saves that walk too.
//
// Each stage and level has a cache of its own, or all share one. The levels of a stage are looked
// up together in one lookup time, or one after the other from the deepest up. Leaves out: tables
// below a root of level -1, root entries; stage-2 leaves are in the IPA cache (ipa_cache.h).
#pragma once

#include <array>
#include <memory>
#include <vector>

#include "arch/invalidation.h"
#include "arch/walk.h"
#include "stats/counter.h"
#include "tlm/kit/ports.h"
#include "tlm/smmu/tcu_params.h"
#include "uarch/partitioned_cache.h"

namespace svasim::smmu {

struct walk_cache_level_stats : stats::group {
  walk_cache_level_stats(stats::group* parent, const char* name) : group(parent, name) {}
  stats::counter lookups{this, "lookups", "lookups", "Lookups made."};
  stats::counter hits{this, "hits", "lookups", "Lookups whose deepest hit was here."};
  stats::counter fills{this, "fills", "entries", "Entries written."};
  stats::counter evictions{
      this, "evictions", "entries",
      "Entries that left for one of this level, of any where a store is shared."};
  stats::counter invalidated{this, "invalidated", "entries", "Entries removed by commands."};
};

class walk_cache {
 public:
  static constexpr unsigned levels = 3;  ///< of descriptors that point at a table: 0, 1, 2

  walk_cache(const walk_cache_params& params, stats::group* parent);

  struct found {
    const arch::table_entry* table;  ///< the deepest one known, or null
    base::duration done;             ///< when the lookup is over
  };
  /// Looks up a walk that is about to begin at `at`. The table is valid until the next insert or
  /// invalidate.
  found lookup(const arch::stage_request& begin, const arch::decoded_config& config,
               const arch::config_key& key, base::duration at);
  /// Are there caches for the tables of such a walk?
  bool applies(arch::stage stage, arch::event_class purpose,
               const arch::decoded_config& config) const;
  void insert(const arch::table_entry& table, const arch::decoded_config& config,
              const arch::config_key& key);
  void invalidate(const arch::invalidation& inv);
  const walk_cache_level_stats& statistics(unsigned stage, unsigned level) const {
    return *m_parts[stage - 1][level].counts;
  }
  const kit::cache_params& params_of(unsigned stage, unsigned level) const;

 private:
  struct content {
    arch::table_entry table;
    arch::entry_tag scope;
  };
  using cache = uarch::partitioned_cache<std::uint64_t, content>;
  static constexpr unsigned stages = 2;
  // Of a stage and level.
  struct part {
    bool present = false;
    base::duration latency;
    std::size_t store = 0;
    std::unique_ptr<walk_cache_level_stats> counts;
  };
  static std::uint64_t tag_of(arch::stage stage, const arch::decoded_config& config);
  const arch::table_entry* probe(unsigned stage, unsigned first, std::uint64_t tag,
                                 std::uint64_t address, std::uint32_t partition,
                                 base::duration& time);

  walk_cache_params m_params;
  stats::group m_group;
  std::vector<cache> m_stores;
  std::array<std::array<part, levels>, stages> m_parts;
  kit::ports m_ports;
};

}  // namespace svasim::smmu
