// Bit fields, powers of two.
#pragma once

#include <cstdint>

namespace svasim::base {

/// Field v[hi:lo] as the specifications write it; 0 <= lo <= hi <= 63.
constexpr std::uint64_t bits(std::uint64_t v, unsigned hi, unsigned lo) {
  return (v >> lo) & (~std::uint64_t{0} >> (63 - (hi - lo)));
}
constexpr bool bit(std::uint64_t v, unsigned n) {
  return ((v >> n) & 1) != 0;
}
/// A mask of the n low bits; 0 <= n <= 64.
constexpr std::uint64_t low_mask(unsigned n) {
  return n >= 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << n) - 1;
}
/// `field` placed at [hi:lo]; bits of `field` beyond the width are cut.
constexpr std::uint64_t place(std::uint64_t field, unsigned hi, unsigned lo) {
  return (field & low_mask(hi - lo + 1)) << lo;
}
constexpr bool is_power_of_two(std::uint64_t v) {
  return v != 0 && (v & (v - 1)) == 0;
}
/// floor(log2(v)); v > 0.
constexpr unsigned log2_floor(std::uint64_t v) {
  return 63u - static_cast<unsigned>(__builtin_clzll(v));
}
/// ceil(a / b); b > 0.
constexpr std::uint64_t divide_up(std::uint64_t a, std::uint64_t b) {
  return (a + b - 1) / b;
}

}  // namespace svasim::base
