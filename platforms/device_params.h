// What a platform file says of a PCIe function and of the links: the groups `device` and `pcie`,
// and the templates of the devices and ports in `topology`.
#pragma once

#include "tlm/device/atc_params.h"
#include "tlm/device/dma_engine.h"
#include "tlm/device/work_queues.h"
#include "tlm/pcie/link_params.h"
#include "tlm/pcie/root_complex.h"

namespace svasim::platforms {

struct device_params {
  device::dma_engine_params dma;
  device::atc_params atc;
  device::work_queue_params work;
  bool ats = false;
  void describe(describe::visitor& v);
};

struct pcie_params {
  pcie::link_params link;
  pcie::root_complex_params root_complex;
  void describe(describe::visitor& v);
};

}  // namespace svasim::platforms
