// Per-stream prefetch in the TBU: which page to ask for after a miss (IHI 0070 3.14 lets the SMMU
// translate speculatively). `next_page` is the page behind the leaf; `stride` the page at the
// distance that the last two misses of the stream had in common.
//
// Leaves out: more than one page ahead, accuracy feedback.
#pragma once

#include <cstdint>
#include <optional>

#include "tlm/smmu/tbu_params.h"
#include "uarch/set_associative_cache.h"

namespace svasim::smmu {

class prefetcher {
 public:
  explicit prefetcher(const prefetch_params& params)
      : m_rule(params.rule), m_streams({params.streams, params.streams}, uarch::replacement::lru) {}

  bool on() const { return m_rule != prefetch_rule::none; }
  /// A miss of `stream` at `address` was translated by a leaf of 2^shift bytes. The address to ask
  /// for now, if there is one.
  std::optional<std::uint64_t> after_miss(std::uint64_t stream, std::uint64_t address,
                                          unsigned shift) {
    const std::uint64_t leaf = address >> shift << shift;
    if (m_rule == prefetch_rule::next_page) return beyond(leaf, std::uint64_t{1} << shift);
    if (m_rule != prefetch_rule::stride) return std::nullopt;
    history* const known = m_streams.lookup(stream, 0);
    if (known == nullptr) {
      m_streams.insert(stream, 0, 0, {leaf, 0});
      return std::nullopt;
    }
    const auto distance = static_cast<std::int64_t>(leaf - known->last);
    const bool again = distance != 0 && distance == known->distance;
    *known = {leaf, distance};
    return again ? beyond(leaf, static_cast<std::uint64_t>(distance)) : std::nullopt;
  }

 private:
  struct history {
    std::uint64_t last;
    std::int64_t distance;
  };
  // None where the address space ends.
  static std::optional<std::uint64_t> beyond(std::uint64_t leaf, std::uint64_t distance) {
    const std::uint64_t next = leaf + distance;
    const bool down = distance >> 63 != 0;
    if (down ? next > leaf : next < leaf) return std::nullopt;
    return next;
  }

  prefetch_rule m_rule;
  uarch::set_associative_cache<std::uint64_t, history> m_streams;
};

}  // namespace svasim::smmu
