// Byte addresses of the three address spaces a DMA passes through. Each is its own type, so that an
// IPA cannot be used where a PA is meant; crossing over is spelled out with value().
#pragma once

#include <cstdint>
#include <functional>

namespace svasim::base {

template <class Tag>
class address {
 public:
  constexpr address() = default;
  constexpr explicit address(std::uint64_t v) : m_value(v) {}
  constexpr std::uint64_t value() const { return m_value; }

  /// The address without its low `shift` bits.
  constexpr address page_base(unsigned shift) const { return address(m_value >> shift << shift); }
  /// The page number at a page size of 2^shift bytes.
  constexpr std::uint64_t page(unsigned shift) const { return m_value >> shift; }
  /// The low `shift` bits.
  constexpr std::uint64_t offset(unsigned shift) const {
    return m_value & ((std::uint64_t{1} << shift) - 1);
  }

  friend constexpr address operator+(address a, std::uint64_t n) { return address(a.m_value + n); }
  friend constexpr std::uint64_t operator-(address a, address b) { return a.m_value - b.m_value; }
  friend constexpr bool operator==(address a, address b) { return a.m_value == b.m_value; }
  friend constexpr bool operator!=(address a, address b) { return a.m_value != b.m_value; }
  friend constexpr bool operator<(address a, address b) { return a.m_value < b.m_value; }
  friend constexpr bool operator<=(address a, address b) { return a.m_value <= b.m_value; }

 private:
  std::uint64_t m_value = 0;
};

/// What a device puts on the bus: an I/O virtual address, the input of the SMMU.
using iova = address<struct iova_tag>;
/// Intermediate physical address: output of stage 1, input of stage 2.
using ipa = address<struct ipa_tag>;
/// Physical address: the output of the SMMU.
using pa = address<struct pa_tag>;

}  // namespace svasim::base

template <class Tag>
struct std::hash<svasim::base::address<Tag>> {
  std::size_t operator()(svasim::base::address<Tag> a) const noexcept {
    return std::hash<std::uint64_t>{}(a.value());
  }
};
