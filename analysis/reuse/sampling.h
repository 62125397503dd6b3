// SHARDS (Waldspurger, Park, Garthwaite and Ahmad, FAST 2015): the curve from the accesses to a
// fixed share R of the pages, chosen by a hash of the page. A stack distance among the sampled
// pages stands for one 1/R as long. With the SHARDS-adj correction: the sample has more or fewer
// than R of all accesses, and what it has too few or too many are taken as hits of every size.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "analysis/reuse/lru_stack.h"
#include "analysis/reuse/miss_counts.h"
#include "analysis/reuse/page_index.h"

namespace svasim::reuse {

/// A share of the pages in 1/2^24.
class sample_rate {
 public:
  static constexpr std::uint32_t whole = 1u << 24;

  /// "0.01", ".5", "1": above 0, at most 1, at least 1/2^24. Empty for anything else.
  static std::optional<sample_rate> parse(std::string_view text);
  /// 1 <= share <= whole.
  explicit sample_rate(std::uint32_t share) : m_share(share) {}

  std::uint32_t share() const { return m_share; }
  /// The same pages for every trace and build; those of a lower rate are among those of a higher.
  bool takes(const page_key& key) const;

 private:
  std::uint32_t m_share;
};

/// Misses of a cache of `entries` entries, estimated from the accesses in `sampled`; at most
/// `accesses`, of the whole trace.
std::uint64_t estimated_misses(const depth_histogram& sampled, sample_rate rate,
                               std::uint64_t entries, std::uint64_t accesses);

}  // namespace svasim::reuse
