// The part of the TCU that answers: translations, faults, stalls, ATS completions, prefetch.
#include <algorithm>

#include "arch/ats.h"
#include "tlm/smmu/stream_keys.h"
#include "tlm/smmu/tcu.h"

namespace svasim::smmu {

using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

void tcu::respond(payload& p, const arch::translation_result& result,
                  const arch::decoded_config& config, duration at) {
  dma_extension& ext = extension_of(p);
  if (ext.at == arch::transaction_kind::translation_request) {
    complete(p, result, config);
  } else if (result.outcome != arch::outcome::ok && !ext.speculative) {
    const bool recorded = result.outcome == arch::outcome::fault;
    if (recorded && result.response == arch::fault_response::stall) {
      return stall(p, result.event, at);
    }
    m_stats.faults += 1;
    if (recorded && on_event) on_event(result.event, config.mev);
  }
  if (!m_logged.empty()) log_stall_end(p, result.outcome == arch::outcome::ok, at);
  ext.translation->assign(result);
  reply(p, at);
}

// The smallest granule is the STU of all devices (IHI 0070 3.9).
void tcu::complete(payload& p, const arch::translation_result& result,
                   const arch::decoded_config& config) {
  const arch::idr& caps = m_regs.caps;
  const unsigned stu_shift = caps.gran4k ? 12 : caps.gran16k ? 14 : 16;
  m_stats.ats_requests += 1;
  arch::ats_completion& c = *extension_of(p).completion;
  c = arch::complete(result, config, m_regs, access_of(p), stu_shift);
  if (c.recorded && on_event) on_event(c.event, config.mev);
}

void tcu::reply(payload& p, duration at) {
  if (extension_of(p).port == own_port) {
    p.release();
    m_prefetch_due.notify(sc_core::SC_ZERO_TIME);  // its slot is not free yet
    return;
  }
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(later(at, now()) - now());
  from_tbu[extension_of(p).port]->nb_transport_bw(p, phase, t);
}

// --- stalls (3.12.2) ----------------------------------------------------------------------------

void tcu::stall(payload& p, arch::event e, duration at) {
  using place = stall_table<payload*>::place;
  enter_stage(extension_of(p), stage::stalled, at);
  switch (m_stalls.stall(&p, e, !can_stall || can_stall())) {
    case place::recorded:
      m_stats.stalls += 1;
      m_stats.stalled.change(now(), 1);
      if (m_hops != nullptr) log_stall(p, e);
      if (on_stall) on_stall(e);
      break;
    case place::joined:
      m_stats.stalls_joined += 1;
      break;
    case place::none:
      m_stats.stalls_waited += 1;
      break;
  }
  tell_tbu(p, kit::translation_stalled);
}

// The access has been on its way here since its device issued it.
void tcu::log_stall(const payload& p, const arch::event& e) {
  const kit::stage_log* const so_far = extension_of(p).log;
  if (so_far == nullptr) return;
  const kit::fault_key key{e.sid, e.has_ssid ? e.ssid.value() : 0, e.stag};
  duration at_smmu = so_far->started();
  for (const kit::stage_log::segment& s : *so_far) {
    if (s.what < stage::tbu_wait) at_smmu += s.length;
  }
  log_stall_end(p, false, now());  // one that had been retried
  m_hops->begin(key, so_far->started(), kit::hop::dev_untranslated);
  m_hops->enter(key, kit::hop::smmu_stall, at_smmu);
  m_hops->enter(key, kit::hop::smmu_evtq, now());
  m_logged.emplace_back(&p, key);
}

// Its STAG may be another's from now on, while it is still on its way.
void tcu::log_retry(const payload& p) {
  for (auto& [of, key] : m_logged) {
    if (of != &p) continue;
    kit::fault_key retried = key;
    retried.tag = first_retry_tag + m_retries_logged++ % first_retry_tag;
    m_hops->rename(key, retried);
    key = retried;
  }
}

void tcu::log_stall_end(const payload& p, bool resolved, duration at) {
  const auto it = std::find_if(m_logged.begin(), m_logged.end(),
                               [&p](const auto& entry) { return entry.first == &p; });
  if (it == m_logged.end()) return;
  m_hops->end(it->second, later(at, now()), resolved);
  m_logged.erase(it);
}

void tcu::tell_tbu(payload& p, tlm::tlm_phase phase) {
  sc_core::sc_time t;
  from_tbu[extension_of(p).port]->nb_transport_bw(p, phase, t);
}

void tcu::resume(const arch::command& c) {
  const std::vector<payload*> held = m_stalls.resume(c.sid, c.stag);
  if (held.empty()) return;
  m_stats.stalled.change(now(), -1);
  if (m_hops != nullptr) {
    const std::uint32_t pasid =
        extension_of(*held.front()).has_ssid ? extension_of(*held.front()).ssid.value() : 0;
    m_hops->enter({c.sid, pasid, c.stag}, kit::hop::smmu_response, now());
  }
  if (c.retry) log_retry(*held.front());
  for (payload* p : held) {
    c.retry ? retry(*p)
            : terminate(*p, c.abort ? arch::fault_response::abort : arch::fault_response::zero);
  }
  retry_stalls();
}

void tcu::stall_term(const arch::command& c) {
  const std::uint32_t before = m_stalls.used();
  const std::vector<payload*> held = m_stalls.terminate(c.sid);
  m_stats.stalled.change(now(), static_cast<std::int64_t>(m_stalls.used()) - before);
  for (payload* p : held) terminate(*p, arch::fault_response::abort);
  retry_stalls();
}

void tcu::retry_stalls() {
  for (payload* p : m_stalls.retry_waiting()) retry(*p);
}

// It starts from the beginning; one that faults again is a new transaction to software.
void tcu::retry(payload& p) {
  m_stats.retried += 1;
  tell_tbu(p, kit::translation_retried);
  take_slot(p, later(now(), extension_of(p).log->since()));
}

void tcu::terminate(payload& p, arch::fault_response how) {
  m_stats.terminated += 1;
  m_stats.faults += 1;
  tell_tbu(p, kit::translation_retried);
  arch::translation_result ended;
  ended.response = how;
  *extension_of(p).translation = ended;
  if (!m_logged.empty()) log_stall_end(p, false, now());
  reply(p, later(now(), extension_of(p).log->since()));
}

// --- CMD_PREFETCH_* (4.2) -----------------------------------------------------------------------

void tcu::prefetch(const arch::command& c) {
  if (m_params.prefetch_limit == 0) return;
  if (m_prefetch.busy) {
    m_stats.prefetches_dropped += 1;
    return;
  }
  const bool address = c.op == arch::opcode::prefetch_addr;
  const std::uint64_t asked = address ? std::uint64_t{1} << std::min<unsigned>(c.size, 32) : 1;
  m_prefetch.what = c;
  m_prefetch.left =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(asked, m_params.prefetch_limit));
  m_prefetch.busy = true;
  prefetch_next();
}

// The next translation of the command, if there is a slot for it.
void tcu::prefetch_next() {
  arch::command& c = m_prefetch.what;
  if (m_prefetch.left == 0) {
    m_prefetch.busy = false;
    return;
  }
  if (m_slots_used == m_params.slots) {
    m_stats.prefetches_dropped += 1;
    m_prefetch.busy = false;
    return;
  }
  --m_prefetch.left;
  m_stats.prefetches += 1;
  payload& p = m_pool.take(tlm::TLM_READ_COMMAND, c.address, 8);
  dma_extension& ext = extension_of(p);
  ext.kind = kit::traffic::dma;
  ext.log = nullptr;
  ext.sid = c.sid;
  ext.has_ssid = c.has_ssid;
  ext.ssid = c.ssid;
  ext.address = base::iova(c.address);
  ext.speculative = true;
  ext.port = own_port;
  ext.translation = &m_prefetched;
  c.address += std::uint64_t{1} << std::min(12u + c.stride, 63u);
  ++m_slots_used;
  m_stats.slots.change(now(), 1);
  accept(p, now());
}

}  // namespace svasim::smmu
