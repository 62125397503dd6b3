// What carries out commands (IHI 0070 4), whichever queue they come from: the CMDQ, an ECMDQ, a
// queue of a guest, and broadcasts of the CPUs. Each queue has a thread of its own, in which it
// calls execute().
//
// TLBI and CFGI go to the caches of the TCU and by message to every TBU; one is under way at a time
// (MMU-700 TRM: one invalidation token), and is over when all have answered. The token goes round
// among the queues. CMD_SYNC is for the queue it stands in (3.5.6): it completes when the commands
// before it are over, its ATC invalidations answered, the transactions taken before it complete at
// the TBUs, and their events written or lost; one at a time has its interval of the TBUs.
//
// PREFETCH_*, RESUME and STALL_TERM go to whom the hooks name; they take their decode time.
// CFGI_VMS_PIDM and DPTI_* take the time of an invalidation and find nothing. ATC_INV and PRI_RESP
// go to the devices through an ats_port; without one, or with CR0.SMMUEN = 0, they do nothing. An
// ATC_INV that is not answered fails the next CMD_SYNC of its queue.
//
// Leaves out: merging of commands, several invalidations under way.
#pragma once

#include <functional>
#include <vector>

#include "arch/command.h"
#include "arch/invalidation.h"
#include "arch/registers.h"
#include "tlm/smmu/ats_port.h"
#include "tlm/smmu/round_robin.h"

namespace svasim::smmu {

class event_queue;
class tbu;
class tcu;

/// A queue as the engine knows it.
struct command_source {
  unsigned member = 0;  ///< number among the sources
  ats_account ats;
};

class command_engine {
 public:
  /// `invalidate`: search of the caches for one command. The TBUs and the TCU must outlive the
  /// engine.
  command_engine(base::duration invalidate, base::duration dti_latency,
                 const arch::register_view& regs, tcu& control, std::vector<tbu*> tbus);

  /// Before time starts.
  void join(command_source& s);
  /// In the thread of `from`: check `c` and carry it out. What it says stops the queue before `c`.
  /// A CMD_SYNC is complete; to tell of it is up to the queue.
  [[nodiscard]] arch::command_error execute(command_source& from, const arch::command& c);
  /// In the thread of `from`: a TLBI of the CPUs, which no queue holds; legal as a command.
  void broadcast(command_source& from, const arch::command& tlbi);
  /// In the thread of `from`: transactions taken before have completed, their events are written.
  void finish_transactions(command_source& from);

  /// CMD_SYNC waits for the records of `events`, which must outlive the engine.
  void order_events(event_queue& events);
  /// ATC_INV and PRI_RESP go to `devices`, which must outlive the engine.
  void connect_devices(ats_port& devices) { m_devices = &devices; }
  /// Sees each TLBI and CFGI when it is complete; empty when off.
  std::function<void(const arch::command&)> on_invalidation;
  std::function<void(const arch::command&)> on_prefetch;
  std::function<void(const arch::command&)> on_resume;
  std::function<void(const arch::command&)> on_stall_term;

 private:
  void invalidate(command_source& from, const arch::command& c, const arch::invalidation& inv);

  const base::duration m_invalidate;
  const base::duration m_dti_latency;
  const arch::register_view& m_regs;
  tcu& m_tcu;
  std::vector<tbu*> m_tbus;
  event_queue* m_events = nullptr;
  ats_port* m_devices = nullptr;
  sc_core::sc_event m_synced;
  round_robin m_token;  // of the invalidation
  round_robin m_epoch;  // of the TBUs
};

}  // namespace svasim::smmu
