// Everything a platform file says, with defaults: one declared-once tree from the device to the
// memory.
#pragma once

#include <string>

#include "arch/table_builder.h"
#include "describe/document.h"
#include "platforms/device_params.h"
#include "platforms/software_params.h"
#include "platforms/topology_params.h"
#include "platforms/variants.h"
#include "tlm/cpu/cluster.h"
#include "tlm/cpu/gic.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/interconnect.h"
#include "tlm/memory/system_level_cache.h"
#include "tlm/smmu/smmu_params.h"
#include "tlm/virtio/viommu_params.h"

namespace svasim::platforms {

enum class stage2_page : std::uint8_t { page_4k, block_2m, block_1g };

/// How software lays the tables out.
struct tables_params {
  arch::table_mode mode = arch::table_mode::stage1;
  bool two_level_stream_table = true;
  stage2_page stage2_page_size = stage2_page::block_2m;
  std::uint32_t ipa_bits = 48;
  void describe(describe::visitor& v);
  unsigned stage2_page_shift() const;
};

struct memory_params {
  memory::interconnect_params interconnect;
  memory::system_level_cache_params system_level_cache;
  memory::dram_params dram;
  bool first_touch = false;
  void describe(describe::visitor& v);
};

struct platform_params {
  std::string name = "unnamed";
  std::string description;
  variant served = variant::bare_metal;
  device_params device;
  pcie_params pcie;
  smmu::smmu_params smmu;
  memory_params memory;
  tables_params tables;
  cpu::cluster_params cpu;
  cpu::gic_params gic;
  vm_params vm;
  virtio::viommu_params viommu;
  software_params software;
  topology_params topology;
  void describe(describe::visitor& v);

  topology_params::templates templates() const { return {device, pcie, smmu, cpu, vm}; }
};

}  // namespace svasim::platforms
