// Parameters of the translation buffer unit.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "tlm/smmu/lookup_params.h"

namespace svasim::smmu {

enum class tlb_tag : std::uint8_t { stream, asid };
enum class tlb_span : std::uint8_t { page, leaf };
enum class nested_entries : std::uint8_t { merged, split };
enum class hazard_rule : std::uint8_t { none, page, leaf_table };
enum class issue_order : std::uint8_t { in_order, out_of_order };
enum class release_rule : std::uint8_t { out_of_order, in_order };
enum class prefetch_rule : std::uint8_t { none, next_page, stride };

struct prefetch_params {
  prefetch_rule rule = prefetch_rule::none;
  std::uint32_t streams = 16;
  void describe(describe::visitor& v);
};

struct tbu_params {
  base::frequency clock = base::mhz(1000);
  tlb_params utlb{32, 32, uarch::replacement::tree_plru, base::ns(1),
                  "A: measurements 11 (range T: 4-64 entries)"};
  tlb_params main_tlb{2048, 4, uarch::replacement::round_robin, base::ns(3),
                      "A: measurements 11 (range T: 0, 32-65536; latency gem5)"};
  tlb_tag tag = tlb_tag::stream;
  tlb_span span = tlb_span::leaf;
  smmu::nested_entries nested_entries = smmu::nested_entries::merged;
  std::uint32_t slots = 64;
  std::uint32_t tokens = 0;
  hazard_rule hazard = hazard_rule::page;
  base::byte_size leaf_table_span = base::mib(2);
  issue_order issue = issue_order::in_order;
  std::uint32_t reorder_slots = 16;
  release_rule release = release_rule::out_of_order;
  prefetch_params prefetch;
  std::uint32_t egress = 32;
  base::duration egress_latency = base::ns(0);
  base::duration dti_latency = base::ns(20);
  std::uint32_t stream_tags = 64;
  bool apply_invalidations = true;
  bool cfgi_drops_entries = true;
  void describe(describe::visitor& v);

  /// Translation requests that may be at the TCU at a time.
  std::uint32_t tokens_or_slots() const { return tokens == 0 ? slots : std::min(tokens, slots); }
};

}  // namespace svasim::smmu
