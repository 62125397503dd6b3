// The bytes of physical memory, held by 4 KiB page; what was never written reads as zero. Tables,
// queues and rings live here. Holds no time: the memory modules decide when a byte is seen.
#pragma once

#include <tsl/robin_map.h>

#include <array>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "base/address.h"

namespace svasim::base {

class sparse_memory {
 public:
  /// Copy `n` bytes at `at` into `out`.
  void read(pa at, void* out, std::size_t n) const;
  /// Copy `n` bytes from `in` to `at`.
  void write(pa at, const void* in, std::size_t n);
  /// Little-endian 64-bit word; any alignment.
  std::uint64_t read64(pa at) const {
    std::uint64_t v;
    read(at, &v, sizeof v);
    return v;
  }
  void write64(pa at, std::uint64_t v) { write(at, &v, sizeof v); }
  std::size_t pages_held() const { return m_pages.size(); }

 private:
  static constexpr unsigned page_shift = 12;
  using page = std::array<unsigned char, 1u << page_shift>;
  tsl::robin_map<std::uint64_t, std::unique_ptr<page>> m_pages;
};

}  // namespace svasim::base
