#include "bound.h"

#include <catch2/catch.hpp>

namespace svasim::test {

platforms::platform_params loaded_platform() {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.pcie.link.posted_headers = p.pcie.link.nonposted_headers = 4096;
  p.pcie.link.posted_data = 65536;
  return p;
}

memory_workload one_region(base::byte_size size) {
  memory_workload w;
  w.stream(memory_workload::sid, 1);
  w.region(memory_workload::sid, first_page, size, 0x80000000);
  return w;
}

void leave_out(kit::cache_params& cache) {
  cache.entries = cache.ways = 0;
}

void leave_out_tlbs(platforms::platform_params& p) {
  leave_out(p.smmu.tbu.utlb);
  leave_out(p.smmu.tbu.main_tlb);
  p.smmu.tbu.hazard = smmu::hazard_rule::none;
}

void leave_out_walk_caches(platforms::platform_params& p) {
  smmu::walk_cache_params& w = p.smmu.tcu.walk_cache;
  for (kit::cache_params* c : {&w.s1_l0, &w.s1_l1, &w.s1_l2}) leave_out(*c);
}

void check_bound(simulation& s, std::uint64_t n, duration each, std::uint64_t uses) {
  s.run();
  CHECK(s.broken_rule() == "");
  const std::uint64_t least = (n - 1) * each.value() / uses;
  CHECK(s.finished_at().value() >= least);
  CHECK(s.finished_at().value() <= least + least / 100);
}

}  // namespace svasim::test
