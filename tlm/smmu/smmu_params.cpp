#include "tlm/smmu/smmu_params.h"

namespace svasim::smmu {

void tbu_params::describe(describe::visitor& v) {
  v.field("clock", clock, base::mhz(100), base::mhz(10000),
          "Clock of the SMMU; TBU and TCU send a request a cycle.", "A: measurements 11");
  v.group("utlb", utlb, "Micro TLB, looked up first.");
  v.group("main_tlb", main_tlb, "Main TLB, looked up after a uTLB miss.");
  v.choice("tag", tag, {{"stream", tlb_tag::stream}, {"asid", tlb_tag::asid}},
           "TLB entries are tagged by StreamID and SubstreamID, or by ASID and VMID.",
           "A: IHI 0070 3.17 allows both");
  v.choice("span", span, {{"page", tlb_span::page}, {"leaf", tlb_span::leaf}},
           "A TLB entry covers one 4 KiB page, or the whole leaf (2 MiB and 1 GiB blocks).",
           "A: MMU-700 stores the leaf");
  v.field("slots", slots, {1, 4096}, "slots", "Translations under way, those waiting included.",
          "T: MMU-700 XLATE_SLOTS 2-512");
  v.choice("hazard", hazard, {{"none", hazard_rule::none}, {"page", hazard_rule::page}},
           "Misses to a 4 KiB page of one stream wait for the first of them, or each go alone.",
           "A: measurements 11");
  v.field("egress", egress, {1, 4096}, "requests",
          "Translated requests held while the interconnect is busy.", "A: MMU-700 WBUF 0-2048");
  v.field("dti_latency", dti_latency, base::ns(0), base::us(1), "TBU to TCU, one way.",
          "A: measurements 11, 8 cycles and a mesh hop");
  v.field("stream_tags", stream_tags, {1, 65536}, "streams",
          "Streams whose ASID and VMID the TBU knows; only for tags by ASID.", "A: assumed");
  v.field("apply_invalidations", apply_invalidations,
          "TLBI commands remove TLB entries. Off is wrong on purpose, to compare miss counts.",
          "T: IHI 0070 4.4");
  v.field("cfgi_drops_entries", cfgi_drops_entries,
          "With tags by stream, CFGI commands drop the TLB entries of the streams they name: the "
          "stream may have another ASID now. Off counts as a TLB with tags by ASID would.",
          "A: IHI 0070 4.3 leaves the TLB untouched, which only tags by ASID can afford");
}

void walk_cache_params::describe(describe::visitor& v) {
  v.field("nested", nested, "Nested walks use the walk caches too.",
          "A: on in N2; Kunpeng 920 shows none, measurements 2.1");
  v.field("latency", latency, base::ps(0), base::us(1),
          "One lookup of all levels of a stage together.", "A: gem5, 4 cycles");
  v.group("s1_l0", s1_l0, "Stage-1 tables found by a level-0 descriptor.");
  v.group("s1_l1", s1_l1, "Stage-1 tables found by a level-1 descriptor.");
  v.group("s1_l2", s1_l2, "Stage-1 tables found by a level-2 descriptor.");
  v.group("s2_l0", s2_l0, "Stage-2 tables found by a level-0 descriptor.");
  v.group("s2_l1", s2_l1, "Stage-2 tables found by a level-1 descriptor.");
  v.group("s2_l2", s2_l2, "Stage-2 tables found by a level-2 descriptor.");
}

void tcu_params::describe(describe::visitor& v) {
  v.field("slots", slots, {1, 4096}, "slots", "Translation requests in the TCU.",
          "T: MMU-700 XLATE_SLOTS 4-4096");
  v.field("walk_slots", walk_slots, {1, 512}, "slots", "Table walks under way.",
          "A: measurements 11 (range T: PTW_SLOTS 2-512)");
  v.group("configuration_cache", configuration_cache, "STE and CD of a stream, merged.");
  v.group("tlb", tlb, "Optional TLB in the TCU, tagged as those of the TBU.");
  v.group("walk_cache", walk_cache, "Tables that walks went through, per stage and level.");
}

void command_queue_params::describe(describe::visitor& v) {
  v.field("log2_entries", log2_entries, {2, 19}, "log2(entries)", "Size of the command queue.",
          "T: IHI 0070 6.3.2, CMDQS at most 19");
  v.field("fetch_batch", fetch_batch, {1, 4}, "commands", "Commands of 16 bytes read at once.",
          "A: a 64-byte line");
  v.field("decode", decode, base::ns(0), base::us(10), "Decode and dispatch of one command.",
          "A: assumed");
  v.field("invalidate", invalidate, base::ns(0), base::us(10),
          "Search of the TLBs and walk caches for one command.", "A: assumed");
}

void event_queue_params::describe(describe::visitor& v) {
  v.field("log2_entries", log2_entries, {0, 19}, "log2(entries)", "Size of the event queue.",
          "T: IHI 0070 6.3.2, EVENTQS at most 19");
  v.field("pending", pending, {1, 4096}, "events",
          "Events held in the SMMU while one is written; more are dropped and counted.",
          "A: MMU-700 writes one at a time");
}

void smmu_params::describe(describe::visitor& v) {
  v.group("tbu", tbu, "Translation buffer unit, in the path of the DMA.");
  v.group("tcu", tcu, "Translation control unit: configuration, walks.");
  v.group("command_queue", command_queue, "CMDQ.");
  v.group("event_queue", event_queue, "EVTQ.");
}

}  // namespace svasim::smmu
