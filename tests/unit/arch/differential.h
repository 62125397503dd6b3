// src/arch against the naive walker, case by case.
#pragma once

#include <array>
#include <cstdint>
#include <string>

namespace svasim::test {

/// What a run of cases has met, so that a test can tell that it met enough.
struct differential_counts {
  std::uint64_t cases = 0;
  std::uint64_t translated = 0;             ///< ended in an address, through tables
  std::uint64_t updates = 0;                ///< compare-and-swaps
  std::uint64_t failed_updates = 0;         ///< of these, on a word that had changed
  std::uint64_t spans = 0;                  ///< entries larger than their leaf (contiguous)
  std::uint64_t above_48 = 0;               ///< output addresses beyond 48 bits
  std::uint64_t level_minus_1 = 0;          ///< descriptors read at level -1
  std::uint64_t grants = 0;                 ///< translation requests with some permission
  std::array<std::uint64_t, 256> events{};  ///< recorded, by number
};

/// Compare one random case. Empty where both agree, else what differs.
std::string differ(std::uint64_t seed, differential_counts& counts);

/// Run seeds [first, first + n) and return the first difference found, with its seed; else empty.
std::string run_differential(std::uint64_t first, std::uint64_t n, differential_counts& counts);

}  // namespace svasim::test
