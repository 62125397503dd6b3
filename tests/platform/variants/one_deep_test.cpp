// Every queue of the fault loop in turn as small as it can be: the run ends, nothing is lost, or
// the outcome is what the architecture says, and the counts balance.
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "platforms/platform.h"
#include "sva_bench.h"

using namespace svasim;
using platforms::platform_params;
using test::sva_bench;

namespace {

// What broke in a run of `p`, with how many messages failed; each run in a process of its own.
std::string outcome(const platform_params& p, bool may_fail) {
  return base::in_child([&] {
    trace::sva_plan plan = test::small_plan();
    plan.processes = 4;
    sva_bench b(p, plan);
    b.run();
    const std::string broken = b.broken_rule();
    if (!broken.empty() || may_fail || b.messages_failed() == 0) return broken;
    return std::to_string(b.messages_failed()) + " messages failed";
  });
}

void check_all(const std::string& variants, void (*make)(platform_params&), bool may_fail) {
  for (const char v : variants) {
    INFO("variant " << v);
    platform_params p = test::variant_params(v);
    make(p);
    CHECK(outcome(p, may_fail) == "");
  }
}
void one_deep(const std::string& variants, void (*make)(platform_params&)) {
  check_all(variants, make, false);
}
// A full queue is answered with an error here, which ends the access.
void one_deep_or_failed(const std::string& variants, void (*make)(platform_params&)) {
  check_all(variants, make, true);
}

}  // namespace

TEST_CASE("one deep: page requests outstanding") {
  one_deep("abcde", [](platform_params& p) { p.device.atc.page_requests.allocation = 1; });
}
TEST_CASE("one deep: page request groups") {
  one_deep("abcde", [](platform_params& p) { p.device.atc.page_requests.indices = 1; });
}
TEST_CASE("one deep: PRI queue") {
  one_deep("abcde", [](platform_params& p) { p.smmu.pri_queue.log2_entries = 0; });
}
TEST_CASE("one deep: page requests held in the SMMU") {
  one_deep("abcde", [](platform_params& p) { p.smmu.pri_queue.pending = 1; });
}
TEST_CASE("one deep: event queue") {
  one_deep("g", [](platform_params& p) { p.smmu.event_queue.log2_entries = 0; });
}
TEST_CASE("one deep: stall records held for the event queue") {
  one_deep("g", [](platform_params& p) { p.smmu.event_queue.stalls = 1; });
}
TEST_CASE("one deep: stall buffer") {
  one_deep("g", [](platform_params& p) { p.smmu.tcu.stalls = 1; });
}
TEST_CASE("one deep: command queue") {
  one_deep("abcdefg", [](platform_params& p) { p.smmu.command_queue.log2_entries = 2; });
}
TEST_CASE("one deep: host command batch") {
  one_deep("abcdefg", [](platform_params& p) { p.software.host.smmu.commands.batch = 1; });
}
TEST_CASE("one deep: host io-pgfault workers") {
  one_deep("ag", [](platform_params& p) { p.software.host.kernel.io_pgfault.workers = 1; });
}
TEST_CASE("one deep: host io-pgfault groups") {
  one_deep_or_failed("ag",
                     [](platform_params& p) { p.software.host.kernel.io_pgfault.groups = 1; });
}
TEST_CASE("one deep: host io-pgfault partial") {
  one_deep("a", [](platform_params& p) { p.software.host.kernel.io_pgfault.partial = 1; });
}
TEST_CASE("one deep: guest io-pgfault workers") {
  one_deep("bcde", [](platform_params& p) { p.software.guest.kernel.io_pgfault.workers = 1; });
}
TEST_CASE("one deep: guest io-pgfault groups") {
  one_deep_or_failed("bcde",
                     [](platform_params& p) { p.software.guest.kernel.io_pgfault.groups = 1; });
}
TEST_CASE("one deep: guest io-pgfault partial") {
  one_deep("bcde", [](platform_params& p) { p.software.guest.kernel.io_pgfault.partial = 1; });
}
TEST_CASE("one deep: fault ring") {
  one_deep_or_failed("bde", [](platform_params& p) { p.software.host.fault_ring = 1; });
}
TEST_CASE("one deep: event buffers") {
  one_deep("bc", [](platform_params& p) { p.software.guest.viommu.event_buffers = 1; });
}
TEST_CASE("one deep: event ring") {
  one_deep("bc", [](platform_params& p) {
    p.software.guest.viommu.event_buffers = 1;
    p.viommu.events.entries = 1;
  });
}
TEST_CASE("one deep: event backlog in the kernel") {
  one_deep_or_failed("c", [](platform_params& p) {
    p.software.guest.viommu.event_buffers = 1;
    p.software.host.viommu.backlog = 1;
  });
}
TEST_CASE("one deep: event buffers, records without one are dropped") {
  one_deep("bc", [](platform_params& p) {
    p.software.guest.viommu.event_buffers = 1;
    p.viommu.no_buffer = virtio::no_event_buffer::drop;
  });
}
TEST_CASE("one deep: viommu-pri-wq") {
  one_deep("bc", [](platform_params& p) { p.software.guest.viommu.page_requests = 1; });
}
TEST_CASE("one deep: request ring") {
  one_deep("bcf", [](platform_params& p) { p.viommu.requests.entries = 2; });
}
TEST_CASE("one deep: responses for VFIO") {
  one_deep("b", [](platform_params& p) { p.software.host.viommu.responses = 1; });
}
TEST_CASE("one deep: guest command queue") {
  one_deep("de", [](platform_params& p) { p.software.guest.log2_commands = 2; });
}
// Dropped requests come again, and the host's interrupt thread, on whose core a vCPU is, must not
// starve that vCPU: the device's pauses grow.
TEST_CASE("one deep: guest PRI queue") {
  one_deep("de", [](platform_params& p) { p.software.guest.log2_page_requests = 0; });
}
TEST_CASE("one deep: cores") {
  one_deep("abcdefg", [](platform_params& p) {
    p.cpu.cores = 1;
    p.cpu.scheduling.time_slice = base::us(100);
  });
}
TEST_CASE("one deep: vCPUs") {
  one_deep("bcdef", [](platform_params& p) { p.vm.cpu.vcpus = 1; });
}
TEST_CASE("one deep: device requests") {
  one_deep("abcdefg", [](platform_params& p) {
    p.device.dma.outstanding_reads = p.device.dma.outstanding_writes = 1;
  });
}
TEST_CASE("one deep: translation slots") {
  one_deep("abcdefg", [](platform_params& p) { p.smmu.tcu.slots = 1; });
}
TEST_CASE("one deep: invalidation tags") {
  one_deep("abcde", [](platform_params& p) { p.smmu.ats.itags = 1; });
}
TEST_CASE("one deep: work queues") {
  one_deep("abcdefg", [](platform_params& p) {
    p.device.work.queues = 1;
    p.device.work.depth = 1;
  });
}
