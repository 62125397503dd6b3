// Parameters of the SMMU: TBU, TCU, walk caches, command and event queue.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "tlm/kit/cache_params.h"

namespace svasim::smmu {

enum class tlb_tag : std::uint8_t { stream, asid };
enum class tlb_span : std::uint8_t { page, leaf };
enum class hazard_rule : std::uint8_t { none, page };

struct tbu_params {
  base::frequency clock = base::mhz(1000);
  kit::cache_params utlb{32, 32, uarch::replacement::tree_plru, base::ns(1),
                         "A: measurements 11 (range T: 4-64 entries)"};
  kit::cache_params main_tlb{2048, 4, uarch::replacement::round_robin, base::ns(3),
                             "A: measurements 11 (range T: 0, 32-65536; latency gem5)"};
  tlb_tag tag = tlb_tag::stream;
  tlb_span span = tlb_span::leaf;
  std::uint32_t slots = 64;
  hazard_rule hazard = hazard_rule::page;
  std::uint32_t egress = 32;
  base::duration dti_latency = base::ns(20);
  std::uint32_t stream_tags = 64;
  bool apply_invalidations = true;
  bool cfgi_drops_entries = true;
  void describe(describe::visitor& v);
};

struct walk_cache_params {
  bool nested = true;
  base::duration latency = base::ns(4);
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
  kit::cache_params configuration_cache{512, 4, uarch::replacement::lru, base::ns(3),
                                        "A: measurements 11 (range T: 4-4096 entries)"};
  kit::cache_params tlb{0, 0, uarch::replacement::lru, base::ns(3), "A: off, as in gem5"};
  walk_cache_params walk_cache;
  void describe(describe::visitor& v);
};

struct command_queue_params {
  std::uint32_t log2_entries = 8;
  std::uint32_t fetch_batch = 4;
  base::duration decode = base::ns(5);
  base::duration invalidate = base::ns(10);
  void describe(describe::visitor& v);
};

struct event_queue_params {
  std::uint32_t log2_entries = 7;
  std::uint32_t pending = 8;
  void describe(describe::visitor& v);
};

struct smmu_params {
  tbu_params tbu;
  tcu_params tcu;
  command_queue_params command_queue;
  event_queue_params event_queue;
  void describe(describe::visitor& v);
};

}  // namespace svasim::smmu
