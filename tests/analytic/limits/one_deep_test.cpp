// Every queue and pool at its least size, one at a time and all together, under a mix of reads,
// writes, misses, page changes and invalidations of two streams: the run ends, nothing is lost, no
// module breaks the protocol, and no access reaches a page it may not. Each case shows that its
// limit was reached.
#include <catch2/catch.hpp>

#include <functional>

#include "mixed_load.h"

namespace svasim::test {
namespace {

void check(const platforms::platform_params& p, const std::function<bool(simulation&)>& reached) {
  simulation s(p, mixed_load(3000, 2024));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("device.dma.faulted") == 0);
  CHECK(s.count("smmu.command_queue.errors") == 0);
  CHECK(s.model().checker().checked() == s.count("device.dma.issued"));
  CHECK(reached(s));
}

TEST_CASE("a run with all limits at their defaults ends well") {
  check(small_caches(), [](simulation& s) { return s.count("smmu.command_queue.tlbi") > 50; });
}

TEST_CASE("a TBU with one slot loses nothing") {
  auto p = small_caches();
  p.smmu.tbu.slots = 1;
  check(p, [](simulation& s) {
    return s.count("smmu.tbu.refused_slots") > 0 && s.model().tbu().statistics().slots.max() == 1;
  });
}

TEST_CASE("a TBU with one place in its egress loses nothing") {
  auto p = small_caches();
  p.smmu.tbu.egress = 1;
  p.memory.system_level_cache.misses = 1;
  check(p, [](simulation& s) { return s.count("smmu.tbu.refused_egress") > 0; });
}

TEST_CASE("a TCU with one slot loses nothing") {
  auto p = small_caches();
  p.smmu.tcu.slots = 1;
  check(p, [](simulation& s) {
    return s.count("smmu.tcu.waited") > 0 && s.model().tcu().statistics().slots.max() == 1;
  });
}

TEST_CASE("a TCU with one walk slot loses nothing") {
  auto p = small_caches();
  p.smmu.tcu.walk_slots = 1;
  check(p, [](simulation& s) {
    return s.count("smmu.tcu.waited_walk") > 0 && s.model().walker().statistics().slots.max() == 1;
  });
}

TEST_CASE("a system-level cache with one outstanding miss loses nothing") {
  auto p = small_caches();
  p.memory.system_level_cache.misses = 1;
  check(p, [](simulation& s) { return s.count("memory.slc.refused") > 0; });
}

TEST_CASE("system-level cache slices with a queue of one lose nothing") {
  auto p = small_caches();
  p.memory.system_level_cache.input_queue = 1;
  p.memory.system_level_cache.slices = 1;
  p.memory.system_level_cache.clock = base::mhz(100);
  check(p, [](simulation& s) { return s.count("memory.slc.refused") > 0; });
}

TEST_CASE("a link with room for one TLP loses nothing") {
  auto p = small_caches();
  p.pcie.link.tx_queue = 1;
  check(p, [](simulation& s) {
    return s.model().dma().stages().of(kit::stage::device_issue).sum_ps > 0;
  });
}

TEST_CASE("a link with one posted header and the least data loses nothing") {
  auto p = small_caches();
  p.pcie.link.posted_headers = 1;
  p.pcie.link.posted_data = 16;
  check(p, [](simulation& s) { return s.count("pcie.link.credit_stalls") > 0; });
}

TEST_CASE("a link with one non-posted header loses nothing") {
  auto p = small_caches();
  p.pcie.link.nonposted_headers = 1;
  check(p, [](simulation& s) { return s.count("pcie.link.credit_stalls") > 0; });
}

TEST_CASE("a device with one tag for reads and one for writes loses nothing") {
  auto p = small_caches();
  p.device.dma.outstanding_reads = p.device.dma.outstanding_writes = 1;
  check(p, [](simulation& s) { return s.model().dma().statistics().in_flight.max() == 2; });
}

TEST_CASE("a command queue of four entries, read one at a time, loses nothing") {
  auto p = small_caches();
  p.smmu.command_queue.log2_entries = 2;
  p.smmu.command_queue.fetch_batch = 1;
  check(p, [](simulation& s) {
    return s.count("software.smmu_driver.queue_full") > 0 &&
           s.count("software.smmu_driver.commands") == s.count("smmu.command_queue.consumed");
  });
}

TEST_CASE("a driver that waits for the CMD_SYNC's MSI loses nothing") {
  auto p = small_caches();
  p.smmu.command_queue.log2_entries = 2;
  p.software.smmu_driver.completion = software::sync_completion::msi;
  check(p, [](simulation& s) { return s.count("smmu.command_queue.sync") > 50; });
}

TEST_CASE("TLBs and caches of one entry lose nothing") {
  auto p = small_caches();
  smmu::walk_cache_params& w = p.smmu.tcu.walk_cache;
  p.smmu.tcu.tlb.entries = 1;
  for (kit::cache_params* c : std::initializer_list<kit::cache_params*>{
           &p.smmu.tbu.utlb, &p.smmu.tbu.main_tlb, &p.smmu.tcu.configuration_cache, &p.smmu.tcu.tlb,
           &w.s1_l0, &w.s1_l1, &w.s1_l2}) {
    c->entries = c->ways = 1;
  }
  p.smmu.tbu.tag = smmu::tlb_tag::asid;
  p.smmu.tbu.stream_tags = 1;
  check(p, [](simulation& s) { return s.count("smmu.tcu.configuration_cache.evictions") > 0; });
}

TEST_CASE("everything behind the device one deep at once loses nothing") {
  auto p = small_caches();
  p.pcie.link.tx_queue = p.pcie.link.posted_headers = p.pcie.link.nonposted_headers = 1;
  p.pcie.link.posted_data = 16;
  p.smmu.tbu.slots = p.smmu.tbu.egress = p.smmu.tcu.slots = p.smmu.tcu.walk_slots = 1;
  p.smmu.command_queue.log2_entries = 2;
  p.smmu.command_queue.fetch_batch = 1;
  p.memory.system_level_cache.misses = p.memory.system_level_cache.input_queue = 1;
  p.memory.system_level_cache.slices = 1;
  p.memory.dram.channels = p.memory.dram.banks = 1;
  check(p, [](simulation& s) { return s.count("pcie.link.credit_stalls") > 0; });
}

TEST_CASE("nested translation with everything one deep in the SMMU loses nothing") {
  auto p = small_caches();
  p.tables.mode = arch::table_mode::nested;
  p.smmu.tbu.slots = p.smmu.tbu.egress = p.smmu.tcu.slots = p.smmu.tcu.walk_slots = 1;
  p.memory.system_level_cache.misses = 1;
  check(p, [](simulation& s) { return s.count("smmu.tbu.refused_slots") > 0; });
}

TEST_CASE("no hazard rule with few slots loses nothing") {
  auto p = small_caches();
  p.smmu.tbu.hazard = smmu::hazard_rule::none;
  p.smmu.tbu.slots = 4;
  p.smmu.tcu.walk_slots = 2;
  check(p, [](simulation& s) { return s.count("smmu.tbu.hazards") == 0; });
}

}  // namespace
}  // namespace svasim::test
