// A Translation Completion of several entries, side by side: how many there are (PCIe 10.2.3).
#pragma once

#include <cstdint>

#include "arch/ats.h"

namespace svasim::arch {

/// What stands in the place of an entry that a completion does not have.
inline void end_entries(ats_completion& behind_last) {
  behind_last.size_shift = 0;
}

/// Entries of a completion whose request asked for `asked`.
inline std::uint32_t entries_of(const ats_completion* first, std::uint32_t asked) {
  std::uint32_t n = 1;
  while (n < asked && first[n].size_shift != 0) ++n;
  return n;
}

}  // namespace svasim::arch
