#include "tlm/smmu/command_engine.h"

#include "tlm/kit/time.h"
#include "tlm/smmu/event_queue.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"

namespace svasim::smmu {

using arch::command_error;
using arch::opcode;
using kit::now;
using kit::to_sc;

command_engine::command_engine(base::duration invalidate, base::duration dti_latency,
                               const arch::register_view& regs, tcu& control,
                               std::vector<tbu*> tbus)
    : m_invalidate(invalidate),
      m_dti_latency(dti_latency),
      m_regs(regs),
      m_tcu(control),
      m_tbus(std::move(tbus)),
      m_synced(sc_core::sc_gen_unique_name("synced")) {
  for (tbu* t : m_tbus) t->on_sync = [this] { m_synced.notify(sc_core::SC_ZERO_TIME); };
}

void command_engine::join(command_source& s) {
  s.member = m_token.join();
  m_epoch.join();
}

void command_engine::order_events(event_queue& events) {
  m_events = &events;
}

command_error command_engine::execute(command_source& from, const arch::command& c) {
  if (const command_error e = arch::check(c, m_regs.caps); e != command_error::none) return e;
  switch (c.op) {
    case opcode::sync:
      // First the devices: an answer comes after the accesses made with what it forgets.
      if (m_devices != nullptr && !m_devices->wait_answered(from.ats)) {
        return command_error::atc_inv_sync;
      }
      finish_transactions(from);
      return command_error::none;
    case opcode::prefetch_config:
    case opcode::prefetch_addr:
      if (on_prefetch) on_prefetch(c);
      break;
    case opcode::resume:
      if (on_resume) on_resume(c);
      break;
    case opcode::stall_term:
      if (on_stall_term) on_stall_term(c);
      break;
    case opcode::atc_inv:
      if (m_devices != nullptr && m_regs.enabled) m_devices->invalidate(from.ats, c);
      break;
    case opcode::pri_resp:
      if (m_devices != nullptr && m_regs.enabled) m_devices->respond(arch::response_of(c));
      break;
    case opcode::cfgi_vms_pidm:
    case opcode::dpti_all:
    case opcode::dpti_pa:
      m_token.take(from.member);
      sc_core::wait(to_sc(m_dti_latency + m_invalidate + m_dti_latency));
      m_token.give();
      break;
    default:
      invalidate(from, c, arch::invalidation(c, m_regs.caps, m_regs.vmid_wildcard_bits));
      break;
  }
  return command_error::none;
}

void command_engine::broadcast(command_source& from, const arch::command& tlbi) {
  arch::invalidation inv(tlbi, m_regs.caps, m_regs.vmid_wildcard_bits);
  inv.set_broadcast();
  invalidate(from, tlbi, inv);
}

void command_engine::invalidate(command_source& from, const arch::command& c,
                                const arch::invalidation& inv) {
  m_token.take(from.member);
  m_tcu.invalidate(inv);
  sc_core::wait(to_sc(m_dti_latency));
  for (tbu* t : m_tbus) t->invalidate(inv);
  sc_core::wait(to_sc(m_invalidate + m_dti_latency));
  if (on_invalidation) on_invalidation(c);
  m_token.give();
}

void command_engine::finish_transactions(command_source& from) {
  m_epoch.take(from.member);
  sc_core::wait(to_sc(m_dti_latency));
  for (tbu* t : m_tbus) {
    while (!t->begin_sync()) sc_core::wait(m_synced);
  }
  for (tbu* t : m_tbus) {
    while (t->synced_at() == kit::never) sc_core::wait(m_synced);
    if (now() < t->synced_at()) sc_core::wait(to_sc(t->synced_at() - now()));
  }
  sc_core::wait(to_sc(m_dti_latency));
  m_epoch.give();
  if (m_events == nullptr) return;
  const std::uint64_t accepted = m_events->accepted();
  while (m_events->settled() < accepted) sc_core::wait(m_events->progress());
}

}  // namespace svasim::smmu
