#include "tlm/smmu/lookup_params.h"

#include "uarch/partitioned_cache.h"

namespace svasim::smmu {

void lookup_params::describe(describe::visitor& v) {
  cache_params::describe(v);
  v.field("ports", ports, {0, 64}, "ports",
          "Lookups under way at a time, each for the whole latency; 0: no limit.",
          "A: no limit; gem5 has as many as cycles of latency (prior-art 2)");
}

void partition_params::describe(describe::visitor& v) {
  v.choice("by", by,
           {{"none", partition_key::none},
            {"vmid", partition_key::vmid},
            {"pasid", partition_key::pasid}},
           "Ways are shared by all, or each partition has its own.", "A: assumed");
  v.field("count", count, {1, 64}, "partitions",
          "Equal parts of the ways; a VM or PASID has that of its number modulo this.",
          "A: assumed");
}

void tlb_params::describe(describe::visitor& v) {
  lookup_params::describe(v);
  v.group("partition", partition, "Ways for each VM or PASID.");
  const std::string problem = uarch::partition_defect(shape(), partition.partitions());
  v.rule(problem.empty(), "ways", problem);
}

}  // namespace svasim::smmu
