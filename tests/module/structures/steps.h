// Random sequences for model tests: each step is one word of dice, thrown where the test needs a
// choice, so that rapidcheck shrinks a failing sequence by leaving out steps and lowering words.
#pragma once

#include <rapidcheck.h>

#include <array>
#include <cstdint>
#include <limits>
#include <vector>

namespace svasim::test {

class dice {
 public:
  explicit dice(std::uint64_t word) : m_left(word) {}
  /// In [0, n); n > 0. A word is enough for about a dozen small choices.
  std::uint64_t below(std::uint64_t n) {
    const std::uint64_t r = m_left % n;
    m_left /= n;
    return r;
  }
  bool one_in(std::uint64_t n) { return below(n) == n - 1; }
  template <class T, std::size_t N>
  T of(const std::array<T, N>& choices) {
    return choices[below(N)];
  }

 private:
  std::uint64_t m_left;
};

/// Words for up to `most` steps; only inside rc::check.
inline std::vector<std::uint64_t> any_steps(int most) {
  const auto word = rc::gen::inRange<std::uint64_t>(0, std::numeric_limits<std::uint64_t>::max());
  return *rc::gen::resize(most, rc::gen::container<std::vector<std::uint64_t>>(word));
}

}  // namespace svasim::test
