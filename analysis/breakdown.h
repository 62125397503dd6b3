// Where the time of a DMA goes: each stage's part of the mean latency of reads and writes together,
// rounded so that the printed parts add up to the printed whole.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/result.h"

namespace svasim::analysis {

struct breakdown_row {
  const stage* what = nullptr;  ///< of the result it was made from
  std::uint64_t share = 0;      ///< of the whole, in 1/10000
  std::uint64_t mean = 0;       ///< per transaction, in 1/100 ns
};

struct breakdown_group {
  stage_group group = stage_group::translation;
  std::uint64_t share = 0;
  std::uint64_t mean = 0;
  std::uint64_t sum_ps = 0;
};

struct breakdown {
  static constexpr std::uint64_t whole = 10000;  ///< all shares together
  std::uint64_t transactions = 0;
  std::uint64_t sum_ps = 0;
  std::uint64_t mean = 0;  ///< of the whole, in 1/100 ns; the rows' means add up to it
  std::vector<breakdown_row>
      rows;  ///< stages that took time, in path order; shares add up to `whole`
  std::vector<breakdown_group> groups;  ///< those with rows, in the order of their first
  std::vector<std::string> idle;        ///< labels of stages that never took time
};

/// Points into `r`, which must outlive it.
breakdown break_down(const result& r);

/// A row's mean or share with its two decimals; "<0.01" where its rounded part is none, since it
/// took time.
std::string part_text(std::uint64_t part);

/// "translation", "link", "memory", "device"
const char* group_name(stage_group g);

}  // namespace svasim::analysis
