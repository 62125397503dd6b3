#include "platforms/platform_params.h"

namespace svasim::platforms {

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

void device_params::describe(describe::visitor& v) {
  v.group("dma", dma, "DMA engine.");
}

void pcie_params::describe(describe::visitor& v) {
  v.group("link", link, "Link between the device and the root complex.");
  v.group("root_complex", root_complex, "Root complex.");
}

void memory_params::describe(describe::visitor& v) {
  v.group("interconnect", interconnect, "Coherent mesh.");
  v.group("system_level_cache", system_level_cache, "System-level cache (SLC).");
  v.group("dram", dram, "Main memory.");
}

void software_params::describe(describe::visitor& v) {
  v.group("smmu_driver", smmu_driver, "Host SMMU driver.");
}

void platform_params::describe(describe::visitor& v) {
  v.field("name", name, "Name of the platform in reports.", "A: a label");
  v.field("description", description, "What it stands for.", "A: a label");
  v.group("device", device, "The PCIe function that makes the accesses.");
  v.group("pcie", pcie, "PCI Express.");
  v.group("smmu", smmu, "SMMUv3.");
  v.group("memory", memory, "Interconnect, cache, memory.");
  v.group("tables", tables, "Translation tables as software builds them.");
  v.group("software", software, "Software costs.");
}

}  // namespace svasim::platforms
