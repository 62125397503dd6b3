// A set-associative cache whose ways are shared out among partitions: each has its own part of the
// ways of every set, and neither finds nor evicts what is in the ways of another.
//
// Left out: ways that several partitions share, unequal parts.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "uarch/set_associative_cache.h"

namespace svasim::uarch {

/// `partitions` of them, equal; empty where that is possible, else what is wrong.
inline std::string partition_defect(const geometry& shape, std::uint32_t partitions) {
  if (partitions == 0) return "there must be at least one partition";
  if (shape.ways % partitions == 0) return {};
  return std::to_string(shape.ways) + " ways cannot be shared out among " +
         std::to_string(partitions) + " partitions";
}

template <class Tag, class Payload, class Hash = std::hash<Tag>>
class partitioned_cache {
 public:
  using part = set_associative_cache<Tag, Payload, Hash>;
  using entry = typename part::entry;

  /// Throws base::input_error where the ways cannot be shared out, or the geometry is not legal.
  partitioned_cache(const geometry& shape, replacement policy, std::uint64_t seed = 1,
                    std::uint32_t partitions = 1) {
    if (const std::string defect = partition_defect(shape, partitions); !defect.empty()) {
      throw base::input_error(defect);
    }
    m_parts.reserve(partitions);
    for (std::uint32_t i = 0; i < partitions; ++i) {
      m_parts.emplace_back(
          geometry{shape.entries / partitions, shape.ways / partitions, shape.index_bit}, policy,
          seed + i);
    }
  }

  /// The ways of partition `index`, below partitions().
  part& operator[](std::uint32_t index) { return m_parts[index]; }
  std::uint32_t partitions() const { return static_cast<std::uint32_t>(m_parts.size()); }
  std::uint32_t capacity() const { return m_parts.front().capacity() * partitions(); }
  std::uint32_t sets() const { return m_parts.front().sets(); }
  /// As set_associative_cache::invalidate_if, in all partitions.
  template <class Predicate>
  std::uint32_t invalidate_if(Predicate&& doomed) {
    std::uint32_t n = 0;
    for (part& p : m_parts) n += p.invalidate_if(doomed);
    return n;
  }

 private:
  std::vector<part> m_parts;
};

}  // namespace svasim::uarch
