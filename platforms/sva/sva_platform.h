// A platform that serves processes sharing their address space with a device, end to end: CPU
// cluster, interrupt controller, SMMU with all its queues, PCIe device with ATC and page requests,
// and the software of one of the seven variants (platforms/variants.h) as threads on the cores and
// vCPUs. One platform a process (SystemC has one kernel).
//
//   processes or a trace -> dma -- atc -- link -- root_complex --+-- tbu -- interconnect -- slc
//      |                              (ATS, PRI messages)        +-- ats_requests -- tcu
//   mm, io-pgfault <- drivers <- VMM/KVM <- PRIQ, EVTQ, CMDQ <- SMMU -- gic -- cores
//
// There may be several of each (topology.h), under one kernel with one set of tables: a driver with
// its threads for each SMMU, on the first cluster of its socket; an emulated SMMU in a guest for
// each SMMU that its functions are behind; an interrupt translation service in each socket. A
// cluster is a machine by itself: threads stay on the cluster they were made on, and see the memory
// of other sockets through the mesh of their own.
//
// Leaves out: what registers and interrupts of another socket take longer.
#pragma once

#include <deque>
#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "arch/table_builder.h"
#include "base/sparse_memory.h"
#include "platforms/binder.h"
#include "platforms/device_unit.h"
#include "platforms/memory_system.h"
#include "platforms/pcie_fabric.h"
#include "platforms/platform_params.h"
#include "platforms/run_result.h"
#include "platforms/smmu_unit.h"
#include "platforms/sva/fault_record.h"
#include "platforms/sva/frame_checker.h"
#include "platforms/sva/guest.h"
#include "platforms/sva/host_smmu.h"
#include "platforms/sva/process_user.h"
#include "platforms/sva/register_bus.h"
#include "platforms/sva/smmu_set.h"
#include "platforms/sva/trace_user.h"
#include "platforms/sva/viommu_user.h"
#include "platforms/topology.h"
#include "tlm/cpu/cluster.h"
#include "tlm/cpu/gic.h"
#include "tlm/software/process_memory.h"
#include "trace/record.h"
#include "trace/sva_plan.h"

namespace svasim::platforms {

struct sva_options {
  bool prefault = false;  ///< every page is there before the device comes
  bool ideal = false;     ///< the same, and translation takes no time
  bool check = false;     ///< frame_checker; of a log, isolation_checker
  /// The trace is a virtio-iommu log, whose requests go through the virtqueue (variant f).
  bool requests = false;
};

class sva_platform {
 public:
  /// An SVA workload.
  sva_platform(const platform_params& params, const trace::sva_plan& plan,
               const sva_options& options = sva_options());
  /// A trace or DMA workload at first touch, or a virtio-iommu log. `source` must outlive it.
  sva_platform(const platform_params& params, trace::source& source,
               const sva_options& options = sva_options());
  ~sva_platform();

  /// Simulate until all processes, or the trace, are done. Throws stuck_error with the occupancy of
  /// everything where the run stops short of that.
  void run();

  const platform_params& params() const { return m_params; }
  /// What uses the device; two of the three are null.
  const process_user* workload() const { return dynamic_cast<const process_user*>(m_user.get()); }
  const trace_user* traced() const { return dynamic_cast<const trace_user*>(m_user.get()); }
  const viommu_user* logged() const { return dynamic_cast<const viommu_user*>(m_user.get()); }
  const trace::sva_plan& plan() const { return workload()->plan(); }
  stats::group& statistics() { return m_stats; }
  const fault_record& faults() const { return m_faults; }
  const std::vector<std::unique_ptr<guest>>& guests() const { return m_guests; }
  /// Processor time of an actor on all cores.
  base::duration cpu_time(kit::actor who) const;
  run_parts parts() const;
  std::uint64_t commands_consumed() const;
  using device_list = std::vector<std::unique_ptr<device_unit>>;
  const device_list& devices() const { return m_devices; }
  const std::vector<std::unique_ptr<smmu_unit>>& smmus() const { return m_smmus; }
  /// Of one of several devices.
  const fault_record& faults_of(std::size_t device) const { return *m_device_faults.at(device); }
  /// Of all devices.
  std::uint64_t total(stats::counter device::dma_engine_stats::*which) const;
  /// Requests that did not go where a log says: the first. Empty where there is none.
  std::string first_mismatch() const;
  // The first of each.
  const cpu::cluster& cpus() const { return *m_clusters.front(); }
  const cpu::cluster& cluster(unsigned i) const { return *m_clusters.at(i); }
  const device::dma_engine& dma() const { return m_devices.front()->dma(); }
  const device::atc* atc() const { return m_devices.front()->atc(); }
  const std::vector<std::unique_ptr<software::process>>& processes() const {
    static const std::vector<std::unique_ptr<software::process>> none;
    return workload() == nullptr ? none : workload()->processes();
  }
  const std::vector<std::unique_ptr<software::process_memory>>& memories() const {
    return m_memories;
  }
  /// Accesses that were checked.
  std::uint64_t checked() const {
    return m_checker.checked() + (m_walk_checker ? m_walk_checker->checked() : 0);
  }
  /// Of the faults under way; who wants to see each that ends takes over on_finished.
  kit::hop_log& hops() { return m_hops; }
  /// When the last process was done, or the last access of the trace.
  base::duration finished_at() const { return m_finished_at; }

