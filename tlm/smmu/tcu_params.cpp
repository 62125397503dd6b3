#include "tlm/smmu/tcu_params.h"

#include "uarch/partitioned_cache.h"

namespace svasim::smmu {

void walk_cache_params::describe(describe::visitor& v) {
  v.field("nested", nested, "Nested walks use the walk caches too.",
          "A: on in N2; Kunpeng 920 shows none, measurements 2.1");
  v.field("nested_tables", nested_tables,
          "So do stage-2 walks that find a CD or a stage-1 table, not only those of the output.",
          "A: on; off in gem5 (prior-art 2)");
  v.choice("store", store,
           {{"separate", walk_cache_store::separate}, {"shared", walk_cache_store::shared}},
           "A cache for each stage and level, or one for all.",
           "A: MMU-600 counts each stage and level apart (prior-art 3)");
  v.choice("probe", probe,
           {{"parallel", walk_cache_probe::parallel}, {"sequential", walk_cache_probe::sequential}},
           "The levels of a stage are looked up together, or from the deepest up until one hits, "
           "each in its own latency.",
           "A: together; gem5 one after the other (prior-art 2)");
  v.field("latency", latency, base::ps(0), base::us(1),
          "One lookup of all levels of a stage together.", "A: gem5, 4 cycles");
  v.field("ports", ports, {0, 64}, "ports", "Lookups under way at a time; 0: no limit.",
          "A: no limit");
  v.group("partition", partition, "Ways for each VM or PASID.");
  v.group("shared", shared, "One cache for all stages and levels, with store = shared.");
  v.group("s1_l0", s1_l0, "Stage-1 tables found by a level-0 descriptor.");
  v.group("s1_l1", s1_l1, "Stage-1 tables found by a level-1 descriptor.");
  v.group("s1_l2", s1_l2, "Stage-1 tables found by a level-2 descriptor.");
  v.group("s2_l0", s2_l0, "Stage-2 tables found by a level-0 descriptor.");
  v.group("s2_l1", s2_l1, "Stage-2 tables found by a level-1 descriptor.");
  v.group("s2_l2", s2_l2, "Stage-2 tables found by a level-2 descriptor.");
  for (const kit::cache_params* c : {&shared, &s1_l0, &s1_l1, &s1_l2, &s2_l0, &s2_l1, &s2_l2}) {
    const std::string problem = uarch::partition_defect(c->shape(), partition.partitions());
    v.rule(problem.empty(), "partition", problem);
  }
}

void tcu_params::describe(describe::visitor& v) {
  v.field("slots", slots, {1, 4096}, "slots", "Translation requests in the TCU.",
          "T: MMU-700 XLATE_SLOTS 4-4096");
  v.field("walk_slots", walk_slots, {1, 512}, "slots", "Table walks under way.",
          "A: measurements 11 (range T: PTW_SLOTS 2-512)");
  v.field("walk_step", walk_step, base::ns(0), base::us(1),
          "A walk takes this before each descriptor read and at the start of each stage, one walk "
          "at a time; 0: no limit.",
          "A: none; gem5 makes one walk step a cycle (prior-art 2)");
  v.field("read_issue", read_issue, base::ns(0), base::us(1),
          "A read takes this before it leaves the TCU.", "A: none; gem5 has 1 cycle (prior-art 2)");
  v.field("stalls", stalls, {1, 65535}, "records",
          "Stalled transactions recorded at a time (IDR5.STALL_MAX); more wait for a place.",
          "A: assumed; IHI 0070 6.3.6");
  v.field("prefetch_limit", prefetch_limit, {0, 65536}, "translations",
          "Translations that one CMD_PREFETCH_ADDR makes at most; 0 ignores PREFETCH commands.",
          "A: assumed; IHI 0070 4.2 leaves it open");
  v.group("configuration_cache", configuration_cache, "STE and CD of a stream, merged.");
  v.group("ste_cache", ste_cache, "STEs by StreamID, instead of the merged cache.");
  v.group("cd_cache", cd_cache,
          "CDs by StreamID and SubstreamID, instead of the merged cache; looked up after the STE.");
  v.rule(!configuration_cache.present() || !(ste_cache.present() || cd_cache.present()),
         "configuration_cache",
         "a merged configuration cache leaves no use for an STE or CD cache: give one of them 0 "
         "entries");
  v.group("tlb", tlb, "Optional TLB in the TCU, tagged as those of the TBU.");
  v.group("ipa_cache", ipa_cache, "Leaves of stage 2 by IPA and VMID, for nested walks.");
  v.group("walk_cache", walk_cache, "Tables that walks went through, per stage and level.");
}

}  // namespace svasim::smmu
