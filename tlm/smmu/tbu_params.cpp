#include "tlm/smmu/tbu_params.h"

namespace svasim::smmu {

void prefetch_params::describe(describe::visitor& v) {
  v.choice("rule", rule,
           {{"none", prefetch_rule::none},
            {"next_page", prefetch_rule::next_page},
            {"stride", prefetch_rule::stride}},
           "After a miss the TBU also asks for the page behind the leaf, or, with stride, for the "
           "page at the distance that two misses of the stream in a row had.",
           "A: off, as in gem5 (prior-art 2)");
  v.field("streams", streams, {1, 4096}, "streams",
          "Streams whose last miss and distance are kept.", "A: assumed");
}

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
  v.choice("nested_entries", nested_entries,
           {{"merged", nested_entries::merged}, {"split", nested_entries::split}},
           "A nested translation takes one entry of the smaller of both leaves, or one of stage 1 "
           "and one of stage 2 in the same TLB, each of its own size.",
           "A: IHI 0070 3.17 and 16.2 allow both");
  v.field("slots", slots, {1, 4096}, "slots", "Translations under way, those waiting included.",
          "T: MMU-700 XLATE_SLOTS 2-512");
  v.field("tokens", tokens, {0, 4096}, "tokens",
          "Translation requests that may be at the TCU at a time; 0: as many as slots.",
          "A: as many as slots; Agilex 5 MMU-600 has 256 (prior-art 3)");
  v.choice("hazard", hazard,
           {{"none", hazard_rule::none},
            {"page", hazard_rule::page},
            {"leaf_table", hazard_rule::leaf_table}},
           "Misses of one stream each go alone, wait for the first to the same 4 KiB page, or also "
           "for the first whose descriptor is in the same leaf table.",
           "A: measurements 11");
  v.field("leaf_table_span", leaf_table_span, base::kib(64), base::gib(1),
          "Addresses that one leaf table maps, for the hazard: 2 MiB with 4 KiB pages.",
          "T: DDI 0487 D8.2, 512 descriptors of 4 KiB");
  v.rule((leaf_table_span.value() & (leaf_table_span.value() - 1)) == 0, "leaf_table_span",
         "must be a power of two");
  v.choice("issue", issue,
           {{"in_order", issue_order::in_order}, {"out_of_order", issue_order::out_of_order}},
           "A miss without a slot keeps all behind it outside, or waits aside while others pass.",
           "A: in order, as gem5");
  v.field("reorder_slots", reorder_slots, {1, 4096}, "requests",
          "Misses that may wait aside for a slot; only with issue out of order.", "A: assumed");
  v.choice("release", release,
           {{"out_of_order", release_rule::out_of_order}, {"in_order", release_rule::in_order}},
           "Translated requests leave as they are ready, or in the order of their arrival for each "
           "stream and direction.",
           "A: PCIe leaves both to the ordering attributes; gem5 is in order (prior-art 2)");
  v.group("prefetch", prefetch, "Translations asked for ahead of their use.");
  v.field("egress", egress, {1, 4096}, "requests",
          "Translated requests held while the interconnect is busy.", "A: MMU-700 WBUF 0-2048");
  v.field("egress_latency", egress_latency, base::ns(0), base::us(1),
          "From the translation to the interconnect.", "A: none; gem5 has 1 cycle (prior-art 2)");
  v.field("dti_latency", dti_latency, base::ns(0), base::us(1), "TBU to TCU, one way.",
          "A: measurements 11, 8 cycles and a mesh hop");
  v.field("stream_tags", stream_tags, {1, 65536}, "streams",
          "Streams whose ASID and VMID the TBU knows; for tags by ASID and ways by VMID.",
          "A: assumed");
  v.field("apply_invalidations", apply_invalidations,
          "TLBI commands remove TLB entries. Off is wrong on purpose, to compare miss counts.",
          "T: IHI 0070 4.4");
  v.field("cfgi_drops_entries", cfgi_drops_entries,
          "With tags by stream, CFGI commands drop the TLB entries of the streams they name: the "
          "stream may have another ASID now. Off counts as a TLB with tags by ASID would.",
          "A: IHI 0070 4.3 leaves the TLB untouched, which only tags by ASID can afford");
}

}  // namespace svasim::smmu
