// Messages of the ATC: Invalidate Requests and what they wait for, and the way up of its own.
#include <algorithm>

#include "tlm/device/atc.h"

namespace svasim::device {

using arch::ats_message_code;
using kit::dma_extension;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::to_sc;

namespace {
constexpr std::uint32_t header_bytes = 16;  // of a message, all that it has
}

tlm::tlm_sync_enum atc::message(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const arch::ats_message& m = *extension_of(p).message;
  const duration at = now() + from_sc(t);
  p.set_response_status(tlm::TLM_OK_RESPONSE);
  switch (m.code) {
    case ats_message_code::prg_response:
      m_responses.push(m.response, at);
      return tlm::TLM_COMPLETED;
    case ats_message_code::invalidate_request:
      break;
    default:
      m_stats.unknown += 1;
      return tlm::TLM_COMPLETED;
  }
  if (!may_take_invalidation()) {
    m_stats.held += 1;
    m_held = &p;
    m_held_message = m;
    return tlm::TLM_ACCEPTED;
  }
  take_invalidation(m, at);
  return tlm::TLM_COMPLETED;
}

void atc::responses() {
  const duration present = now();
  while (m_responses.due(present)) {
    const arch::prg_response r = m_responses.front();
    m_responses.pop();
    m_pri.respond(r);
  }
  m_responses.rearm(present);
  pump();
}

// --- invalidations ------------------------------------------------------------------------------

// Neither waits for what the link brings or takes: a request held there would stop both.
bool atc::may_take_invalidation() const {
  return m_stats.queue.current() < m_params.invalidate_queue && m_invalidation_count < itags;
}

void atc::take_invalidation(const arch::ats_message& m, duration at) {
  std::uint32_t index = 0;
  while (m_invalidations[index].taken) ++index;
  m_invalidations[index] = {true, m, at, 0, at};
  m_invalidation_count += 1;
  m_stats.invalidations += 1;
  m_stats.queue.change(now(), 1);
  m_service_free = later(at, m_service_free) + m_params.invalidate_time;
  m_serviced.push(index, m_service_free);
}

void atc::invalidations() {
  const duration present = now();
  while (m_serviced.due(present)) {
    const std::uint32_t index = m_serviced.front();
    m_serviced.pop();
    m_stats.queue.change(present, -1);
    drop(index);
    admit_held();
  }
  m_serviced.rearm(present);
}

// From here on nothing new uses what it covers; what does already has to end first.
void atc::drop(std::uint32_t index) {
  invalidation& inv = m_invalidations[index];
  const arch::ats_message& m = inv.message;
  if (!m_forgets) return m_drained.push(index, now());
  m_store.invalidate(m);
  for (page& w : m_pages) {
    if (w.now != state::asked || !w.key.reached_by(m)) continue;
    unsigned shift =
        w.stale_shift == 0 ? m.size_shift : std::max<unsigned>(w.stale_shift, m.size_shift);
    while (w.stale_shift != 0 && !overlap(w.stale_address, shift, m.address, shift)) ++shift;
    w.stale_address = m.address;
    w.stale_shift = shift;
  }
  for (access& a : m_accesses) {
    if (!a.in_use || a.answered <= now() || !a.key.reached_by(m) || !m.covers(a.address)) continue;
    if (a.write && !m_params.drain_writes) continue;  // the completion stays behind it
    if (a.answered != kit::never) {
      inv.drained = later(inv.drained, a.answered);
      continue;
    }
    a.drains |= 1u << index;
    inv.open += 1;
  }
  if (inv.open == 0) m_drained.push(index, later(now(), inv.drained));
}

// The response of an access has come, or will have at `at`.
void atc::use_ended(access& a, duration at) {
  for (std::uint32_t bits = a.drains; bits != 0; bits &= bits - 1) {
    const auto index = static_cast<std::uint32_t>(__builtin_ctz(bits));
    invalidation& inv = m_invalidations[index];
    inv.drained = later(inv.drained, at);
    inv.open -= 1;
    if (inv.open == 0) m_drained.push(index, later(now(), inv.drained));
  }
  a.drains = 0;
  a.answered = at;
  a.next = none;
  const auto self = static_cast<std::uint32_t>(&a - m_accesses.data());
  (m_first_done == none ? m_first_done : m_accesses[m_last_done].next) = self;
  m_last_done = self;
}

void atc::drained() {
  const duration present = now();
  while (m_drained.due(present)) {
    const std::uint32_t index = m_drained.front();
    m_drained.pop();
    send_message(arch::completion_of(m_invalidations[index].message), index);
  }
  m_drained.rearm(present);
  pump();
}

// --- messages up --------------------------------------------------------------------------------

void atc::send_message(const arch::ats_message& m, std::uint32_t completes) {
  if (m_free_messages.empty()) {
    m_free_messages.push_back(static_cast<std::uint32_t>(m_messages.size()));
    m_messages.emplace_back();
  }
  const std::uint32_t index = m_free_messages.back();
  m_free_messages.pop_back();
  message_node& node = m_messages[index];
  node = {m, completes};
  payload& p = m_pool.take(tlm::TLM_WRITE_COMMAND, 0, header_bytes);
  dma_extension& ext = extension_of(p);
  ext.kind = kit::traffic::message;
  ext.at = arch::transaction_kind::untranslated;
  ext.timing_only = true;
  ext.requester_id = static_cast<std::uint16_t>(m.sid.value());
  ext.has_ssid = m.has_ssid;
  ext.ssid = m.ssid;
  ext.atc_slot = index;
  ext.completion = nullptr;
  ext.message = &node.message;
  ext.log->start(kit::stage::device_issue, now());
  put(p);
}

// The link has it: an Invalidate Request that it answers is over.
void atc::message_sent(payload& p) {
  const std::uint32_t index = m_messages[extension_of(p).atc_slot].completes;
  if (index == none) return;
  m_stats.completions += 1;
  m_stats.invalidation.add(now() - m_invalidations[index].arrived);
  m_invalidations[index].taken = false;
  m_invalidation_count -= 1;
  admit_held();
}

void atc::admit_held() {
  if (m_held == nullptr || !may_take_invalidation()) return;
  payload& held = *m_held;
  m_held = nullptr;
  take_invalidation(m_held_message, now());
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time t;
  from_link->nb_transport_bw(held, phase, t);
}

}  // namespace svasim::device
