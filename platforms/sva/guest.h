// One virtual machine of an SVA platform: its vCPUs, its memory, its kernel's drivers, and who
// works for it on the host, as the variant says: a virtio-iommu served by the VMM (b, f) or the
// host kernel (c), or an emulated SMMU (d), with a command queue of its own beside it (e), for each
// SMMU that its functions are behind.
#pragma once

#include <map>
#include <memory>
#include <vector>

#include "platforms/platform_params.h"
#include "platforms/sva/emulated_smmu.h"
#include "platforms/sva/smmu_set.h"
#include "tlm/cpu/virtual_machine.h"
#include "tlm/software/fault_ring.h"
#include "tlm/virtio/driver_queue.h"
#include "tlm/virtio/request_replay.h"
#include "tlm/virtio/virtio_iommu.h"

namespace svasim::platforms {

class sva_platform;

class guest {
 public:
  /// A function of a device that it has, and which SMMU that is behind.
  struct function {
    base::stream_id sid;
    unsigned smmu = 0;
  };
  /// `p` must outlive it.
  guest(sva_platform& p, std::uint32_t number, std::vector<function> functions);
  ~guest();

  cpu::virtual_machine& machine() { return *m_machine; }
  software::frame_allocator& frames() { return m_frames; }
  base::vmid vmid() const { return m_vmid; }
  bool owns(base::stream_id sid) const;
  /// What the memory management of its processes tells of changes; null: nobody (f).
  software::iommu_ops* iommu();
  /// How buffers are mapped for the device (f).
  software::dma_map_ops* mapping() { return m_viommu_driver.get(); }
  /// A process shares its address space with a function.
  void bind(base::stream_id sid, base::substream_id pasid, software::process_memory& mm);
  /// The domain its functions use (f), the first time; else false.
  bool set_domain(arch::domain_id domain, base::asid asid) {
    return m_domains.emplace(1, bound_domain{domain, asid}).second;
  }

  // A recorded virtio-iommu log (f; guest_replay.cpp). Domains are named as in the log; what is
  // done `before` takes no time.
  void add_endpoint(base::stream_id sid, std::uint32_t domain);
  void attach_before(base::stream_id sid, std::uint32_t domain);
  void map_before(std::uint32_t domain, std::uint64_t page, std::uint64_t output);
  bool is_mapped(std::uint32_t domain, std::uint64_t address);
  /// The driver that makes the requests of a log, running.
  std::unique_ptr<virtio::request_replay> replay_requests();
  const virtio::virtio_iommu& viommu() const { return *m_viommu; }

  /// All of its memory is in place.
  bool pinned_memory() const;

  /// The host's PRIQ thread has a page request of this guest.
  void page_request(kit::task& t, const arch::page_request& r);

 private:
  void build_stage2();
  void attach_at_boot();
  void build_viommu();
  void build_vsmmus();
  void build_faults();
  emulated_smmu& emulated_for(base::stream_id sid);
  void refuse(kit::task& t, const arch::page_request& r);
  void inject(kit::task& t, unsigned interrupt);
  void map_for_host(kit::task& t, const arch::viommu_request& r);
  void unmap_for_host(kit::task& t, const arch::viommu_request& r,
                      const std::vector<kit::viommu_mapping>& removed);
  bool in_user_space() const { return m_params.served != variant::kernel_viommu; }
  bool has_vsmmu() const {
    return m_params.served == variant::vsmmu || m_params.served == variant::guest_commands;
  }

  sva_platform& m_platform;
  const platform_params& m_params;
  const std::uint32_t m_number;
  const std::vector<function> m_functions;
  const base::vmid m_vmid;
  stats::group m_stats;
  software::frame_allocator m_frames;
  struct bound_domain {
    arch::domain_id domain;
    base::asid asid;
  };
  bound_domain& domain_at(std::uint32_t number);
  std::map<std::uint32_t, bound_domain> m_domains;  // f: by domain of the virtio-iommu

  std::unique_ptr<cpu::virtual_machine> m_machine;
  std::unique_ptr<software::fault_ring> m_ring;

  std::unique_ptr<virtio::driver_queue> m_requests;
  std::unique_ptr<virtio::driver_queue> m_events;
  std::unique_ptr<virtio::virtio_iommu> m_viommu;
  std::unique_ptr<software::viommu_driver> m_viommu_driver;
  std::unique_ptr<software::viommu_backend> m_backend;

  std::vector<std::unique_ptr<emulated_smmu>> m_vsmmus;
  std::unique_ptr<smmu_set> m_vsmmu_drivers;

  std::unique_ptr<software::io_pgfault> m_faults;  // of the virtio-iommu
};

}  // namespace svasim::platforms
