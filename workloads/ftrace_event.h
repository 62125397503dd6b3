// The Linux trace events that tell what a device may access: systems iommu, dma, nvme and block.
// Bodies differ between kernels; fields are found by name, unknown events are `other`. Leaves out:
// devices that are not on PCI (they have no StreamID here), coherent memory (dma_alloc*).
#pragma once

#include <cstdint>
#include <vector>

#include "workloads/ftrace_line.h"

namespace svasim::workloads {

enum class dma_direction : std::uint8_t { unknown, to_device, from_device, both };

struct dma_segment {
  std::uint64_t address = 0;  ///< as the device sees it
  std::uint64_t size = 0;
  std::uint64_t output = 0;
  bool has_output = false;
};

struct ftrace_event {
  enum class kind : std::uint8_t {
    other,
    map,        ///< iommu:map: segments[0]
    unmap,      ///< iommu:unmap: segments[0]
    dma_map,    ///< dma_map_page, _phys, _resource, _sg: segments, direction, device
    dma_unmap,  ///< likewise, without _sg: that tells no device address
    sync_cpu,   ///< dma_sync_*_for_cpu: the device is done for now
    sync_device,
    attach,   ///< iommu:attach_device_to_domain: device
    fault,    ///< iommu:io_page_fault: segments[0].address, device
    command,  ///< nvme_setup_cmd: direction; mappings come behind it
    request,  ///< block_rq_issue: direction; mappings come before it
  };
  kind what = kind::other;
  dma_direction direction = dma_direction::unknown;
  bool has_device = false;
  std::uint32_t sid = 0;  ///< of the device: its bus, device and function number
  std::vector<dma_segment> segments;
};

/// Reads the fields of the event that `line` stands at. Throws base::input_error at this line.
void read_ftrace_event(const ftrace_line& line, text_fields& f, ftrace_event& out);

}  // namespace svasim::workloads
