#include "tlm/cpu/vcpu.h"

#include <utility>

namespace svasim::cpu {

using base::duration;
using kit::actor;
using kit::now;

virtual_machine::vcpu::vcpu(virtual_machine& vm, unsigned index)
    : m_vm(vm),
      m_costs(vm.m_params.kvm),
      m_way_out(vm.m_params.kvm.exit.value() / 2),
      m_way_in(vm.m_params.kvm.exit - m_way_out),
      m_wake(sc_core::sc_gen_unique_name("vcpu_wake")),
      m_stopped(sc_core::sc_gen_unique_name("vcpu_stopped")) {
  kit::task_options options;
  options.name = std::string(vm.basename()) + "/vcpu" + std::to_string(index);
  options.who = actor::vcpu;
  if (vm.m_params.placement == placement::pinned) {
    options.cpu = (vm.m_params.first_core + index) % vm.m_host.cpus();
  }
  m_thread = &vm.m_host.spawn(options, [this](kit::task& host) { run_idle(host); });
}

duration virtual_machine::vcpu::use(duration cost, actor who) {
  m_poked = false;
  enter();
  return m_thread->run(cost, who, &m_poked);
}

void virtual_machine::vcpu::hold(duration cost, actor who) {
  enter();
  m_thread->acquire();
  m_thread->processor().source().hold(cost, who);
  m_thread->spent(cost);
}

void virtual_machine::vcpu::poke() {
  m_poked = true;
  m_thread->poke();
}

// The vCPU's own process gives it to a guest task when the host thread is back.
bool virtual_machine::vcpu::start() {
  if (m_woken_at == kit::never) m_woken_at = now();
  m_wake.raise();
  poke();
  return false;
}

void virtual_machine::vcpu::stop() {
  m_idle = true;
  m_stopped.notify(sc_core::SC_ZERO_TIME);
}

void virtual_machine::vcpu::inject() {
  if (m_vm.m_params.injection == injection::direct) {
    m_vm.m_stats.direct += 1;
    return;
  }
  m_vm.m_stats.injected += 1;
  ++m_to_inject;
  if (!m_in_guest || m_kicked || !m_thread->on_processor()) return;
  m_kicked = true;
  m_vm.m_stats.kicks += 1;
}

// What interrupts cost the host before the guest goes on.
void virtual_machine::vcpu::enter() {
  if (std::exchange(m_kicked, false)) {
    m_in_guest = false;
    spend(m_costs.kick + m_way_out);
    enter_guest(m_way_in);
  } else if (m_to_inject != 0) {
    m_in_guest = false;
    enter_guest(duration());
  }
}

void virtual_machine::vcpu::enter_guest(duration way) {
  do {
    spend(way + m_costs.inject * std::exchange(m_to_inject, 0));
    way = duration();
  } while (m_to_inject != 0);
  m_in_guest = true;
}

void virtual_machine::vcpu::exit(thread& guest, actor who,
                                 const std::function<void(kit::task&)>& serve) {
  enter();
  const duration start = now();
  m_in_guest = false;
  spend(m_way_out);
  m_thread->act_for(who);
  if (serve) serve(*m_thread);
  m_thread->act_for(actor::vcpu);
  enter_guest(m_way_in);
  guest.spent(now() - start);
}

void virtual_machine::vcpu::access(thread& guest, const std::function<void(kit::task&)>& make) {
  enter();
  const duration start = now();
  m_thread->act_for(guest.who());
  make(*m_thread);
  m_thread->act_for(actor::vcpu);
  guest.spent(now() - start);
}

void virtual_machine::vcpu::run_idle(kit::task&) {
  sc_core::wait(sc_core::SC_ZERO_TIME);  // what is ready at the start need not wake it
  m_wake.take();
  for (;;) {
    while (!m_guest->has_ready()) halt();
    if (const duration since = std::exchange(m_woken_at, kit::never); since != kit::never) {
      m_vm.m_stats.wake.add(now() - since);
    }
    m_in_guest = true;
    m_idle = false;
    m_guest->dispatch();
    while (!m_idle) sc_core::wait(m_stopped);
    m_in_guest = false;
  }
}

void virtual_machine::vcpu::halt() {
  m_vm.m_stats.halts += 1;
  spend(m_way_out);
  if (m_costs.halt_poll != duration() && !m_guest->has_ready()) {
    m_poked = false;
    m_thread->run(m_costs.halt_poll, actor::hk, &m_poked);
    if (m_guest->has_ready()) m_vm.m_stats.polled += 1;
  }
  if (!m_guest->has_ready()) {
    m_wake.take();
    do m_thread->sleep(m_wake);
    while (!m_guest->has_ready());
    spend(m_costs.vcpu_wake);
  }
  enter_guest(m_way_in);
}

}  // namespace svasim::cpu
