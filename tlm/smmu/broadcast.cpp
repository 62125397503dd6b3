#include "tlm/smmu/broadcast.h"

#include <utility>

#include "arch/invalidation.h"
#include "tlm/kit/time.h"

namespace svasim::smmu {

using kit::now;
using kit::to_sc;

broadcast::broadcast(sc_core::sc_module_name name, const broadcast_params& params,
                     const arch::register_view& regs, command_engine& engine, stats::group* parent)
    : sc_module(name),
      m_params(params),
      m_regs(regs),
      m_engine(engine),
      m_stats(parent),
      m_work("work"),
      m_pending(params.pending) {
  engine.join(m_source);
  SC_HAS_PROCESS(broadcast);
  SC_THREAD(run);
}

bool broadcast::invalidate(const arch::command& tlbi) {
  return send({tlbi, nullptr, now()});
}

bool broadcast::sync(std::function<void()> done) {
  return send({{}, std::move(done), now()});
}

bool broadcast::send(message m) {
  if (!m_pending.push(std::move(m))) {
    m_stats.refused += 1;
    return false;
  }
  m_work.notify(sc_core::SC_ZERO_TIME);
  return true;
}

void broadcast::run() {
  for (;;) {
    while (m_pending.empty()) sc_core::wait(m_work);
    const message m = m_pending.pop();
    if (on_room) on_room();
    handle(m);
  }
}

void broadcast::handle(const message& m) {
  const base::duration there = m.sent + m_params.latency;
  if (now() < there) sc_core::wait(to_sc(there - now()));
  if (m.done == nullptr) {
    const bool counts = participates() && concerns(m.tlbi);
    (counts ? m_stats.invalidations : m_stats.ignored) += 1;
    if (counts) m_engine.broadcast(m_source, m.tlbi);
    return;
  }
  if (participates()) m_engine.finish_transactions(m_source);
  sc_core::wait(to_sc(m_params.latency));
  m_stats.syncs += 1;
  m_stats.sync_time.add(now() - m.sent);
  m.done();
}

// Not for another stage than there is, nor another VMID than 0 without stage 2.
bool broadcast::concerns(const arch::command& tlbi) const {
  const arch::invalidation scope(tlbi, m_regs.caps, m_regs.vmid_wildcard_bits);
  return scope.is_translation() && arch::check(tlbi, m_regs.caps) == arch::command_error::none &&
         (m_regs.caps.s2p || tlbi.vmid == base::vmid(0));
}

}  // namespace svasim::smmu
