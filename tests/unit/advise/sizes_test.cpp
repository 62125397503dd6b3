#include "analysis/advise/sizes.h"

#include <catch2/catch.hpp>

#include "workloads/generator.h"

using namespace svasim;
using sizes = std::vector<std::uint64_t>;

namespace {

// Round and round 64 pages: under LRU every size below 64 misses always, 64 and more never again.
workloads::generator_params cyclic() {
  workloads::generator_params p;
  p.pattern = workloads::access_pattern::sequential;
  p.accesses = 10000;
  p.length = base::kib(4);
  p.footprint = base::kib(4) * 64;
  return p;
}

}  // namespace

TEST_CASE("sizes double from the ways, or from four where fully associative") {
  CHECK(advise::all_sizes({"a.tlb", 2048, 8}, 64) == sizes{8, 16, 32, 64});
  CHECK(advise::all_sizes({"a.tlb", 32, 32}, 33) == sizes{4, 8, 16, 32});
  CHECK(advise::all_sizes({"a.tlb", 48, 12}, 100) == sizes{12, 24, 48, 96});
  CHECK(advise::all_sizes({"a.tlb", 2048, 128}, 64) == sizes{2048});
}

TEST_CASE("an entry reaches a leaf, or the table of its level") {
  CHECK(advise::reach_of("smmu.tbu.main_tlb", 4096) == 4096);
  CHECK(advise::reach_of("smmu.tcu.walk_cache.s1_l2", 4096) == 2u << 20);
  CHECK(advise::reach_of("smmu.tcu.walk_cache.s2_l1", 4096) == 1u << 30);
  CHECK(advise::reach_of("smmu.tcu.walk_cache.s1_l0", 4096) == std::uint64_t{512} << 30);
  CHECK(advise::reach_of("smmu.tcu.configuration_cache", 4096) == 0);
}

TEST_CASE("sizes that miss no less often than a smaller one are left out") {
  workloads::generator source(cyclic());
  const advise::structure_shape shape{"smmu.tbu.utlb", 32, 32};
  const auto list = advise::useful_sizes(shape, advise::all_sizes(shape, 256), source);
  // Below 16 the curve has no points.
  CHECK(list.sizes == sizes{4, 8, 16, 64});
  CHECK(list.left_out == sizes{32, 128, 256});
}

TEST_CASE("a configuration cache keeps all its sizes") {
  workloads::generator source(cyclic());
  const advise::structure_shape shape{"smmu.tcu.configuration_cache", 64, 4};
  const auto list = advise::useful_sizes(shape, advise::all_sizes(shape, 64), source);
  CHECK(list.sizes == sizes{4, 8, 16, 32, 64});
  CHECK(list.left_out.empty());
}
