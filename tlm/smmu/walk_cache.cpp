#include "tlm/smmu/walk_cache.h"

namespace svasim::smmu {
namespace {

unsigned index_of(arch::stage stage) {
  return stage == arch::stage::s1 ? 0 : 1;
}

// Levels that share a store are told apart by their tags.
std::uint64_t of_level(std::uint64_t tag, unsigned level) {
  return tag | std::uint64_t{level} << 40;
}

}  // namespace

walk_cache::walk_cache(const walk_cache_params& params, stats::group* parent)
    : m_params(params), m_group(parent, "walk_cache"), m_ports(params.ports) {
  constexpr const char* names[stages][levels] = {{"s1_l0", "s1_l1", "s1_l2"},
                                                 {"s2_l0", "s2_l1", "s2_l2"}};
  const auto add = [this](const kit::cache_params& p) {
    m_stores.emplace_back(p.shape(), p.policy, 1, m_params.partition.partitions());
  };
  if (params.store == walk_cache_store::shared) add(params.shared);
  for (unsigned s = 0; s < stages; ++s) {
    for (unsigned l = 0; l < levels; ++l) {
      if (params.store == walk_cache_store::separate) add(params_of(s + 1, l));
      m_parts[s][l] = {params_of(s + 1, l).present(), params_of(s + 1, l).latency,
                       m_stores.size() - 1,
                       std::make_unique<walk_cache_level_stats>(&m_group, names[s][l])};
    }
  }
}

const kit::cache_params& walk_cache::params_of(unsigned stage, unsigned level) const {
  if (m_params.store == walk_cache_store::shared) return m_params.shared;
  const kit::cache_params* const all[stages][levels] = {
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

// A stage-2 walk for a CD is part of a nested one, though stage 1 is not known yet.
bool walk_cache::applies(arch::stage stage, arch::event_class purpose,
                         const arch::decoded_config& config) const {
  const bool for_tables = stage == arch::stage::s2 && purpose != arch::event_class::input;
  if (for_tables && !m_params.nested_tables) return false;
  const bool nested = for_tables || (config.s1_on && config.s2_on);
  if (nested && !m_params.nested) return false;
  const auto& parts = m_parts[index_of(stage)];
  return parts[0].present || parts[1].present || parts[2].present;
}

walk_cache::found walk_cache::lookup(const arch::stage_request& begin,
                                     const arch::decoded_config& config,
                                     const arch::config_key& key, base::duration at) {
  const auto first = static_cast<unsigned>(begin.start_level < 0 ? 0 : begin.start_level);
  base::duration time = m_params.latency;
  const arch::table_entry* const table =
      probe(index_of(begin.stage), first, tag_of(begin.stage, config), begin.address,
            m_params.partition.of(config.vmid, key.has_ssid, key.ssid), time);
  return {table, m_ports.take(at, time) + time};
}

const arch::table_entry* walk_cache::probe(unsigned stage, unsigned first, std::uint64_t tag,
                                           std::uint64_t address, std::uint32_t partition,
                                           base::duration& time) {
  const bool sequential = m_params.probe == walk_cache_probe::sequential;
  if (sequential) time = base::duration();
  for (unsigned l = levels; l-- > first;) {
    const part& at = m_parts[stage][l];
    if (!at.present) continue;
    if (sequential) time = time + at.latency;
    at.counts->lookups += 1;
    if (const content* const hit =
            m_stores[at.store][partition].lookup(of_level(tag, l), address)) {
      at.counts->hits += 1;
      return &hit->table;
    }
  }
  return nullptr;
}

void walk_cache::insert(const arch::table_entry& table, const arch::decoded_config& config,
                        const arch::config_key& key) {
  if (table.root || table.level <= 0) return;
  const unsigned stage = index_of(table.stage);
  const auto level = static_cast<unsigned>(table.level) - 1;
  const part& at = m_parts[stage][level];
  if (!at.present) return;
  walk_cache_level_stats& counts = *at.counts;
  counts.fills += 1;
  const std::uint32_t partition = m_params.partition.of(config.vmid, key.has_ssid, key.ssid);
  if (m_stores[at.store][partition].insert(of_level(tag_of(table.stage, config), level),
                                           table.prefix, table.shift,
                                           {table, arch::tag_of(table, config)})) {
    counts.evictions += 1;
  }
}

void walk_cache::invalidate(const arch::invalidation& inv) {
  if (inv.by_address() && inv.leaf_only()) return;
  for (cache& c : m_stores) {
    c.invalidate_if([&](std::uint64_t, std::uint64_t, unsigned, const content& held) {
      if (!inv.covers(held.scope)) return false;
      const auto level = static_cast<unsigned>(held.table.level) - 1;
      m_parts[index_of(held.table.stage)][level].counts->invalidated += 1;
      return true;
    });
  }
}

}  // namespace svasim::smmu
