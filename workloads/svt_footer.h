// Reads the footer of a .svt file (layout: svt_format.h): the summary, and where the blocks are.
#pragma once

#include <cstdint>
#include <vector>

#include "base/units.h"
#include "trace/record.h"

namespace svasim::workloads::svt {

struct index_entry {
  std::uint64_t offset;
  std::uint64_t records;
  base::duration first_time;
};

/// Fills in what a footer says. False where `bytes` are none; counts in it are
/// believed only as far as its bytes can hold them.
bool read_footer(const std::vector<unsigned char>& bytes, trace::summary& s,
                 std::vector<index_entry>& index);

}  // namespace svasim::workloads::svt
