// Broadcast TLB maintenance (IHI 0070 3.17; DVM): TLB invalidations of the CPUs reach the SMMU
// without a command queue, and a DVM Sync takes the place of CMD_SYNC. Both go the same way as
// commands do, and share the invalidation token with them. With IDR0.BTM = 0 or CR2.PTM = 1 the
// SMMU takes no part: invalidations are dropped and a Sync is answered at once. CMD_SYNC does not
// wait for broadcasts, nor a DVM Sync for commands.
//
// An invalidation is named by the command that does the same: VAE1IS is TLBI_NH_VA, ASIDE1IS
// TLBI_NH_ASID, VMALLE1IS TLBI_NH_ALL, VMALLS12E1IS TLBI_S12_VMALL, ALLE1IS TLBI_NSNH_ALL and so
// on. Without stage 2 it must be for VMID 0. Entries of a CD with ASET = 1 stay where the broadcast
// is scoped by ASID. Device ATCs are not reached.
//
// Leaves out: what a CPU pays for it, its DSB.
#pragma once

#include <functional>
#include <systemc>

#include "arch/command.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/smmu/command_engine.h"
#include "tlm/smmu/queue_params.h"
#include "uarch/ring_fifo.h"

namespace svasim::smmu {

struct broadcast_stats : stats::group {
  explicit broadcast_stats(stats::group* parent) : group(parent, "broadcast") {}
  stats::counter invalidations{this, "invalidations", "messages", "Invalidations carried out."};
  stats::counter ignored{this, "ignored", "messages",
                         "Invalidations the SMMU takes no part in, or that cannot concern it."};
  stats::counter syncs{this, "syncs", "messages", "DVM Syncs."};
  stats::counter refused{this, "refused", "messages", "Messages that found no place."};
  stats::histogram sync_time{this, "sync_time", "ps",
                             "From a DVM Sync leaving the CPU until its answer is back."};
};

class broadcast final : public sc_core::sc_module {
 public:
  /// `regs` and `engine` must outlive the module.
  broadcast(sc_core::sc_module_name name, const broadcast_params& params,
            const arch::register_view& regs, command_engine& engine, stats::group* parent);

  /// A CPU sends a TLB invalidation; `tlbi` is a TLBI command. False where there is no place: try
  /// again after on_room.
  [[nodiscard]] bool invalidate(const arch::command& tlbi);
  /// A CPU sends a DVM Sync; `done` is called when its answer is back: everything sent before it
  /// is complete. False as above.
  [[nodiscard]] bool sync(std::function<void()> done);
  std::function<void()> on_room;

  const broadcast_stats& statistics() const { return m_stats; }

 private:
  struct message {
    arch::command tlbi;
    std::function<void()> done;  // of a Sync
    base::duration sent;
  };
  bool send(message m);
  void run();
  void handle(const message& m);
  bool participates() const { return m_regs.caps.btm && !m_regs.private_tlb; }
  bool concerns(const arch::command& tlbi) const;

  const broadcast_params m_params;
  const arch::register_view& m_regs;
  command_engine& m_engine;
  broadcast_stats m_stats;
  command_source m_source;
  sc_core::sc_event m_work;
  uarch::ring_fifo<message> m_pending;
};

}  // namespace svasim::smmu
