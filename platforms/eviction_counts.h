// Who evicted whom in a TLB: how often a fill for one stream (or address space, where those tag the
// entries) made an entry of another leave. The first 64 that appear are kept apart, the rest are
// one.
#pragma once

#include <tsl/robin_map.h>

#include <nlohmann/json_fwd.hpp>
#include <vector>

namespace svasim::platforms {

class eviction_counts {
 public:
  static constexpr std::size_t kept = 64;    ///< tags counted apart
  static constexpr std::size_t listed = 12;  ///< of them, shown apart

  eviction_counts() : m_counts((kept + 1) * (kept + 1)) {}
  /// A fill for tag `by` evicted an entry of tag `victim`.
  void add(std::uint64_t by, std::uint64_t victim) {
    ++m_counts[index_of(by) * (kept + 1) + index_of(victim)];
  }
  /// {"parties": ["StreamID 0x8", ..., "all others"], "pairs": [[evictor, victim, count], ...]}:
  /// indices into parties, those with most evictions and losses first; counts above 0.
  nlohmann::json to_json() const;

 private:
  std::size_t index_of(std::uint64_t tag) { return tag == m_last_tag ? m_last : find(tag); }
  std::size_t find(std::uint64_t tag);

  std::uint64_t m_last_tag = ~std::uint64_t{0};  // no tag
  std::size_t m_last = 0;
  std::vector<std::uint64_t> m_counts;  // [evictor][victim]; index `kept` is the rest
  std::vector<std::uint64_t> m_tags;
  tsl::robin_map<std::uint64_t, std::size_t> m_find;
};

}  // namespace svasim::platforms
