// Cores that use the command queue of a platform's SMMU, through its memory: no device, no faults.
// The only simulation of its process.
#pragma once

#include <functional>
#include <vector>

#include "arch/table_builder.h"
#include "base/sparse_memory.h"
#include "platforms/platform_params.h"
#include "stats/log_histogram.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/interconnect.h"
#include "tlm/memory/system_level_cache.h"
#include "tlm/smmu/connect.h"
#include "tlm/smmu/register_page.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"
#include "tlm/smmu/walker.h"
#include "tlm/software/command_lists.h"
#include "validate/peers.h"

namespace svasim::validate {

class command_bench {
 public:
  /// `p.cpu` and `p.software.host.smmu.commands` are the cores and the driver.
  explicit command_bench(const platforms::platform_params& p);

  /// One thread a core writes a TLBI and a CMD_SYNC, waits for it, and computes for `think`, again
  /// and again until `end`. What comes before `warm` is forgotten.
  void run(unsigned threads, base::duration think, base::duration warm, base::duration end);

  const software::command_lists_stats& statistics() const { return m_lists.statistics(); }

 private:
  arch::register_view view() const;

  const platforms::platform_params m_params;
  base::sparse_memory m_bytes;
  arch::table_builder m_tables;
  const arch::register_view m_regs;
  stats::group m_root{"bench"};
  memory::dram m_dram;
  memory::system_level_cache m_slc;
  memory::interconnect m_interconnect;
  cpu::gic m_gic;
  cpu::cluster m_cluster;
  smmu::walker m_walker;
  smmu::tcu m_tcu;
  smmu::tbu m_tbu;
  smmu::gerror m_errors;
  smmu::command_engine m_engine;
  smmu::command_queue m_commands;
  smmu::event_queue m_events;
  smmu::register_page m_registers;
  requester m_device{"device"};
  software::command_lists m_lists;
};

/// In ps.
inline double mean(const stats::log_histogram& h) {
  return h.count() == 0 ? 0 : static_cast<double>(h.sum()) / static_cast<double>(h.count());
}

}  // namespace svasim::validate
