// What the lookup structures of a platform cost in storage: bits from geometry, so that sizes of
// different structures can be added up and weighed. An estimate for comparing designs, not the
// layout of a product: no ECC, no test logic, no ports.
//
// Assumed: 48-bit addresses in and out, 4 KiB granule, StreamIDs of 16 bits. Of each entry:
//
//   TLB          tag 36 bits of address less log2(sets), StreamID 16 + SubstreamID 20 (tagged by
//                ASID: ASID 16 + VMID 16; in a device: SubstreamID 20); output 36, permissions 4,
//                memory type and shareability 10, size of the leaf 3, valid 1
//   walk cache   tag 9 (level + 1) bits of address less log2(sets), ASID 16 + VMID 16 (stage 2:
//                VMID 16); table address 36, permissions of the table 5, valid 1
//   configuration  tag StreamID 16 + SubstreamID 20 less log2(sets); STE and CD merged 256, valid 1
//
// Of each set, for replacement: lru ways x log2(ways), tree_plru ways - 1, srrip 2 x ways,
// round_robin log2(ways), random none; shared_round_robin log2(ways) once.
#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace svasim::sweep {

struct storage {
  std::string path;  ///< "smmu.tbu.main_tlb"
  std::uint64_t entries = 0;
  std::uint64_t ways = 0;
  std::uint64_t entry_bits = 0;        ///< of one entry
  std::uint64_t replacement_bits = 0;  ///< of all sets
  std::uint64_t copies = 1;            ///< in so many TBUs

  std::uint64_t bits() const { return copies * (entries * entry_bits + replacement_bits); }
};

/// Of every structure with entries, ways and policy in `parameters` (the effective ones, as a
/// result or describe::effective() has them) that is built, by path: the cores' TLBs are not of
/// the device or the SMMU and do not count; those that are left out are
/// not, nor an ATC where the device or the variant has none, nor the walk caches of the other
/// `store`. With a topology each instance counts, and not the template that they began as.
/// `software`: the run has kernels that serve faults, and the variant says whether there is an ATC;
/// implied by memory.first_touch.
std::vector<storage> storage_of(const nlohmann::json& parameters, bool software);
/// All of them together.
std::uint64_t storage_bits(const nlohmann::json& parameters, bool software);

}  // namespace svasim::sweep
