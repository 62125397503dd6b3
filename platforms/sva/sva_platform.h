// A platform that serves processes sharing their address space with a device, end to end: CPU
// cluster, interrupt controller, SMMU with all its queues, PCIe device with ATC and page requests,
// and the software of one of the seven variants (platforms/variants.h) as threads on the cores and
// vCPUs. One platform a process (SystemC has one kernel).
//
//   processes or a trace -> dma -- atc -- link -- root_complex --+-- tbu -- interconnect -- slc
//      |                              (ATS, PRI messages)        +-- ats_requests -- tcu
//   mm, io-pgfault <- drivers <- VMM/KVM <- PRIQ, EVTQ, CMDQ <- SMMU -- gic -- cores
//
// Leaves out (for now): several sockets, SMMUs and devices.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "arch/table_builder.h"
#include "base/sparse_memory.h"
#include "platforms/platform_params.h"
#include "platforms/run_result.h"
#include "platforms/sva/fault_record.h"
#include "platforms/sva/frame_checker.h"
#include "platforms/sva/guest.h"
#include "platforms/sva/ideal_translator.h"
#include "platforms/sva/process_user.h"
#include "platforms/sva/register_bus.h"
#include "platforms/sva/trace_user.h"
#include "platforms/sva/viommu_user.h"
#include "tlm/cpu/cluster.h"
#include "tlm/cpu/gic.h"
#include "tlm/device/atc.h"
#include "tlm/device/dma_engine.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/interconnect.h"
#include "tlm/memory/system_level_cache.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/root_complex.h"
#include "tlm/smmu/ats_port.h"
#include "tlm/smmu/ats_request_port.h"
#include "tlm/smmu/broadcast.h"
#include "tlm/smmu/command_queue.h"
#include "tlm/smmu/control_registers.h"
#include "tlm/smmu/ecmdq.h"
#include "tlm/smmu/event_queue.h"
#include "tlm/smmu/guest_command_queue.h"
#include "tlm/smmu/interrupts.h"
#include "tlm/smmu/pri_queue.h"
#include "tlm/smmu/register_page.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"
#include "tlm/software/process_memory.h"
#include "tlm/software/queue_threads.h"
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
  const cpu::cluster& cpus() const { return *m_cluster; }
  run_parts parts() const {
    return {m_params,
            {{"", m_params.device, *m_dma, m_atc.get()}},
            {{"", m_params.smmu, {m_tbu.get()}, *m_tcu, *m_walker}},
            {{"", *m_slc}},
            {m_link.get()},
            m_stats,
            m_finished_at};
  }
  std::uint64_t commands_consumed() const { return m_commands->statistics().consumed.value(); }
  const device::dma_engine& dma() const { return *m_dma; }
  const device::atc* atc() const { return m_atc.get(); }
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
  /// A queue of the SMMU in memory, and the records in it now. In a fixed order.
  struct queue_fill {
    const char* name;
    std::uint32_t records;
  };
  std::vector<queue_fill> queue_fills() const;
  /// When the last process was done, or the last access of the trace.
  base::duration finished_at() const { return m_finished_at; }

  // For the device's user, while it starts.

  guest& first_guest() { return *m_guests.front(); }
  /// An address space of its own for a process of this function; PASIDs count from 1.
  struct process_space {
    software::process_memory* memory = nullptr;
    kit::machine* machine = nullptr;
    kit::actor who = kit::actor::hk;
    software::dma_map_ops* mapping = nullptr;  ///< null: the device shares the address space
    const kernel_params* kernel = nullptr;
    base::stream_id sid;
    stats::group* statistics = nullptr;
  };
  process_space add_process(std::uint32_t function, const std::string& name, std::uint64_t seed);
  /// Calls `done` when the feed is at its end and all accesses are complete.
  void on_engine_done(std::function<void()> done);
  /// All is done, now.
  void user_finished();

 private:
  struct device_function {
    base::stream_id sid;
    guest* owner = nullptr;  // null: the host
    std::uint32_t processes = 0;
  };
  friend class guest;
  bool stalls() const { return m_params.served == variant::stall; }
  const arch::register_view& regs() const { return m_control->view(); }
  bool has_atc() const { return has_page_requests(m_params.served) && !m_options.ideal; }

  // sva_hardware.cpp
  void build_memory();
  void build_smmu();
  void build_interrupts();
  void build_command_paths();
  void build_device();
  // sva_platform.cpp, sva_processes.cpp
  void build_host();
  void build();
  void build_functions();
  void serve_page_request(kit::task& t, const arch::page_request& r);
  void serve_event(kit::task& t, const arch::event& e);
  void log_thread(const kit::fault_key& key, const software::queue_thread& thread);
  void build_checker();
  void check(const arch::access_request& access, base::pa output, const kit::dma_extension& ext);
  std::uint64_t progress() const;
  [[noreturn]] void stuck() const;

  const platform_params m_params;
  const sva_options m_options;
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
  frame_checker m_checker;
  std::unique_ptr<isolation_checker> m_walk_checker;  // of a log
  std::exception_ptr m_breach;                        // of isolation
  kit::hop_log m_hops;
  arch::table_builder m_tables;
  base::duration m_finished_at;

  std::unique_ptr<smmu::control_registers> m_control;
  std::unique_ptr<memory::dram> m_dram;
  std::unique_ptr<memory::system_level_cache> m_slc;
  std::unique_ptr<memory::interconnect> m_interconnect;
  std::unique_ptr<register_bus> m_registers_bus;
  std::unique_ptr<cpu::cluster> m_cluster;
  std::unique_ptr<cpu::gic> m_gic;
  smmu::gerror m_errors;
  std::unique_ptr<smmu::walker> m_walker;
  std::unique_ptr<smmu::tcu> m_tcu;
  std::unique_ptr<smmu::tbu> m_tbu;
  std::unique_ptr<ideal_translator> m_ideal;  // in the TBU's place
  std::unique_ptr<smmu::ats_request_port> m_ats_requests;
  std::unique_ptr<smmu::command_engine> m_engine;
  std::unique_ptr<smmu::command_queue> m_commands;
  std::unique_ptr<smmu::event_queue> m_events;
  std::unique_ptr<smmu::pri_queue> m_pages;
  std::unique_ptr<smmu::ats_port> m_ats;
  std::unique_ptr<smmu::interrupts> m_interrupts;
  std::unique_ptr<smmu::register_page> m_registers;
  std::unique_ptr<smmu::broadcast> m_broadcast;
  std::vector<std::unique_ptr<smmu::ecmdq>> m_ecmdqs;
  std::vector<std::unique_ptr<smmu::guest_command_queue>> m_guest_queues;
  std::unique_ptr<pcie::root_complex> m_root_complex;
  std::unique_ptr<pcie::link> m_link;
  std::unique_ptr<device::atc> m_atc;
  std::unique_ptr<device::dma_engine> m_dma;

  std::unique_ptr<software::arm_smmu_v3> m_driver;
  std::unique_ptr<software::io_pgfault> m_host_faults;
  std::unique_ptr<software::queue_thread> m_page_thread;
  std::unique_ptr<software::queue_thread> m_event_thread;
  std::unique_ptr<software::frame_allocator> m_host_frames;
  std::vector<std::unique_ptr<guest>> m_guests;
  std::vector<std::unique_ptr<software::process_memory>> m_memories;
  std::vector<device_function> m_functions;
  std::unique_ptr<device_user> m_user;
};

}  // namespace svasim::platforms
