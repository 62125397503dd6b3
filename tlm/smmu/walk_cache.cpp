#include "tlm/smmu/walk_cache.h"

namespace svasim::smmu {

walk_cache::walk_cache(const walk_cache_params& params, stats::group* parent)
    : m_params(params), m_group(parent, "walk_cache") {
  constexpr const char* names[2][levels] = {{"s1_l0", "s1_l1", "s1_l2"},
                                            {"s2_l0", "s2_l1", "s2_l2"}};
  for (unsigned s = 0; s < 2; ++s) {
    m_levels[s].reserve(levels);
    for (unsigned l = 0; l < levels; ++l) {
      m_levels[s].emplace_back(params_of(s + 1, l), &m_group, names[s][l]);
    }
  }
}

const kit::cache_params& walk_cache::params_of(unsigned stage, unsigned level) const {
  const kit::cache_params* const all[2][levels] = {
      {&m_params.s1_l0, &m_params.s1_l1, &m_params.s1_l2},
      {&m_params.s2_l0, &m_params.s2_l1, &m_params.s2_l2}};
  return *all[stage - 1][level];
}

std::uint64_t walk_cache::tag_of(arch::stage stage, const arch::decoded_config& config) {
  const std::uint64_t vmid = config.vmid.value();
  if (stage == arch::stage::s2) return vmid << 16 | 1ull << 63;
  return config.asid.value() | vmid << 16 |
         std::uint64_t{static_cast<unsigned>(config.world)} << 32;
}

bool walk_cache::applies(arch::stage stage, const arch::decoded_config& config) const {
  if (config.s1_on && config.s2_on && !m_params.nested) return false;
  for (const level_cache& l : m_levels[stage == arch::stage::s1 ? 0 : 1]) {
    if (l.store.capacity() != 0) return true;
  }
  return false;
}

const arch::table_entry* walk_cache::lookup(const arch::stage_request& begin,
                                            const arch::decoded_config& config) {
  std::vector<level_cache>& of_stage = m_levels[begin.stage == arch::stage::s1 ? 0 : 1];
  const std::uint64_t tag = tag_of(begin.stage, config);
  const auto first = static_cast<unsigned>(begin.start_level < 0 ? 0 : begin.start_level);
  for (unsigned l = levels; l-- > first;) {
    level_cache& at = of_stage[l];
    if (at.store.capacity() == 0) continue;
    at.stats->lookups += 1;
    if (const content* found = at.store.lookup(tag, begin.address)) {
      at.stats->hits += 1;
      return &found->table;
    }
  }
  return nullptr;
}

void walk_cache::insert(const arch::table_entry& table, const arch::decoded_config& config) {
  if (table.root || table.level <= 0) return;
  level_cache& at =
      m_levels[table.stage == arch::stage::s1 ? 0 : 1][static_cast<unsigned>(table.level) - 1];
  if (at.store.capacity() == 0) return;
  at.stats->fills += 1;
  if (at.store.insert(tag_of(table.stage, config), table.prefix, table.shift,
                      {table, arch::tag_of(table, config)})) {
    at.stats->evictions += 1;
  }
}

void walk_cache::invalidate(const arch::invalidation& inv) {
  if (inv.by_address() && inv.leaf_only()) return;
  for (auto& of_stage : m_levels) {
    for (level_cache& l : of_stage) {
      l.stats->invalidated +=
          l.store.invalidate_if([&inv](std::uint64_t, std::uint64_t, unsigned, const content& c) {
            return inv.covers(c.scope);
          });
    }
  }
}

}  // namespace svasim::smmu
