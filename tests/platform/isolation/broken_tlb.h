// Takes the place of the functions of tlm/smmu/tlb.cpp, with a defect that a test chooses, to see
// that the isolation checker notices. The program proper has no such choice.
#pragma once

namespace svasim::test {

enum class tlb_defect {
  none,
  invalidation_ignored,
  asid_ignored,              ///< an entry answers ASIDs 1 and 2
  block_under_its_base_set,  ///< a TLBI looks for a block in the set of the page it names
  permission_skipped_on_a_hit,
};
/// Of all TLBs of this process.
extern tlb_defect defect;

}  // namespace svasim::test
