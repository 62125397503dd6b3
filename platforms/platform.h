// A whole platform: builds the modules of a configuration, binds them, runs a trace or workload
// through them. One platform a process (SystemC has one kernel).
//
//   device.dma [-- atc] --link-- root_complex --tbu-- interconnect -- slc -- dram
//                                        |         |
//                                       tcu     walker, command queue, event queue, CPU
#pragma once

#include <exception>
#include <memory>
#include <optional>
#include <vector>

#include "platforms/address_spaces.h"
#include "platforms/isolation_checker.h"
#include "platforms/observer.h"
#include "platforms/platform_params.h"
#include "platforms/replay.h"
#include "tlm/device/atc.h"
#include "tlm/kit/protocol_checker.h"
#include "tlm/pcie/link.h"
#include "tlm/smmu/ats_port.h"
#include "tlm/smmu/ats_request_port.h"
#include "tlm/smmu/register_page.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"

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

  device::dma_engine& dma() { return *m_dma; }
  const device::atc* atc() const { return m_atc.get(); }  ///< null: none
  const pcie::link& link() const { return *m_link; }
  smmu::tbu& tbu() { return *m_tbu; }
  const smmu::tcu& tcu() const { return *m_tcu; }
  const smmu::walker& walker() const { return *m_walker; }
  const memory::system_level_cache& slc() const { return *m_slc; }
  const address_spaces& spaces() const { return m_spaces; }
  const replay& traced() const { return m_replay; }
  const isolation_checker& checker() const { return m_checker; }
  observer& observed() { return m_observer; }

 private:
  void build_memory();
  void build_smmu();
  void build_device();
  void build_ats(const trace::summary& about);
  void build_software();
  void build_observer();
  stream_counts::figures figures_of_all() const;
  void check_isolation(arch::access_request access, base::pa output, const kit::dma_extension& ext);
  void check_finished() const;
  template <class Initiator, class Target>
  void bind(Initiator& from, Target& to, const char* name,
            kit::protocol_checker::exclusion rule = kit::protocol_checker::exclusion::all);

  const platform_params m_params;
  const platform_options m_options;
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
  observer m_observer;
  base::duration m_finished_at;
  std::exception_ptr m_breach;  // of isolation

  std::vector<std::unique_ptr<kit::protocol_checker>> m_checkers;
  std::unique_ptr<memory::dram> m_dram;
  std::unique_ptr<memory::system_level_cache> m_slc;
  std::unique_ptr<memory::interconnect> m_interconnect;
  std::unique_ptr<smmu::walker> m_walker;
  std::unique_ptr<smmu::tcu> m_tcu;
  std::unique_ptr<smmu::tbu> m_tbu;
  smmu::gerror m_errors;
  std::unique_ptr<smmu::command_engine> m_engine;
  std::unique_ptr<smmu::command_queue> m_commands;
  std::unique_ptr<smmu::event_queue> m_events;
  std::unique_ptr<smmu::register_page> m_registers;
  std::unique_ptr<pcie::root_complex> m_root_complex;
  std::unique_ptr<pcie::link> m_link;
  std::unique_ptr<smmu::ats_port> m_ats;  // these three: device.ats
  std::unique_ptr<smmu::ats_request_port> m_ats_requests;
  std::unique_ptr<device::atc> m_atc;
  std::unique_ptr<device::dma_engine> m_dma;
  std::unique_ptr<software::smmu_driver> m_driver;
};

}  // namespace svasim::platforms
