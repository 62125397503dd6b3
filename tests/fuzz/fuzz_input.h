// The bytes of a fuzzer as words and registers; zeroes where they end.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "arch/registers.h"

namespace svasim::fuzz {

class input {
 public:
  input(const std::uint8_t* data, std::size_t size) : m_data(data), m_size(size) {}
  bool empty() const { return m_at >= m_size; }
  std::uint64_t word() { return take<std::uint64_t>(); }
  std::uint32_t half_word() { return take<std::uint32_t>(); }
  std::uint8_t byte() { return take<std::uint8_t>(); }
  arch::registers registers() {
    arch::registers r;
    r.idr0 = half_word();
    r.idr1 = half_word();
    r.idr3 = half_word();
    r.idr5 = half_word();
    r.cr0 = half_word();
    r.cr2 = half_word();
    r.gbpa = half_word();
    r.strtab_base_cfg = half_word();
    r.strtab_base = word();
    return r;
  }

 private:
  template <class T>
  T take() {
    T v{};
    const std::size_t n = m_size - m_at < sizeof v ? m_size - m_at : sizeof v;
    std::memcpy(&v, m_data + m_at, n);
    m_at += n;
    return v;
  }
  const std::uint8_t* m_data;
  std::size_t m_size;
  std::size_t m_at = 0;
};

/// Ends the process where `holds` is false, which the fuzzer reports.
inline void require(bool holds, const char* what) {
  if (!holds) {
    std::fprintf(stderr, "violated: %s\n", what);
    std::abort();
  }
}

}  // namespace svasim::fuzz