  // For the device's user, while it starts.

  guest& first_guest() { return *m_guests.front(); }
  /// An address space of its own for a process that uses these functions, all of one VM; PASIDs
  /// count from 1.
  struct process_space {
    software::process_memory* memory = nullptr;
    kit::machine* machine = nullptr;
    kit::actor who = kit::actor::hk;
    software::dma_map_ops* mapping = nullptr;  ///< null: the device shares the address space
    const kernel_params* kernel = nullptr;
    stats::group* statistics = nullptr;
  };
  process_space add_process(const std::vector<std::uint32_t>& functions, const std::string& name,
                            std::uint64_t seed);
  /// Calls `done` when the feeds are at their end and all accesses are complete.
  void on_engine_done(std::function<void()> done);
  /// All is done, now.
  void user_finished();

 private:
  struct device_function {
    base::stream_id sid;
    unsigned device = 0, smmu = 0;
    std::uint32_t vm = 0;
  };
  friend class guest;
  bool stalls() const { return m_params.served == variant::stall; }
  bool has_atc() const { return has_page_requests(m_params.served) && !m_options.ideal; }
  unsigned smmu_of(base::stream_id sid) const { return m_plan.smmu_of(m_plan.owner_of(sid)); }

  // sva_hardware.cpp
  unsigned own_queues(unsigned smmu) const;
  void build_memory();
  void build_clusters();
  void keep_coherent();
  void build_smmus();
  void build_broadcasts();
  void build_devices();
  void build_interrupts();
  // sva_platform.cpp, sva_processes.cpp
  void place_functions();
  void build_host();
  void build();
  void build_functions();
  void build_guests();
  void bind_space(process_space& space, const std::vector<std::uint32_t>& functions, guest* g,
                  base::vmid vmid);
  void build_checker();
  void check(const arch::access_request& access, base::pa output, const kit::dma_extension& ext);
  cpu::cluster& cluster_of(kit::task& t) const;
  std::uint64_t progress() const;
  [[noreturn]] void stuck() const;

  const platform_params m_params;
  const sva_options m_options;
  const topology_plan m_plan;
  base::sparse_memory m_memory;
  stats::group m_stats{"platform"};
  stats::group m_device_stats{&m_stats, "device"};
  stats::group m_pcie_stats{&m_stats, "pcie"};
  stats::group m_smmu_stats{&m_stats, "smmu"};
  stats::group m_memory_stats{&m_stats, "memory"};
  stats::group m_cpu_stats{&m_stats, "cpu"};
  stats::group m_host_stats{&m_stats, "host"};
  stats::group m_process_stats{&m_stats, "processes"};
  fault_record m_faults;
  std::vector<std::unique_ptr<fault_record>> m_device_faults;  // where there are several
  frame_checker m_checker;
  std::unique_ptr<isolation_checker> m_walk_checker;  // of a log
  std::exception_ptr m_breach;                        // of isolation
  kit::hop_log m_hops;
  arch::table_builder m_tables;
  base::duration m_finished_at;

  std::vector<std::unique_ptr<smmu::control_registers>> m_controls;  // by SMMU
  binder m_bind{false};
  std::unique_ptr<memory_system> m_caches;
  std::deque<one_of_many> m_socket_names;
  std::vector<std::unique_ptr<cpu::gic>> m_gics;  // by socket
  std::vector<std::unique_ptr<cpu::cluster>> m_clusters;
  std::vector<unsigned> m_cluster_ports;  // at the mesh of its socket
  std::unique_ptr<register_bus> m_registers_bus;
  std::vector<std::unique_ptr<smmu_unit>> m_smmus;
  std::unique_ptr<pcie_fabric> m_fabric;
  device_list m_devices;

  std::vector<std::unique_ptr<host_smmu>> m_hosts;  // by SMMU
  smmu_set m_drivers;
  std::unique_ptr<software::frame_allocator> m_host_frames;
  std::vector<device_function> m_functions;
  std::vector<std::unique_ptr<guest>> m_guests;  // by VM; null: it has no function
  std::vector<std::unique_ptr<software::process_memory>> m_memories;
  std::size_t m_engines_done = 0;
  std::unique_ptr<device_user> m_user;
};

}  // namespace svasim::platforms
