// A whole platform: builds the modules of a configuration, binds them, runs a trace or workload
// through them. One platform a process (SystemC has one kernel).
//
//   device.dma [-- atc] --link-- root_complex --tbu-- interconnect -- slc -- dram
//                                        |         |
//                                       tcu     walker, command queue, event queue, CPU
//
// There may be several of each (topology.h): SMMUs with several TBUs, root ports that share one,
// switches, sockets. Each device replays the records of the StreamIDs that it owns; each SMMU has a
// driver on its socket. All SMMUs use one set of tables, as in one kernel.
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "platforms/address_spaces.h"
#include "platforms/binder.h"
#include "platforms/device_feeds.h"
#include "platforms/device_unit.h"
#include "platforms/isolation_checker.h"
#include "platforms/memory_system.h"
#include "platforms/observer.h"
#include "platforms/pcie_fabric.h"
#include "platforms/platform_params.h"
#include "platforms/replay.h"
#include "platforms/smmu_drivers.h"
#include "platforms/smmu_unit.h"
#include "platforms/topology.h"

namespace svasim::platforms {

struct platform_options {
  bool check_protocol = false;   ///< a base-protocol checker in every binding
  bool check_isolation = false;  ///< compare every translated access with a functional walk
};

/// The run came to a stop before all was done: exit code 1.
class stuck_error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

class platform {
 public:
  /// `source` must outlive it. Throws base::input_error where trace and platform do not fit.
  platform(const platform_params& params, trace::source& source, const platform_options& options);
  ~platform();

  /// Simulate until everything is done. Throws stuck_error with the occupancy of everything when
  /// the run stops short of that, isolation_error from the checker, base::input_error from the
  /// trace.
  void run();

  const platform_params& params() const { return m_params; }
  stats::group& statistics() { return m_stats; }
  /// When the last access was complete.
  base::duration finished_at() const { return m_finished_at; }
  const arch::register_view& registers() const { return m_regs; }
  base::sparse_memory& memory() { return m_memory; }

  using device_list = std::vector<std::unique_ptr<device_unit>>;
  using smmu_list = std::vector<std::unique_ptr<smmu_unit>>;
  const device_list& devices() const { return m_devices; }
  const smmu_list& smmus() const { return m_smmus; }
  const memory_system& caches() const { return *m_caches; }
  const pcie_fabric& fabric() const { return *m_fabric; }
  /// Called now and then with the requests that are done.
  void on_progress(const std::function<void(std::uint64_t)>& seen);

  // The first of each.
  device::dma_engine& dma() { return m_devices.front()->dma(); }
  const device::atc* atc() const { return m_devices.front()->atc(); }  ///< null: none
  smmu::tbu& tbu() { return m_smmus.front()->tbu(0); }
  const smmu::tcu& tcu() const { return m_smmus.front()->tcu(); }
  const smmu::walker& walker() const { return m_smmus.front()->walker(); }
  const address_spaces& spaces() const { return m_spaces; }
  const replay& traced() const { return m_replay; }
  const isolation_checker& checker() const { return m_checker; }
  observer& observed() { return m_observer; }

 private:
  topology_plan checked_plan(const trace::summary& about) const;
  address_spaces::atc_question atc_question() const;
  observer::tlb_name largest_tlb() const;
  void build_memory();
  void build_smmus();
  void build_devices();
  void build_ats(const trace::summary& about);
  void build_software();
  void build_observer();
  stream_counts::figures figures_of_all() const;
  void check_isolation(arch::access_request access, base::pa output, const kit::dma_extension& ext);
  void check_finished() const;

  const platform_params m_params;
  const platform_options m_options;
  const topology_plan m_plan;
  base::sparse_memory m_memory;
  stats::group m_stats;
  stats::group m_device_stats;
  stats::group m_pcie_stats;
  stats::group m_smmu_stats;
  stats::group m_memory_stats;
  stats::group m_software_stats;
  address_spaces m_spaces;
  const arch::register_view m_regs;
  isolation_checker m_checker;
  replay m_replay;
  device_feeds m_feeds;
  observer m_observer;
  base::duration m_finished_at;
  std::exception_ptr m_breach;  // of isolation

  binder m_bind;
  std::unique_ptr<memory_system> m_caches;
  smmu_list m_smmus;
  std::unique_ptr<pcie_fabric> m_fabric;
  device_list m_devices;
  std::deque<one_of_many> m_driver_names;
  std::vector<std::unique_ptr<software::smmu_driver>> m_drivers;
  std::unique_ptr<smmu_drivers> m_all_drivers;
};

}  // namespace svasim::platforms
