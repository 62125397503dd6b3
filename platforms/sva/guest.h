// One virtual machine of an SVA platform: its vCPUs, its memory, its kernel's drivers, and who
// works for it on the host, as the variant says: a virtio-iommu served by the VMM (b, f) or the
// host kernel (c), or an emulated SMMU (d), with a command queue of its own beside it (e).
#pragma once

#include <map>
#include <memory>

#include "platforms/platform_params.h"
#include "tlm/cpu/virtual_machine.h"
#include "tlm/software/fault_ring.h"
#include "tlm/software/queue_threads.h"
#include "tlm/software/vsmmu.h"
#include "tlm/virtio/driver_queue.h"
#include "tlm/virtio/request_replay.h"
#include "tlm/virtio/virtio_iommu.h"

namespace svasim::platforms {

class sva_platform;

class guest {
 public:
  /// `p` must outlive it. Its stream is `sid`.
  guest(sva_platform& p, std::uint32_t number, base::stream_id sid, base::vmid vmid);
  ~guest();

  cpu::virtual_machine& machine() { return *m_machine; }
  software::frame_allocator& frames() { return m_frames; }
  base::vmid vmid() const { return m_vmid; }
  base::stream_id sid() const { return m_sid; }
  /// What the memory management of its processes tells of changes; null: nobody (f).
  software::iommu_ops* iommu();
  /// How buffers are mapped for the device (f).
  software::dma_map_ops* mapping() { return m_viommu_driver.get(); }
  /// A process shares its address space.
  void bind(base::substream_id pasid, software::process_memory& mm);
  /// The domain the device uses (f).
  void set_domain(arch::domain_id domain, base::asid asid) { m_domains[1] = {domain, asid}; }

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
  void build_vsmmu();
  void build_own_queue();
  void build_faults();
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
  const base::stream_id m_sid;
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

  std::unique_ptr<software::vsmmu> m_vsmmu;
  std::unique_ptr<software::arm_smmu_v3> m_smmu_driver;
  std::unique_ptr<software::queue_thread> m_page_thread;

  std::unique_ptr<software::io_pgfault> m_faults;
};

}  // namespace svasim::platforms
