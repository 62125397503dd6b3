// As one_deep_test.cpp, for any small limits together.
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "mixed_load.h"

namespace svasim::test {
namespace {

std::uint32_t few() {
  return *rc::gen::inRange<std::uint32_t>(1, 5);
}

platforms::platform_params random_limits() {
  auto p = small_caches();
  p.device.dma.mode = *rc::gen::element(device::issue_mode::closed, device::issue_mode::open,
                                        device::issue_mode::serial);
  p.device.dma.outstanding_reads = few() * few();
  p.device.dma.outstanding_writes = few() * few();
  p.device.dma.issue_interval = base::ps(*rc::gen::element(0u, 0u, 3001u));
  p.pcie.link.tx_queue = few();
  p.pcie.link.posted_headers = few();
  p.pcie.link.posted_data = 16 * few();
  p.pcie.link.nonposted_headers = few();
  p.smmu.tbu.slots = few();
  p.smmu.tbu.egress = few();
  p.smmu.tbu.hazard = *rc::gen::element(smmu::hazard_rule::none, smmu::hazard_rule::page);
  p.smmu.tbu.tag = *rc::gen::element(smmu::tlb_tag::stream, smmu::tlb_tag::asid);
  p.smmu.tcu.slots = few();
  p.smmu.tcu.walk_slots = few();
  p.smmu.tcu.walk_cache.nested = *rc::gen::arbitrary<bool>();
  p.smmu.command_queue.log2_entries = 1 + few();
  p.smmu.command_queue.fetch_batch = *rc::gen::inRange<std::uint32_t>(1, 5);
  p.memory.system_level_cache.misses = few();
  p.memory.system_level_cache.input_queue = few();
  p.memory.system_level_cache.slices = 1u << few();
  p.memory.dram.channels = few();
  p.memory.dram.banks = few();
  p.tables.mode = *rc::gen::element(arch::table_mode::bypass, arch::table_mode::stage1,
                                    arch::table_mode::stage2, arch::table_mode::nested);
  return p;
}

TEST_CASE("with any small limits the run ends and nothing is lost") {
  REQUIRE(rc::check([] {
    const platforms::platform_params p = random_limits();
    const auto seed = *rc::gen::arbitrary<std::uint64_t>();
    const std::string broken = base::in_child([&] {
      simulation s(p, mixed_load(150, seed), p.tables.mode != arch::table_mode::bypass);
      s.run();
      return s.broken_rule();
    });
    RC_ASSERT(broken == "");
  }));
}

}  // namespace
}  // namespace svasim::test
