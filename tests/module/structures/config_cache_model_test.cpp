// The configuration caches against naive ones: the merged cache, the STE and the CD cache side by
// side, as platforms may have any of the three.
#include "tlm/smmu/configuration_cache.h"

#include <catch2/catch.hpp>

#include "commands.h"
#include "tests/unit/uarch/naive_cache.h"

using namespace svasim;
using base::ns;
using test::dice;
using test::naive_cache;
using test::naive_entry;
using uarch::geometry;
using uarch::replacement;

namespace {

smmu::tcu_params params_of(geometry shape, replacement policy, unsigned present) {
  smmu::tcu_params p;
  p.configuration_cache = {shape.entries, shape.ways, policy, ns(1), "test"};
  p.ste_cache = {shape.entries, shape.ways, policy, ns(2), "test"};
  p.cd_cache = {shape.entries, shape.ways, policy, ns(4), "test"};
  unsigned bit = 1;
  for (auto* c : {&p.configuration_cache, &p.ste_cache, &p.cd_cache}) {
    if ((present & bit) == 0) c->entries = 0;
    bit *= 2;
  }
  return p;
}

/// One naive cache and what it counts.
class model {
 public:
  model(geometry shape, replacement policy, bool present)
      : m_present(present), m_capacity(shape.entries), m_cache(shape, policy, 1) {}

  bool present() const { return m_present; }
  // Payload 0: nothing.
  std::uint64_t lookup(std::uint64_t tag, base::stream_id sid) {
    if (!m_present) return 0;
    const auto e = m_cache.lookup(tag, sid.value(), 0, true);
    (e ? m_hits : m_misses) += 1;
    return e ? e->payload : 0;
  }
  void keep(std::uint64_t tag, base::stream_id sid, std::uint64_t content) {
    if (!m_present) return;
    m_fills += 1;
    m_overwritten += m_cache.lookup(tag, sid.value(), 0, false).has_value() ? 1 : 0;
    m_evictions += m_cache.insert({tag, sid.value(), 0, content}).has_value() ? 1 : 0;
  }
  template <class Covers>
  void invalidate(const Covers& covers) {
    m_invalidated += m_cache.invalidate([&](const naive_entry& e) {
      return covers(e.tag, base::stream_id(static_cast<std::uint32_t>(e.address)));
    });
  }
  bool agrees(const smmu::tlb_stats& is) const {
    return is.lookups.value() == m_hits + m_misses && is.hits.value() == m_hits &&
           is.misses.value() == m_misses && is.fills.value() == m_fills &&
           is.evictions.value() == m_evictions && is.invalidated.value() == m_invalidated &&
           m_cache.content().size() == m_fills - m_overwritten - m_evictions - m_invalidated &&
           m_cache.content().size() <= m_capacity;
  }

 private:
  bool m_present;
  std::uint32_t m_capacity;
  naive_cache m_cache;
  std::uint64_t m_hits = 0, m_misses = 0;
  std::uint64_t m_fills = 0, m_overwritten = 0, m_evictions = 0, m_invalidated = 0;
};

// The substream as a number, that of none apart from 0.
std::uint64_t substream_of(const arch::config_key& key) {
  return key.has_ssid ? key.ssid.value() + 1u : 0u;
}

class pair_under_test {
 public:
  pair_under_test(geometry shape, replacement policy, unsigned present)
      : m_cache(params_of(shape, policy, present), &m_root),
        m_merged(shape, policy, (present & 1) != 0),
        m_stes(shape, policy, (present & 2) != 0),
        m_cds(shape, policy, (present & 4) != 0) {}

  bool step(std::uint64_t word) {
    dice d(word);
    const std::uint64_t kind = d.below(16);
    if (kind == 15) {
      invalidate(test::any_cfgi(d));
    } else if (kind == 14) {
      m_cache.invalidate(test::any_tlbi(d));  // is none of its business
    } else {
      const arch::config_key key = test::any_stream(d);
      if (kind < 7) keep(key, static_cast<unsigned>(kind));
      if (!finds_the_same(key)) return false;
    }
    return m_merged.agrees(m_cache.statistics()) && m_stes.agrees(m_cache.ste_statistics()) &&
           m_cds.agrees(m_cache.cd_statistics());
  }

