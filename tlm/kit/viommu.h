// A virtio-iommu device as the software that runs it sees it: the VMM, a worker of the host kernel,
// or whoever serves it. The device takes requests from its queue, knows domains and mappings, and
// calls hooks for what has to be done about them; tlm/virtio implements it. It has no thread.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "arch/virtio_iommu.h"
#include "arch/virtio_iommu_fault.h"
#include "tlm/kit/virtqueue.h"

namespace svasim::kit {

/// [start, end] of a domain leads to `output` and on.
struct viommu_mapping {
  std::uint64_t start = 0;
  std::uint64_t end = 0;  ///< inclusive
  std::uint64_t output = 0;
  std::uint32_t flags = 0;  ///< arch::viommu_map_read, _write, _mmio
};

/// What the device asks for, in the task that serves the request; each may take time, and says how
/// it ended. Where it is not ok, nothing changes in the device. A hook that is not set is ok, for
/// the page-table extension UNSUPP.
struct viommu_hooks {
  using hook = std::function<arch::viommu_status(task&, const arch::viommu_request&)>;
  /// An endpoint that was attached elsewhere is moved: there is no detach before.
  hook on_attach, on_detach, on_map;
  /// Gets what the request removes; not called where that is nothing.
  std::function<arch::viommu_status(task&, const arch::viommu_request&,
                                    const std::vector<viommu_mapping>&)>
      on_unmap;
  hook on_attach_table, on_invalidate, on_page_response;
};

/// What became of an event.
enum class viommu_report : std::uint8_t {
  sent,     ///< in the event queue; ask for the interrupt
  dropped,  ///< no buffer, or none that it fits in; counted
  wait,     ///< no buffer: say it again when the event queue is kicked
};

class viommu_device {
 public:
  virtual ~viommu_device() = default;

  /// One request, from the ring until its used entry is written. False where there is none.
  [[nodiscard]] virtual bool serve(task& t) = 0;
  [[nodiscard]] virtual viommu_report report(task& t, const arch::viommu_fault& f) = 0;
  virtual virtqueue_device& requests() = 0;
  virtual virtqueue_device& events() = 0;

  /// In order; empty for a domain that is not there.
  virtual std::vector<std::uint32_t> endpoints_of(std::uint32_t domain) const = 0;
  virtual std::vector<viommu_mapping> mappings_of(std::uint32_t domain) const = 0;

  viommu_hooks hooks;
};

}  // namespace svasim::kit
