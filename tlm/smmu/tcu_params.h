// Parameters of the translation control unit, its walker and their caches.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "tlm/smmu/lookup_params.h"

namespace svasim::smmu {

enum class walk_cache_store : std::uint8_t { separate, shared };
enum class walk_cache_probe : std::uint8_t { parallel, sequential };

struct walk_cache_params {
  bool nested = true;
  bool nested_tables = true;
  walk_cache_store store = walk_cache_store::separate;
  walk_cache_probe probe = walk_cache_probe::parallel;
  base::duration latency = base::ns(4);
  std::uint32_t ports = 0;
  partition_params partition;
  kit::cache_params shared{4096, 4, uarch::replacement::srrip, base::ns(4),
                           "T: MMU-700 WC_DEPTH 8-65536; 4096 A"};
  kit::cache_params s1_l0{128, 4, uarch::replacement::srrip, base::ns(4),
                          "A: share of 4096, MMU-700"};
  kit::cache_params s1_l1{512, 4, uarch::replacement::srrip, base::ns(4),
                          "A: share of 4096, MMU-700"};
  kit::cache_params s1_l2{2048, 4, uarch::replacement::srrip, base::ns(4),
                          "A: share of 4096, MMU-700"};
  kit::cache_params s2_l0{128, 4, uarch::replacement::srrip, base::ns(4),
                          "A: share of 4096, MMU-700"};
  kit::cache_params s2_l1{256, 4, uarch::replacement::srrip, base::ns(4),
                          "A: share of 4096, MMU-700"};
  kit::cache_params s2_l2{1024, 4, uarch::replacement::srrip, base::ns(4),
                          "A: share of 4096, MMU-700"};
  void describe(describe::visitor& v);
};

struct tcu_params {
  std::uint32_t slots = 256;
  std::uint32_t walk_slots = 64;
  base::duration walk_step = base::ns(0);
  base::duration read_issue = base::ns(0);
  std::uint32_t stalls = 64;
  std::uint32_t prefetch_limit = 16;
  lookup_params configuration_cache{512, 4, uarch::replacement::lru, base::ns(3),
                                    "A: measurements 11 (range T: 4-4096 entries)"};
  lookup_params ste_cache{0, 0, uarch::replacement::lru, base::ns(3), "A: off, one merged cache"};
  lookup_params cd_cache{0, 0, uarch::replacement::lru, base::ns(3), "A: off, one merged cache"};
  tlb_params tlb{0, 0, uarch::replacement::lru, base::ns(3), "A: off, as in gem5"};
  lookup_params ipa_cache{0, 0, uarch::replacement::lru, base::ns(3), "A: off, as in gem5"};
  walk_cache_params walk_cache;
  void describe(describe::visitor& v);
};

}  // namespace svasim::smmu
