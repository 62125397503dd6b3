#include "workloads/integer_math.h"

#include <array>

#include "base/bits.h"
#include "base/rng.h"

namespace svasim::workloads {
namespace {

constexpr unsigned fraction_bits = 32;
constexpr unsigned point = 62;  // of a power
using wide = unsigned __int128;

// floor(sqrt(v)), bit by bit.
std::uint64_t square_root(wide v) {
  std::uint64_t root = 0;
  for (int bit = 63; bit >= 0; --bit) {
    const std::uint64_t next = root | std::uint64_t{1} << bit;
    if (wide{next} * next <= v) root = next;
  }
  return root;
}

// 2^(1/2), 2^(1/4), ... with 62 bits behind the point.
std::array<std::uint64_t, fraction_bits> make_factors() {
  std::array<std::uint64_t, fraction_bits> out{};
  std::uint64_t factor = std::uint64_t{2} << point;
  for (std::uint64_t& f : out) f = factor = square_root(wide{factor} << point);
  return out;
}

std::uint64_t mix(std::uint64_t v) {
  v = (v ^ (v >> 30)) * 0xbf58476d1ce4e5b9u;
  v = (v ^ (v >> 27)) * 0x94d049bb133111ebu;
  return v ^ (v >> 31);
}

}  // namespace

// Squaring the mantissa doubles its logarithm: each carry out of [1, 2) is a bit of it.
std::uint64_t log2_q32(std::uint64_t n) {
  const unsigned whole = base::log2_floor(n);
  std::uint64_t mantissa = n << (63 - whole);  // in [1, 2) with 63 bits behind the point
  std::uint64_t out = whole;
  for (unsigned i = 0; i < fraction_bits; ++i) {
    const wide squared = wide{mantissa} * mantissa;  // 126 bits behind the point
    const bool carry = (squared >> 127) != 0;
    mantissa = static_cast<std::uint64_t>(squared >> (carry ? 64 : 63));
    out = out << 1 | (carry ? 1 : 0);
  }
  return out;
}

// The product of 2^(2^-k) over the bits k of the fraction, each factor the root of the one before.
std::uint64_t exp2_q32(std::uint64_t x) {
  static const std::array<std::uint64_t, fraction_bits> factors = make_factors();
  std::uint64_t out = std::uint64_t{1} << point;
  for (unsigned k = 0; k < fraction_bits; ++k) {
    if ((x >> (fraction_bits - 1 - k) & 1) != 0) {
      out = static_cast<std::uint64_t>((wide{out} * factors[k]) >> point);
    }
  }
  const auto whole = static_cast<unsigned>(x >> fraction_bits);
  return whole >= point ? out << (whole - point) : out >> (point - whole);
}

std::uint64_t exponential_q32(std::uint64_t u) {
  constexpr std::uint64_t ln2 = 0xb17217f8;  // in q32
  const std::uint64_t below_one = (std::uint64_t{64} << fraction_bits) - log2_q32(u);
  return static_cast<std::uint64_t>((wide{below_one} * ln2) >> fraction_bits);
}

shuffle::shuffle(std::uint64_t n, std::uint64_t seed) : m_n(n), m_half(1) {
  while (m_half < 31 && (std::uint64_t{1} << (2 * m_half)) < n) ++m_half;
  base::rng rng(seed);
  for (std::uint64_t& key : m_keys) key = rng.next();
}

std::uint64_t shuffle::operator()(std::uint64_t i) const {
  const std::uint64_t mask = (std::uint64_t{1} << m_half) - 1;
  do {
    std::uint64_t left = i >> m_half;
    std::uint64_t right = i & mask;
    for (const std::uint64_t key : m_keys) {
      const std::uint64_t next = left ^ (mix(right + key) & mask);
      left = right;
      right = next;
    }
    i = left << m_half | right;
  } while (i >= m_n);
  return i;
}

}  // namespace svasim::workloads
