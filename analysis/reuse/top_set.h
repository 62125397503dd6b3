// A set of numbers below a fixed bound that gives its largest at once: bitmaps of which each word
// below has a bit above, until one word is left.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace svasim::reuse {

class top_set {
 public:
  /// Empty; for numbers below `bound`, which is at least 1.
  explicit top_set(std::uint32_t bound) {
    std::size_t words = bound;
    do {
      words = (words + 63) / 64;
      m_levels.emplace_back(words);
    } while (words > 1);
  }

  bool empty() const { return m_levels.back()[0] == 0; }
  bool contains(std::uint32_t n) const { return (m_levels[0][n / 64] >> (n % 64) & 1) != 0; }

  /// The set is not empty.
  std::uint32_t largest() const {
    std::uint32_t n = 0;
    for (std::size_t l = m_levels.size(); l-- != 0;) {
      n = n * 64 + 63 - static_cast<std::uint32_t>(__builtin_clzll(m_levels[l][n]));
    }
    return n;
  }

  void insert(std::uint32_t n) {
    for (std::vector<std::uint64_t>& level : m_levels) {
      std::uint64_t& word = level[n / 64];
      const bool known = word != 0;
      word |= std::uint64_t{1} << (n % 64);
      if (known) return;
      n /= 64;
    }
  }

  void erase(std::uint32_t n) {
    for (std::vector<std::uint64_t>& level : m_levels) {
      std::uint64_t& word = level[n / 64];
      word &= ~(std::uint64_t{1} << (n % 64));
      if (word != 0) return;
      n /= 64;
    }
  }

 private:
  std::vector<std::vector<std::uint64_t>> m_levels;  // from the numbers themselves upwards
};

}  // namespace svasim::reuse
