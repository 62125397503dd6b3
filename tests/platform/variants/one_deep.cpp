#include "one_deep.h"

#include "base/child_process.h"
#include "sva_bench.h"

namespace svasim::test {

using platforms::platform_params;

const std::vector<one_deep>& one_deep_queues() {
  static const std::vector<one_deep> all{
      {"page requests outstanding", "abcde", false,
       [](platform_params& p) { p.device.atc.page_requests.allocation = 1; }},
      {"page request groups", "abcde", false,
       [](platform_params& p) { p.device.atc.page_requests.indices = 1; }},
      {"PRI queue", "abcde", false, [](platform_params& p) { p.smmu.pri_queue.log2_entries = 0; }},
      {"page requests held in the SMMU", "abcde", false,
       [](platform_params& p) { p.smmu.pri_queue.pending = 1; }},
      {"event queue", "g", false, [](platform_params& p) { p.smmu.event_queue.log2_entries = 0; }},
      {"stall records held for the event queue", "g", false,
       [](platform_params& p) { p.smmu.event_queue.stalls = 1; }},
      {"stall buffer", "g", false, [](platform_params& p) { p.smmu.tcu.stalls = 1; }},
      {"command queue", "abcdefg", false,
       [](platform_params& p) { p.smmu.command_queue.log2_entries = 2; }},
      {"host command batch", "abcdefg", false,
       [](platform_params& p) { p.software.host.smmu.commands.batch = 1; }},
      {"host io-pgfault workers", "ag", false,
       [](platform_params& p) { p.software.host.kernel.io_pgfault.workers = 1; }},
      {"host io-pgfault groups", "ag", true,
       [](platform_params& p) { p.software.host.kernel.io_pgfault.groups = 1; }},
      {"host io-pgfault partial", "a", false,
       [](platform_params& p) { p.software.host.kernel.io_pgfault.partial = 1; }},
      {"guest io-pgfault workers", "bcde", false,
       [](platform_params& p) { p.software.guest.kernel.io_pgfault.workers = 1; }},
      {"guest io-pgfault groups", "bcde", true,
       [](platform_params& p) { p.software.guest.kernel.io_pgfault.groups = 1; }},
      {"guest io-pgfault partial", "bcde", false,
       [](platform_params& p) { p.software.guest.kernel.io_pgfault.partial = 1; }},
      {"fault ring", "bde", true, [](platform_params& p) { p.software.host.fault_ring = 1; }},
      {"event buffers", "bc", false,
       [](platform_params& p) { p.software.guest.viommu.event_buffers = 1; }},
      {"event ring", "bc", false,
       [](platform_params& p) {
         p.software.guest.viommu.event_buffers = 1;
         p.viommu.events.entries = 1;
       }},
      {"event backlog in the kernel", "c", true,
       [](platform_params& p) {
         p.software.guest.viommu.event_buffers = 1;
         p.software.host.viommu.backlog = 1;
       }},
      {"event buffers, records without one are dropped", "bc", false,
       [](platform_params& p) {
         p.software.guest.viommu.event_buffers = 1;
         p.viommu.no_buffer = virtio::no_event_buffer::drop;
       }},
      {"viommu-pri-wq", "bc", false,
       [](platform_params& p) { p.software.guest.viommu.page_requests = 1; }},
      {"request ring", "bcf", false, [](platform_params& p) { p.viommu.requests.entries = 2; }},
      {"responses for VFIO", "b", false,
       [](platform_params& p) { p.software.host.viommu.responses = 1; }},
      {"guest command queue", "de", false,
       [](platform_params& p) { p.software.guest.log2_commands = 2; }},
      // Dropped requests come again, and the host's interrupt thread, on whose core a vCPU is, must
      // not starve that vCPU: the device's pauses grow.
      {"guest PRI queue", "de", false,
       [](platform_params& p) { p.software.guest.log2_page_requests = 0; }},
      {"cores", "abcdefg", false,
       [](platform_params& p) {
         p.cpu.cores = 1;
         p.cpu.scheduling.time_slice = base::us(20);
       }},
      {"vCPUs", "bcdef", false, [](platform_params& p) { p.vm.cpu.vcpus = 1; }},
      {"device requests", "abcdefg", false,
       [](platform_params& p) {
         p.device.dma.outstanding_reads = p.device.dma.outstanding_writes = 1;
       }},
      {"translation slots", "abcdefg", false, [](platform_params& p) { p.smmu.tcu.slots = 1; }},
      {"invalidation tags", "abcde", false, [](platform_params& p) { p.smmu.ats.itags = 1; }},
      {"work queues", "abcdefg", false,
       [](platform_params& p) {
         p.device.work.queues = 1;
         p.device.work.depth = 1;
       }},
  };
  return all;
}

std::string with_one_deep(const one_deep& queue, char variant, const trace::sva_plan& plan) {
  return base::in_child([&] {
    platform_params p = variant_params(variant);
    queue.make(p);
    sva_bench b(p, plan);
    b.run();
    const std::string broken = b.broken_rule();
    if (!broken.empty() || queue.may_fail || b.messages_failed() == 0) return broken;
    return std::to_string(b.messages_failed()) + " messages failed";
  });
}

}  // namespace svasim::test
