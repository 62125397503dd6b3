// What the presets' numbers stand on, and which of them a run reaches.
#include <catch2/catch.hpp>

#include "describe/effective.h"
#include "platforms/confidence.h"
#include "preset_files.h"

namespace svasim::platforms::test {
namespace {

constexpr run_kind plain_run{};
constexpr run_kind with_commands{false, true, false};
constexpr run_kind fault_loop{true, true, true};

TEST_CASE("a DMA run without commands reaches no software, no queues and no absent structure") {
  platform_params p;
  for (const char* path :
       {"cpu.cores", "gic.delivery", "vm.cpu.cores", "software.host.kernel.mm.minor",
        "software.smmu_driver.mmio_read", "smmu.command_queue.decode", "smmu.event_queue.pending",
        "device.atc.entries", "device.work.queues", "smmu.tcu.ste_cache.latency",
        "smmu.tcu.walk_cache.s2_l1.entries", "smmu.tcu.walk_cache.shared.entries",
        "memory.interconnect.remote_latency", "device.dma.time_scale_ppm",
        "smmu.tbu.main_tlb.partition.count", "memory.interconnect.device_base"}) {
    INFO(path);
    CHECK_FALSE(reaches(p, plain_run, path));
  }
  for (const char* path : {"smmu.tbu.main_tlb.entries", "smmu.tcu.ste_cache.entries",
                           "smmu.tcu.walk_slots", "memory.dram.access", "pcie.link.latency",
                           "smmu.tcu.walk_cache.s1_l1.entries", "device.dma.outstanding_reads"}) {
    INFO(path);
    CHECK(reaches(p, plain_run, path));
  }
}

TEST_CASE("what a run has beside that reaches more") {
  platform_params p;
  CHECK(reaches(p, with_commands, "smmu.command_queue.decode"));
  CHECK(reaches(p, with_commands, "software.smmu_driver.mmio_read"));
  CHECK_FALSE(reaches(p, with_commands, "software.host.kernel.mm.minor"));
  CHECK(reaches(p, fault_loop, "software.host.kernel.mm.minor"));
  CHECK(reaches(p, fault_loop, "device.atc.page_requests.window"));
  CHECK_FALSE(reaches(p, fault_loop, "vm.cpu.cores"));  // variant a is bare metal
  p.served = variant::vmm_viommu;
  CHECK(reaches(p, fault_loop, "vm.cpu.cores"));
  p.served = variant::stall;
  CHECK_FALSE(reaches(p, fault_loop, "device.atc.page_requests.window"));
  p.device.ats = true;
  CHECK(reaches(p, plain_run, "device.atc.entries"));
  p.tables.mode = arch::table_mode::nested;
  CHECK(reaches(p, plain_run, "smmu.tcu.walk_cache.s2_l1.entries"));
  p.memory.interconnect.remote_buffers = true;
  CHECK(reaches(p, plain_run, "memory.interconnect.remote_latency"));
}

TEST_CASE("every number of every preset has a tag, and a run reaches some and not all") {
  for (const std::string& file : presets()) {
    INFO(file);
    const describe::document d = describe::document::from_file(file);
    platform_params p;
    describe::read_into(d, p);
    const auto from = describe::effective_provenance(p, d);
    const describe::trust_counts all = describe::count_trust(describe::declare(p), from);
    const describe::trust_counts reached = count_reached(p, plain_run, from);
    CHECK(all.own == 0);
    CHECK(reached.total() > 20);
    CHECK(reached.total() < all.total());
    CHECK(reached.assumed <= all.assumed);
    CHECK(reached.measured <= all.measured);
  }
}

}  // namespace
}  // namespace svasim::platforms::test
