// A random scenario with its answers from arch alone: queries, commands, and edits of tables and
// structures, each followed by invalidations that cover it and a CMD_SYNC, as software must. What
// covers an edit is known from the walks before it: whatever read the word, with its StreamID,
// address, ASID, VMID and IPA.
#pragma once

#include <map>
#include <tuple>
#include <vector>

#include "platforms/scenario/answer.h"
#include "random_image.h"
#include "tlm/smmu/smmu_params.h"

namespace svasim::test {

struct fuzz_counts {
  std::uint64_t queries = 0, translated = 0, faults = 0, edits = 0, commands = 0, updates = 0;
  std::uint64_t nested = 0;  ///< translated by both stages
  std::uint64_t spared = 0;  ///< reads that the timed SMMU did not need to make
};

struct random_case {
  scenario::scenario s;
  smmu::smmu_params params;
  std::map<std::size_t, scenario::query_answer> queries;     ///< by step
  std::map<std::size_t, scenario::command_answer> commands;  ///< by step
};

/// The same for the same seed. About `queries` queries, less where the case comes to a point at
/// which software would break a rule.
void make_random_case(std::uint64_t seed, unsigned queries, random_case& out, fuzz_counts& counts);

/// Run it through the timed SMMU in a process of its own; empty where all answers are the same,
/// else the first that is not, with the seed.
std::string differ_when_timed(std::uint64_t seed, unsigned queries, fuzz_counts& counts);

/// Seeds [first, first + ...) until `queries` are made; the first difference, else empty.
std::string run_translate_fuzz(std::uint64_t first, std::uint64_t queries, fuzz_counts& counts);

}  // namespace svasim::test
