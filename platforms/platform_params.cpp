#include "platforms/platform_params.h"

namespace svasim::platforms {
namespace {

// The elements of a topology begin as what the groups before it say.
struct topology_group {
  topology_params& t;
  const topology_params::templates like;
  void describe(describe::visitor& v) { t.describe(v, like); }
};

}  // namespace

void tables_params::describe(describe::visitor& v) {
  using m = arch::table_mode;
  v.choice(
      "mode", mode,
      {{"bypass", m::bypass}, {"stage1", m::stage1}, {"stage2", m::stage2}, {"nested", m::nested}},
      "Which stages translate. Nested: the recorded output address is the IPA.",
      "T: the recorded machines use stage 1");
  v.field("two_level_stream_table", two_level_stream_table,
          "Two-level stream table with SPLIT 8, as Linux makes; else linear.", "T: IHI 0070 3.3.1");
  v.choice("stage2_page_size", stage2_page_size,
           {{"4KiB", stage2_page::page_4k},
            {"2MiB", stage2_page::block_2m},
            {"1GiB", stage2_page::block_1g}},
           "Nested: size of the stage-2 pages or blocks that hold guest memory.",
           "M: 2 MiB in the Kunpeng test, measurements 2.1");
  v.field(
      "ipa_bits", ipa_bits, {40, 48}, "bits",
      "Input size of stage 2. 40 bits start at level 1 (two tables side by side), 48 at level 0.",
      "T: IHI 0070 5.2, S2T0SZ");
}

unsigned tables_params::stage2_page_shift() const {
  switch (stage2_page_size) {
    case stage2_page::page_4k:
      return 12;
    case stage2_page::block_2m:
      return 21;
    case stage2_page::block_1g:
      return 30;
  }
  return 12;
}

void memory_params::describe(describe::visitor& v) {
  v.group("interconnect", interconnect, "Coherent mesh.");
  v.group("system_level_cache", system_level_cache, "System-level cache (SLC).");
  v.group("dram", dram, "Main memory.");
  v.field(
      "first_touch", first_touch,
      "A trace or DMA workload begins with none of its pages there: each is faulted in when the "
      "device first touches it, as `variant` serves faults. SVA workloads always do.",
      "T: a replay has the pages that the recorded machine had");
}

void platform_params::describe(describe::visitor& v) {
  v.field("name", name, "Name of the platform in reports.", "A: a label");
  v.field("description", description, "What it stands for.", "A: a label");
  v.choice(
      "variant", served,
      {{"a", variant::bare_metal},
       {"b", variant::vmm_viommu},
       {"c", variant::kernel_viommu},
       {"d", variant::vsmmu},
       {"e", variant::guest_commands},
       {"f", variant::pinned},
       {"g", variant::stall}},
      "Who serves the device of an SVA workload: a bare metal, b virtio-iommu in the VMM, c in "
      "the kernel, d nested vSMMU, e with a command queue of the guest, f no SVA: pinned, map "
      "and unmap, g a stall-model platform device (vsva-flow 5).",
      "T: vsva-flow 5");
  v.group("device", device, "The PCIe function that makes the accesses.");
  v.group("pcie", pcie, "PCI Express.");
  v.group("smmu", smmu, "SMMUv3.");
  v.group("memory", memory, "Interconnect, cache, memory.");
  v.group("tables", tables, "Translation tables as software builds them.");
  v.group("cpu", cpu, "Host processors, in SVA workloads.");
  v.group("gic", gic, "Interrupt controller, in SVA workloads.");
  v.group("vm", vm, "Each virtual machine, in SVA workloads.");
  v.group("viommu", viommu, "virtio-iommu of each virtual machine.");
  v.group("software", software, "Software costs.");
  topology_group elements{topology, templates()};
  v.group_if(!topology.empty(), "topology", elements,
             "What there are several of, and how it is connected.");
}

}  // namespace svasim::platforms
