#include "tlm/virtio/viommu_params.h"

namespace svasim::virtio {

void viommu_params::describe(describe::visitor& v) {
  using arch::viommu_fault_layout;
  v.group("requests", requests, "The request queue.");
  v.group("events", events, "The event queue; the driver keeps a buffer in each entry.");
  v.field("granule_shift", granule_shift, {12, 30}, "bits",
          "log2 of the smallest page that can be mapped; page_size_mask has it and all above.",
          "T: kvmtool and QEMU take the host's page");
  v.field("input_bits", input_bits, {20, 64}, "bits", "Width of an address that can be mapped.",
          "A: as stage 1 with 4 levels of 4 KiB");
  v.field("output_bits", output_bits, {20, 64}, "bits", "Width of a guest-physical address.",
          "A: assumed");
  v.field("pasid_bits", pasid_bits, {0, 20}, "bits", "Told by PROBE with page_tables.",
          "T: PCIe, 20 at most");
  v.field("domains", domains, {1, 0xffffffff}, "domains", "Domain numbers, from 0 on.",
          "A: 16 bits");
  v.field("mappings", mappings, {1, 0xffffffff}, "mappings",
          "Of all domains together; one more is NOMEM.", "A: assumed; no limit in QEMU");
  v.field("probe_size", probe_size, {0, 4096}, "bytes",
          "Room for the properties of an endpoint; 0: no PROBE.", "T: QEMU has 512");
  v.field("mmio", mmio, "VIRTIO_IOMMU_F_MMIO: mappings may say that they lead to a doorbell.",
          "A: assumed");
  v.field("bypass_config", bypass_config,
          "VIRTIO_IOMMU_F_BYPASS_CONFIG: domains may let addresses pass untranslated.",
          "T: QEMU offers it");
  v.field("page_tables", page_tables,
          "The extension of RFC-N and RFC-S: ATTACH_TABLE, INVALIDATE, PAGE_RESP.",
          "T: RFC-S, 2021; not merged");
  v.choice(
      "fault_layout", fault_layout,
      {{"standard", viommu_fault_layout::standard},
       {"rfc_s_v1", viommu_fault_layout::rfc_s_v1},
       {"reviewed", viommu_fault_layout::reviewed}},
      "Record in the event queue: 24 bytes without page requests, the 48 of RFC-S v1, or those "
      "its reviewers asked for.",
      "T: RFC-S v1");
  v.choice("no_buffer", no_buffer,
           {{"drop", no_event_buffer::drop}, {"wait", no_event_buffer::wait}},
           "An event that finds no buffer is dropped, or waits until the driver gives one.",
           "T: virtio 1.2 5.13.6.9 leaves it open");
  v.rule(requests.entries > 1 || requests.indirect, "requests",
         "a request has two descriptors: a ring of one entry needs indirect ones");
}

}  // namespace svasim::virtio
