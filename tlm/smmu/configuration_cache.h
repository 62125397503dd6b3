// The configuration caches of the TCU (IHI 0070 3.17, 16.2): what is known of a stream, either STE
// and CD decoded together in one entry, or STEs and CDs as they were read, each in a cache of their
// own. Erroneous structures are kept too (5.2.1).
//
// CDs are known by (StreamID, SubstreamID), and whether there was one. Leaves out: L1STDs and
// L1CDs, STE.CONT.
#pragma once

#include "arch/config.h"
#include "arch/invalidation.h"
#include "tlm/kit/ports.h"
#include "tlm/smmu/tcu_params.h"
#include "tlm/smmu/tlb.h"
#include "uarch/set_associative_cache.h"

namespace svasim::smmu {

class configuration_cache {
 public:
  configuration_cache(const tcu_params& params, stats::group* parent);

  /// What is known; null where nothing is. Valid until the next fill or invalidation.
  struct found {
    const arch::decoded_config* config = nullptr;
    const arch::structure_words* ste = nullptr;
    const arch::structure_words* cd = nullptr;
    base::duration done;  ///< when the lookup is over
  };
  found lookup(const arch::config_key& key, base::duration at);

  void keep(const arch::config_key& key, const arch::decoded_config& config);
  void keep_ste(base::stream_id sid, const arch::structure_words& words);
  void keep_cd(const arch::config_key& key, const arch::structure_words& words);
  void invalidate(const arch::invalidation& inv);

  /// Of the merged cache.
  const tlb_stats& statistics() const { return m_stats; }
  const tlb_stats& ste_statistics() const { return m_ste_stats; }
  const tlb_stats& cd_statistics() const { return m_cd_stats; }

 private:
  // A cache and what its last lookup found: the same stream often comes again, and it is the most
  // recently used one then.
  template <class Content>
  struct store : uarch::set_associative_cache<std::uint64_t, Content> {
    using cache = uarch::set_associative_cache<std::uint64_t, Content>;
    using cache::cache;
    const Content* find(std::uint64_t tag, base::stream_id sid) {
      if (m_last == nullptr || m_tag != tag || m_sid != sid) {
        m_tag = tag;
        m_sid = sid;
        // The StreamID is the address, so that neighbouring streams fall into different sets.
        m_last = cache::lookup(tag, sid.value(), 0);
      }
      return m_last;
    }
    bool enter(std::uint64_t tag, base::stream_id sid, const Content& content) {
      m_last = nullptr;
      return cache::insert(tag, sid.value(), 0, content);
    }
    template <class Predicate>
    std::uint32_t drop_if(const Predicate& doomed) {
      m_last = nullptr;
      return cache::invalidate_if(doomed);
    }

   private:
    const Content* m_last = nullptr;
    std::uint64_t m_tag = 0;
    base::stream_id m_sid;
  };

  const lookup_params m_merged_params, m_ste_params, m_cd_params;
  tlb_stats m_stats, m_ste_stats, m_cd_stats;
  store<arch::decoded_config> m_merged;
  store<arch::structure_words> m_stes, m_cds;
  kit::ports m_merged_ports, m_ste_ports, m_cd_ports;
};

}  // namespace svasim::smmu
