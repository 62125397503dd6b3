// One vCPU: a processor of the guest and a thread of the host, whose time is the guest's. At any
// moment one process acts as the host thread: the guest task that has the vCPU, or, with none, the
// vCPU's own, which halts.
#pragma once

#include "tlm/cpu/virtual_machine.h"

namespace svasim::cpu {

class virtual_machine::vcpu final : public time_source {
 public:
  vcpu(virtual_machine& vm, unsigned index);

  // --- of the guest's processor ---
  base::duration use(base::duration cost, kit::actor who) override;
  void hold(base::duration cost, kit::actor who) override;
  void enter() override;
  void poke() override;
  bool start() override;
  void stop() override;
  void attach(processor& p) { m_guest = &p; }

  /// An interrupt is about to be made pending here.
  void inject();
  /// Make `guest`, which has the vCPU, exit; `serve` acts on the host thread for `who`.
  void exit(thread& guest, kit::actor who, const std::function<void(kit::task& host)>& serve);
  /// An access by `guest` that does not exit; `make` it on the host thread.
  void access(thread& guest, const std::function<void(kit::task& host)>& make);

 private:
  void run_idle(kit::task& host);
  void halt();
  void enter_guest(base::duration way);
  /// Processor time of the host kernel.
  void spend(base::duration cost) { m_thread->run(cost, kit::actor::hk); }

  virtual_machine& m_vm;
  const kvm_costs& m_costs;
  const base::duration m_way_out;
  const base::duration m_way_in;
  processor* m_guest = nullptr;
  thread* m_thread;
  kit::wakeup m_wake;
  sc_core::sc_event m_stopped;
  bool m_in_guest = false;        // else the host thread does host work, or sleeps
  bool m_idle = true;             // no guest task has it
  bool m_poked = false;           // a use() is to return
  bool m_kicked = false;          // must exit before it goes on
  std::uint32_t m_to_inject = 0;  // interrupts for list registers on entry
  base::duration m_woken_at = kit::never;
};

}  // namespace svasim::cpu
