// Logarithms, powers and shuffles in integers: the same in every build, unlike those of libm.
// Fixed-point values have 32 bits behind the point (q32).
#pragma once

#include <cstdint>

namespace svasim::workloads {

/// log2(n) in q32, n >= 1; error below 2^-30.
std::uint64_t log2_q32(std::uint64_t n);

/// floor(2^x) of x in q32, below 63; relative error below 2^-28.
std::uint64_t exp2_q32(std::uint64_t x);

/// -ln(u / 2^64) in q32 for u in 1..2^64-1: exponentially distributed with mean 1 when u is
/// uniform. At most 45.
std::uint64_t exponential_q32(std::uint64_t u);

/// A permutation of 0..n-1 without table, told by its seed: a Feistel network walked until it lands
/// inside (Black and Rogaway, CT-RSA 2002).
class shuffle {
 public:
  /// n in 1..2^62.
  shuffle(std::uint64_t n, std::uint64_t seed);
  std::uint64_t operator()(std::uint64_t i) const;

 private:
  static constexpr unsigned rounds = 4;
  std::uint64_t m_n;
  unsigned m_half;  // bits of each half
  std::uint64_t m_keys[rounds];
};

}  // namespace svasim::workloads
