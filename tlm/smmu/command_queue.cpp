#include "tlm/smmu/command_queue.h"

#include <algorithm>
#include <cstring>

namespace svasim::smmu {

using kit::extension_of;
using kit::now;
using kit::to_sc;

command_queue::command_queue(sc_core::sc_module_name name, const command_queue_params& params,
                             base::duration dti_latency, const arch::register_view& regs,
                             base::pa base, tcu& control, std::vector<tbu*> tbus,
                             stats::group* parent)
    : sc_module(name),
      to_memory("to_memory"),
      m_params(params),
      m_dti_latency(dti_latency),
      m_regs(regs),
      m_base(base),
      m_tcu(control),
      m_tbus(std::move(tbus)),
      m_stats(parent),
      m_work("work"),
      m_synced("synced") {
  for (tbu* t : m_tbus) t->on_sync = [this] { m_synced.notify(sc_core::SC_ZERO_TIME); };
  SC_HAS_PROCESS(command_queue);
  SC_THREAD(run);
}

void command_queue::write_prod(std::uint32_t value) {
  m_prod = value & (2 * entries() - 1);
  m_work.notify(sc_core::SC_ZERO_TIME);
}

void command_queue::acknowledge_error() {
  m_error_active = false;
  m_error = arch::command_error::none;
  m_work.notify(sc_core::SC_ZERO_TIME);
}

void command_queue::run() {
  for (;;) {
    while (empty() || m_error_active || !m_regs.cmdq_enabled) sc_core::wait(m_work);
    const std::uint32_t fetched = fetch();
    for (std::uint32_t i = 0; i < fetched; ++i) {
      sc_core::wait(to_sc(m_params.decode));
      if (!execute(arch::decode_command(m_batch[i]))) break;
      m_cons = (m_cons + 1) & (2 * entries() - 1);
      m_stats.consumed += 1;
    }
  }
}

// Reads what is published, at most a batch, not past the end of the ring.
std::uint32_t command_queue::fetch() {
  const std::uint32_t index = m_cons & (entries() - 1);
  const std::uint32_t published = (m_prod - m_cons) & (2 * entries() - 1);
  const std::uint32_t n = std::min({published, m_params.fetch_batch, entries() - index});
  memory_access(tlm::TLM_READ_COMMAND, m_base + index * 16ull, m_batch.data(), n * 16);
  return n;
}

// False when the command stops the queue; CONS then still points at it.
bool command_queue::execute(const arch::command& c) {
  const arch::command_error error = arch::check(c, m_regs.caps);
  if (error != arch::command_error::none) {
    m_stats.errors += 1;
    m_error = error;
    m_error_active = true;
    return false;
  }
  if (c.op == arch::opcode::sync) {
    sync(c);
  } else if (const arch::invalidation inv(c, m_regs.caps, m_regs.vmid_wildcard_bits);
             inv.is_config() || inv.is_translation()) {
    (inv.is_config() ? m_stats.cfgi : m_stats.tlbi) += 1;
    invalidate(c);
  } else {
    m_stats.other += 1;
  }
  return true;
}

void command_queue::invalidate(const arch::command& c) {
  const arch::invalidation inv(c, m_regs.caps, m_regs.vmid_wildcard_bits);
  m_tcu.invalidate(inv);
  sc_core::wait(to_sc(m_dti_latency));
  for (tbu* t : m_tbus) t->invalidate(inv);
  sc_core::wait(to_sc(m_params.invalidate + m_dti_latency));
  if (on_invalidation) on_invalidation(c);
}

void command_queue::sync(const arch::command& c) {
  const base::duration start = now();
  m_stats.sync += 1;
  sc_core::wait(to_sc(m_dti_latency));
  for (tbu* t : m_tbus) {
    while (!t->begin_sync()) sc_core::wait(m_synced);
  }
  for (tbu* t : m_tbus) {
    while (t->synced_at() == kit::never) sc_core::wait(m_synced);
    if (now() < t->synced_at()) sc_core::wait(to_sc(t->synced_at() - now()));
  }
  sc_core::wait(to_sc(m_dti_latency));
  if (c.signal == arch::sync_signal::interrupt && c.address != 0) {
    std::uint32_t data = c.msi_data;
    memory_access(tlm::TLM_WRITE_COMMAND, base::pa(c.address), &data, sizeof data);
  }
  m_stats.sync_time.add(now() - start);
}

void command_queue::memory_access(tlm::tlm_command command, base::pa at, void* data,
                                  std::uint32_t n) {
  tlm::tlm_generic_payload& p = m_pool.take(command, at.value(), n);
  extension_of(p).kind = kit::traffic::queue;
  extension_of(p).log = nullptr;
  if (p.is_write()) std::memcpy(p.get_data_ptr(), data, n);
  sc_core::sc_time t;
  to_memory->b_transport(p, t);
  sc_core::wait(t);
  if (p.is_read()) std::memcpy(data, p.get_data_ptr(), n);
  p.release();
}

}  // namespace svasim::smmu
