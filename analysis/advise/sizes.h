// The sizes of a structure that are worth simulating: powers of two times its ways, without those
// that miss no less often than a smaller one would under LRU. Real policies are not LRU, and a
// structure may sit behind another; so this is a guide that saves runs, not a proof.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "trace/record.h"

namespace svasim::advise {

struct structure_shape {
  std::string path;  ///< "smmu.tbu.main_tlb"
  std::uint64_t entries = 0, ways = 0;

  /// Where its ways go with its entries.
  bool fully_associative() const { return entries == ways; }
};

struct size_list {
  std::vector<std::uint64_t> sizes;  ///< rising, at least one
  std::vector<std::uint64_t> left_out;
};

/// From the ways, or from 4 where fully associative, doubling up to `most`; at least one.
std::vector<std::uint64_t> all_sizes(const structure_shape& s, std::uint64_t most);

/// Bytes of address that one entry covers: a leaf for TLBs (`leaf_bytes`), a table for walk caches
/// of this level; 0 where entries are no addresses (configuration caches).
std::uint64_t reach_of(const std::string& path, std::uint64_t leaf_bytes);

/// Reads `source` to its end. Everything is kept where reach is 0 or the trace has too many pages.
size_list useful_sizes(const structure_shape& s, std::vector<std::uint64_t> sizes,
                       trace::source& source);

}  // namespace svasim::advise