 private:
  void keep(const arch::config_key& key, unsigned what) {
    const std::uint64_t content = ++m_kept;
    if (what < 3) {
      arch::decoded_config c;
      c.s2_table = content;
      m_cache.keep(key, c);
      m_merged.keep(substream_of(key), key.sid, content);
    } else if (what < 5) {
      m_cache.keep_ste(key.sid, {content});
      m_stes.keep(0, key.sid, content);
    } else {
      m_cache.keep_cd(key, {content});
      m_cds.keep(substream_of(key), key.sid, content);
    }
  }
  bool finds_the_same(const arch::config_key& key) {
    const auto found = m_cache.lookup(key, ns(10));
    const std::uint64_t time =
        10u + m_merged.present() + 2u * m_stes.present() + 4u * m_cds.present();
    const std::uint64_t config = found.config == nullptr ? 0 : found.config->s2_table;
    const std::uint64_t ste = found.ste == nullptr ? 0 : (*found.ste)[0];
    const std::uint64_t cd = found.cd == nullptr ? 0 : (*found.cd)[0];
    return found.done == ns(time) && config == m_merged.lookup(substream_of(key), key.sid) &&
           ste == m_stes.lookup(0, key.sid) && cd == m_cds.lookup(substream_of(key), key.sid);
  }
  void invalidate(const arch::invalidation& inv) {
    m_cache.invalidate(inv);
    const auto of_substream = [&](std::uint64_t substream, base::stream_id sid) {
      const auto ssid = static_cast<std::uint32_t>(substream == 0 ? 0 : substream - 1);
      return inv.covers(arch::config_key{sid, substream != 0, base::substream_id(ssid)});
    };
    m_merged.invalidate(of_substream);
    m_cds.invalidate(of_substream);
    m_stes.invalidate([&](std::uint64_t, base::stream_id sid) { return inv.covers_ste(sid); });
  }

  stats::group m_root{"test"};
  smmu::configuration_cache m_cache;
  model m_merged, m_stes, m_cds;
  std::uint64_t m_kept = 0;
};

bool holds(geometry shape, replacement policy, unsigned present) {
  return rc::check([&] {
    pair_under_test pair(shape, policy, present);
    for (const std::uint64_t word : test::any_steps(250)) {
      if (!pair.step(word)) return false;
    }
    return true;
  });
}

constexpr unsigned merged_only = 1, apart = 6, all = 7;

}  // namespace

TEST_CASE("configuration caches find, count, evict and drop what naive ones do") {
  for (const unsigned present : {merged_only, apart, all, 2u, 4u, 0u}) {
    for (const replacement policy :
         {replacement::lru, replacement::tree_plru, replacement::round_robin, replacement::srrip}) {
      INFO(present << ' ' << to_string(policy));
      REQUIRE(holds({4, 2}, policy, present));
    }
  }
}

TEST_CASE("configuration caches with room for every stream find all that was kept") {
  REQUIRE(holds({64, 64}, replacement::lru, all));
  REQUIRE(holds({64, 16}, replacement::lru, all));
}

TEST_CASE("a stream without SubstreamID and its SubstreamID 0 are two entries") {
  stats::group root{"test"};
  smmu::configuration_cache cache(params_of({4, 4}, replacement::lru, all), &root);
  const arch::config_key without{base::stream_id(3), false, {}}, zero{base::stream_id(3), true, {}};
  cache.keep(without, {});
  cache.keep_cd(without, {});
  cache.keep_ste(base::stream_id(3), {});
  const auto found = cache.lookup(zero, {});
  CHECK(found.config == nullptr);
  CHECK(found.cd == nullptr);
  CHECK(found.ste != nullptr);
  CHECK(cache.lookup(without, {}).config != nullptr);
}
