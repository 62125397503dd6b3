// A piece of physical memory that tables are taken from: 4 KiB pages and larger aligned runs.
#pragma once

#include <cstdint>
#include <vector>

#include "base/address.h"
#include "base/sparse_memory.h"
#include "base/units.h"

namespace svasim::arch {

class table_region {
 public:
  /// The region must read as zero. Throws base::input_error unless `first` is a multiple of 64 KiB
  /// and the region lies below 2^48.
  table_region(base::sparse_memory& memory, base::pa first, base::byte_size size);

  /// Zeroed memory, aligned to its size: a power of two, at least 4096. Throws base::input_error
  /// where the region is full.
  std::uint64_t allocate(std::uint64_t size);
  /// Give a 4 KiB page back; it is zeroed.
  void release(std::uint64_t page);

  base::sparse_memory& memory() const { return m_memory; }
  /// Bytes taken and not given back.
  base::byte_size used() const { return base::byte_size(m_used); }

 private:
  base::sparse_memory& m_memory;
  std::uint64_t m_end;
  std::uint64_t m_next;               ///< first byte never given out
  std::vector<std::uint64_t> m_free;  ///< pages before m_next, the last is taken first
  std::uint64_t m_used = 0;
};

}  // namespace svasim::arch
