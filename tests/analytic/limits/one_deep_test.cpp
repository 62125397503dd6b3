// Every queue and pool at its least size, one at a time and all together, under a mix of reads,
// writes, misses, page changes and invalidations of two streams: the run ends, nothing is lost, no
// module breaks the protocol, and no access reaches a page it may not. Each case shows that its
// limit was reached.
#include <catch2/catch.hpp>

#include <functional>
#include <map>

#include "base/rng.h"
#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t pages = 96;
constexpr unsigned accesses = 3000;

// Pages of three leaf tables; `version` counts how often their output address has changed.
class changing_pages {
 public:
  std::uint64_t iova(std::uint64_t n) const { return 0x10000000 + n * 0x10000; }
  std::uint64_t output(std::uint32_t sid, std::uint64_t n) {
    return (std::uint64_t{sid} << 32) + (m_version[{sid, n}] * pages + n) * 4096;
  }
  void change(std::uint32_t sid, std::uint64_t n) { ++m_version[{sid, n}]; }

 private:
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> m_version;
};

// Unmaps some pages of a stream and gives them another output.
void change_some(memory_workload& w, changing_pages& p, base::rng& random) {
  const std::uint16_t asid = random.chance(1, 2) ? 1 : 2;
  for (std::uint64_t left = random.chance(1, 8) ? 12 : 1; left > 0; --left) {
    const std::uint64_t n = random.below(pages);
    p.change(asid + 7u, n);
    w.invalidate(asid, p.iova(n));
  }
  w.sync();
}

memory_workload mixed() {
  memory_workload w;
  w.stream(8, 1).stream(9, 2);
  changing_pages p;
  base::rng random(2024);
  for (unsigned i = 0; i < accesses; ++i) {
    if (random.chance(1, 40)) change_some(w, p, random);
    const auto sid = static_cast<std::uint32_t>(8 + random.below(2));
    const std::uint64_t n = random.chance(1, 2) ? random.below(4) : random.below(pages);
    const std::uint64_t offset = random.below(4096);
    const auto length = static_cast<std::uint32_t>(1 + random.below(4096 - offset));
    if (random.chance(1, 2)) {
      w.read(p.iova(n) + offset, length);
    } else {
      w.write(p.iova(n) + offset, length);
    }
    w.by(sid).to(p.output(sid, n) + offset);
  }
  return w;
}

platforms::platform_params loaded() {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.smmu.tbu.utlb.entries = p.smmu.tbu.utlb.ways = 8;
  p.smmu.tbu.main_tlb.entries = 32;
  p.memory.system_level_cache.size = base::kib(64);
  return p;
}

void check(const platforms::platform_params& p, const std::function<bool(simulation&)>& reached) {
  simulation s(p, mixed());
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("device.dma.faulted") == 0);
  CHECK(s.count("smmu.command_queue.errors") == 0);
  CHECK(s.model().checker().checked() == s.count("device.dma.issued"));
  CHECK(reached(s));
}

TEST_CASE("a run with all limits at their defaults ends well") {
  check(loaded(), [](simulation& s) { return s.count("smmu.command_queue.tlbi") > 50; });
}

TEST_CASE("a TBU with one slot loses nothing") {
  auto p = loaded();
  p.smmu.tbu.slots = 1;
  check(p, [](simulation& s) {
    return s.count("smmu.tbu.refused_slots") > 0 && s.model().tbu().statistics().slots.max() == 1;
  });
}

TEST_CASE("a TBU with one place in its egress loses nothing") {
  auto p = loaded();
  p.smmu.tbu.egress = 1;
  p.memory.system_level_cache.misses = 1;
  check(p, [](simulation& s) { return s.count("smmu.tbu.refused_egress") > 0; });
}

TEST_CASE("a TCU with one slot loses nothing") {
  auto p = loaded();
  p.smmu.tcu.slots = 1;
  check(p, [](simulation& s) {
    return s.count("smmu.tcu.waited") > 0 && s.model().tcu().statistics().slots.max() == 1;
  });
}

TEST_CASE("a TCU with one walk slot loses nothing") {
  auto p = loaded();
  p.smmu.tcu.walk_slots = 1;
  check(p, [](simulation& s) {
    return s.count("smmu.tcu.waited_walk") > 0 && s.model().walker().statistics().slots.max() == 1;
  });
}

