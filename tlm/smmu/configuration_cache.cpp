#include "tlm/smmu/configuration_cache.h"

#include "tlm/smmu/stream_keys.h"

namespace svasim::smmu {
namespace {

template <class Store>
auto look_up(Store& store, std::uint64_t tag, base::stream_id sid, const lookup_params& params,
             kit::ports& ports, tlb_stats& counts, base::duration& at) {
  at = ports.take(at, params.latency) + params.latency;
  const auto* const found = store.find(tag, sid);
  counts.count(found != nullptr);
  return found;
}

template <class Store, class Content>
void enter(Store& store, std::uint64_t tag, base::stream_id sid, const Content& content,
           tlb_stats& counts) {
  if (store.capacity() == 0) return;
  counts.fills += 1;
  counts.evictions += store.enter(tag, sid, content);
}

}  // namespace

configuration_cache::configuration_cache(const tcu_params& params, stats::group* parent)
    : m_merged_params(params.configuration_cache),
      m_ste_params(params.ste_cache),
      m_cd_params(params.cd_cache),
      m_stats(parent, "configuration_cache"),
      m_ste_stats(parent, "ste_cache"),
      m_cd_stats(parent, "cd_cache"),
      m_merged(m_merged_params.shape(), m_merged_params.policy, 3),
      m_stes(m_ste_params.shape(), m_ste_params.policy, 6),
      m_cds(m_cd_params.shape(), m_cd_params.policy, 7),
      m_merged_ports(m_merged_params.ports),
      m_ste_ports(m_ste_params.ports),
      m_cd_ports(m_cd_params.ports) {}

configuration_cache::found configuration_cache::lookup(const arch::config_key& key,
                                                       base::duration at) {
  found f;
  if (m_merged_params.present()) {
    f.config = look_up(m_merged, substream_bits(key), key.sid, m_merged_params, m_merged_ports,
                       m_stats, at);
  }
  if (m_ste_params.present()) {
    f.ste = look_up(m_stes, 0, key.sid, m_ste_params, m_ste_ports, m_ste_stats, at);
  }
  if (m_cd_params.present()) {
    f.cd = look_up(m_cds, substream_bits(key), key.sid, m_cd_params, m_cd_ports, m_cd_stats, at);
  }
  f.done = at;
  return f;
}

void configuration_cache::keep(const arch::config_key& key, const arch::decoded_config& config) {
  enter(m_merged, substream_bits(key), key.sid, config, m_stats);
}

void configuration_cache::keep_ste(base::stream_id sid, const arch::structure_words& words) {
  enter(m_stes, 0, sid, words, m_ste_stats);
}

void configuration_cache::keep_cd(const arch::config_key& key, const arch::structure_words& words) {
  enter(m_cds, substream_bits(key), key.sid, words, m_cd_stats);
}

void configuration_cache::invalidate(const arch::invalidation& inv) {
  const auto covered = [&inv](std::uint64_t tag, std::uint64_t sid, unsigned, const auto&) {
    return inv.covers(config_key_of(tag | sid));
  };
  m_stats.invalidated += m_merged.drop_if(covered);
  m_cd_stats.invalidated += m_cds.drop_if(covered);
  m_ste_stats.invalidated +=
      m_stes.drop_if([&inv](std::uint64_t, std::uint64_t sid, unsigned, const auto&) {
        return inv.covers_ste(base::stream_id(static_cast<std::uint32_t>(sid)));
      });
}

}  // namespace svasim::smmu