TEST_CASE("a system-level cache with one outstanding miss loses nothing") {
  auto p = loaded();
  p.memory.system_level_cache.misses = 1;
  check(p, [](simulation& s) { return s.count("memory.slc.refused") > 0; });
}

TEST_CASE("system-level cache slices with a queue of one lose nothing") {
  auto p = loaded();
  p.memory.system_level_cache.input_queue = 1;
  p.memory.system_level_cache.slices = 1;
  p.memory.system_level_cache.clock = base::mhz(100);
  check(p, [](simulation& s) { return s.count("memory.slc.refused") > 0; });
}

TEST_CASE("a link with room for one TLP loses nothing") {
  auto p = loaded();
  p.pcie.link.tx_queue = 1;
  check(p, [](simulation& s) {
    return s.model().dma().stages().of(kit::stage::device_issue).sum_ps > 0;
  });
}

TEST_CASE("a link with one posted header and the least data loses nothing") {
  auto p = loaded();
  p.pcie.link.posted_headers = 1;
  p.pcie.link.posted_data = 16;
  check(p, [](simulation& s) { return s.count("pcie.link.credit_stalls") > 0; });
}

TEST_CASE("a link with one non-posted header loses nothing") {
  auto p = loaded();
  p.pcie.link.nonposted_headers = 1;
  check(p, [](simulation& s) { return s.count("pcie.link.credit_stalls") > 0; });
}

TEST_CASE("a device with one tag for reads and one for writes loses nothing") {
  auto p = loaded();
  p.device.dma.outstanding_reads = p.device.dma.outstanding_writes = 1;
  check(p, [](simulation& s) { return s.model().dma().statistics().in_flight.max() == 2; });
}

TEST_CASE("a command queue of four entries, read one at a time, loses nothing") {
  auto p = loaded();
  p.smmu.command_queue.log2_entries = 2;
  p.smmu.command_queue.fetch_batch = 1;
  check(p, [](simulation& s) {
    return s.count("software.smmu_driver.queue_full") > 0 &&
           s.count("software.smmu_driver.commands") == s.count("smmu.command_queue.consumed");
  });
}

TEST_CASE("a driver that waits for the CMD_SYNC's MSI loses nothing") {
  auto p = loaded();
  p.smmu.command_queue.log2_entries = 2;
  p.software.smmu_driver.completion = software::sync_completion::msi;
  check(p, [](simulation& s) { return s.count("smmu.command_queue.sync") > 50; });
}

TEST_CASE("TLBs and caches of one entry lose nothing") {
  auto p = loaded();
  smmu::walk_cache_params& w = p.smmu.tcu.walk_cache;
  p.smmu.tcu.tlb.entries = 1;
  for (kit::cache_params* c :
       {&p.smmu.tbu.utlb, &p.smmu.tbu.main_tlb, &p.smmu.tcu.configuration_cache, &p.smmu.tcu.tlb,
        &w.s1_l0, &w.s1_l1, &w.s1_l2}) {
    c->entries = c->ways = 1;
  }
  p.smmu.tbu.tag = smmu::tlb_tag::asid;
  p.smmu.tbu.stream_tags = 1;
  check(p, [](simulation& s) { return s.count("smmu.tcu.configuration_cache.evictions") > 0; });
}

TEST_CASE("everything behind the device one deep at once loses nothing") {
  auto p = loaded();
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
  auto p = loaded();
  p.tables.mode = arch::table_mode::nested;
  p.smmu.tbu.slots = p.smmu.tbu.egress = p.smmu.tcu.slots = p.smmu.tcu.walk_slots = 1;
  p.memory.system_level_cache.misses = 1;
  check(p, [](simulation& s) { return s.count("smmu.tbu.refused_slots") > 0; });
}

TEST_CASE("no hazard rule with few slots loses nothing") {
  auto p = loaded();
  p.smmu.tbu.hazard = smmu::hazard_rule::none;
  p.smmu.tbu.slots = 4;
  p.smmu.tcu.walk_slots = 2;
  check(p, [](simulation& s) { return s.count("smmu.tbu.hazards") == 0; });
}

}  // namespace
}  // namespace svasim::test
