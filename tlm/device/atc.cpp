#include "tlm/device/atc.h"

#include <algorithm>
#include <iterator>

namespace svasim::device {

using arch::transaction_kind;
using kit::dma_extension;
using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

namespace {

bool is_posted(const tlm::tlm_generic_payload& p) {
  return p.is_write() && extension_of(p).at != transaction_kind::translation_request;
}

}  // namespace

atc::atc(sc_core::sc_module_name name, const atc_params& params, stats::group* parent,
         std::uint32_t segment, std::uint64_t seed)
    : sc_module(name),
      from_engine("from_engine"),
      to_link("to_link"),
      from_link("from_link"),
      m_params(params),
      m_segment(segment),
      m_stu_shift(params.stu_shift()),
      m_stats(parent),
      m_store(params, seed, &m_stats),
      m_pri("pri", params.page_requests, params.slots, &m_stats),
      m_ports(params.ports),
      m_lookups("lookup_due", params.slots),
      m_answers("answer_due", params.requests),
      m_retries("retry_due"),
      m_pump("pump"),
      m_invalidations(itags),
      m_serviced("serviced"),
      m_drained("drained"),
      m_responses("response_due") {
  m_asked.reserve(params.slots + params.requests);
  if (params.translations_per_request > 1) {
    m_entries.resize(std::size_t{params.requests} * params.translations_per_request);
    for (std::uint32_t i = params.requests; i-- > 0;) {
      m_free_entries.push_back(i * params.translations_per_request);
    }
  }
  from_engine.register_nb_transport_fw(this, &atc::request);
  to_link.register_nb_transport_bw(this, &atc::response);
  from_link.register_nb_transport_fw(this, &atc::message);
  m_pri.send = [this](const arch::page_request& r) {
    send_message(arch::message_of(r), none);
    pump();
  };
  m_pri.on_answer = [this](std::uint32_t index, std::uint32_t group,
                           page_request_interface::answer what) {
    group_answered(index, group, what);
  };
  SC_HAS_PROCESS(atc);
  const auto react = [this](const char* process, void (atc::*to)(), const sc_core::sc_event& e) {
    sc_core::sc_spawn_options options;
    options.spawn_method();
    options.dont_initialize();
    options.set_sensitivity(&e);
    sc_core::sc_spawn([this, to] { (this->*to)(); }, process, &options);
  };
  react("lookups", &atc::lookups, m_lookups.event());
  react("answers", &atc::answers, m_answers.event());
  react("retries", &atc::retries, m_retries.event());
  react("send_next", &atc::pump, m_pump);
  react("invalidations", &atc::invalidations, m_serviced.event());
  react("complete_drained", &atc::drained, m_drained.event());
  react("responses", &atc::responses, m_responses.event());
}

bool atc::idle() const {
  return m_occupied == 0 && m_pages_in_use == 0 && m_invalidation_count == 0 &&
         m_egress[0].empty() && m_egress[1].empty();
}

void atc::end_pasid(std::uint16_t requester_id, base::substream_id ssid) {
  m_pri.stop(base::stream_id(m_segment << 16 | requester_id), ssid);
}

// --- requests of the engine ---------------------------------------------------------------------

tlm::tlm_sync_enum atc::request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase != tlm::BEGIN_REQ) return tlm::TLM_ACCEPTED;
  const duration at = now() + from_sc(t);
  enter_stage(extension_of(p), stage::atc_wait, at);
  if (m_occupied == m_params.slots) {
    m_stats.refused += 1;
    m_refused = &p;
    m_refused_at = at;
    return tlm::TLM_ACCEPTED;
  }
  take(p, at);
  phase = tlm::END_REQ;
  return tlm::TLM_UPDATED;
}

void atc::take(payload& p, duration at) {
  m_occupied += 1;
  m_stats.slots.change(now(), 1);
  const std::uint32_t index = new_access();
  dma_extension& ext = extension_of(p);
  ext.atc_slot = index;
  ext.at = transaction_kind::untranslated;
  ext.virtual_address = ext.address;
  access& a = m_accesses[index];
  a.p = &p;
  a.key = {ext.requester_id, ext.has_ssid, ext.has_ssid ? ext.ssid.value() : 0, ext.privileged};
  a.address = ext.address.value();
  a.write = p.is_write();
  const duration start = m_ports.take(at, m_params.lookup_time());
  enter_stage(ext, stage::atc_lookup, start);
  m_lookups.push(index, start + m_params.lookup_time());
}

// Answered ones are taken off when their time has come.
std::uint32_t atc::new_access() {
  while (m_first_done != none && m_accesses[m_first_done].answered <= now()) {
    const std::uint32_t done = m_first_done;
    m_first_done = m_accesses[done].next;
    m_accesses[done].in_use = false;
    m_accesses[done].next = m_free_access;
    m_free_access = done;
  }
  if (m_free_access == none) {
    m_accesses.emplace_back();
    return static_cast<std::uint32_t>(m_accesses.size() - 1);
  }
  const std::uint32_t index = m_free_access;
  m_free_access = m_accesses[index].next;
  m_accesses[index] = access{};
  return index;
}

void atc::admit_refused() {
  if (m_refused == nullptr || m_occupied == m_params.slots) return;
  payload& p = *m_refused;
  m_refused = nullptr;
  take(p, later(m_refused_at, now()));
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time t = to_sc(later(m_refused_at, now()) - now());
  from_engine->nb_transport_bw(p, phase, t);
}

void atc::lookups() {
  const duration present = now();
  while (m_lookups.due(present)) {
    const std::uint32_t index = m_lookups.front();
    m_lookups.pop();
    const access& a = m_accesses[index];
    const atc_store::translation* const t = m_store.find(a.key, a.address, a.write);
    if (t != nullptr) {
      grant(index, t->apply(a.address));
    } else {
      miss(index);
    }
  }
  m_lookups.rearm(present);
  pump();
}

// --- the way out --------------------------------------------------------------------------------

// The request may go, translated; it uses the translation from here on.
void atc::grant(std::uint32_t index, std::uint64_t output) {
  access& a = m_accesses[index];
  a.in_use = true;
  dma_extension& ext = extension_of(*a.p);
  ext.at = transaction_kind::translated;
  ext.address = base::iova(output);
  a.p->set_address(output);
  enter_stage(ext, stage::device_issue, now());
  put(*a.p);
}

void atc::put(payload& p) {
  m_egress[is_posted(p)].push({&p, m_put++});
}

void atc::pump() {
  while (m_handed_over[1] == nullptr) {
    const bool posted = !m_egress[1].empty();
    const bool other = !m_egress[0].empty() && m_handed_over[0] == nullptr;
    if (!posted && !other) return;
    if (m_link_free > now()) {
      m_pump.notify(to_sc(m_link_free - now()));
      return;
    }
    const bool first =
        !other || (posted && m_egress[1].front().number < m_egress[0].front().number);
    send(*m_egress[first].pop().p);
  }
}

void atc::send(payload& p) {
  const dma_extension& ext = extension_of(p);
  const bool is_message = ext.kind == kit::traffic::message;
  const bool is_request = ext.at == transaction_kind::translated && !is_message;
  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t;
  const bool posted = is_posted(p);
  m_handed_over[posted] = &p;
  if (is_message) message_sent(p);
  const tlm::tlm_sync_enum answer = to_link->nb_transport_fw(p, phase, t);
  if (answer != tlm::TLM_ACCEPTED) {
    m_handed_over[posted] = nullptr;
    if (answer == tlm::TLM_UPDATED) m_link_free = later(m_link_free, now() + from_sc(t));
  }
  if (is_request) {
    m_stats.translated += 1;
    m_occupied -= 1;
    m_stats.slots.change(now(), -1);
    admit_refused();
  }
  if (answer == tlm::TLM_COMPLETED) answered(p, now() + from_sc(t));
}

tlm::tlm_sync_enum atc::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase != tlm::END_REQ && phase != tlm::BEGIN_RESP) return tlm::TLM_ACCEPTED;
  const duration at = now() + from_sc(t);
  const auto held = std::find(std::begin(m_handed_over), std::end(m_handed_over), &p);
  if (held != std::end(m_handed_over)) {
    *held = nullptr;
    m_link_free = later(m_link_free, at);
    m_pump.notify(to_sc(m_link_free - now()));
  }
  if (phase == tlm::END_REQ) return tlm::TLM_ACCEPTED;
  answered(p, at);
  return tlm::TLM_COMPLETED;
}

void atc::answered(payload& p, duration at) {
  dma_extension& ext = extension_of(p);
  if (ext.kind == kit::traffic::message) {
    m_free_messages.push_back(ext.atc_slot);
    p.release();
    return;
  }
  if (ext.at == transaction_kind::translation_request) {
    m_answers.push(ext.atc_slot, at);
    return;
  }
  use_ended(m_accesses[ext.atc_slot], at);
  ext.address = ext.virtual_address;
  p.set_address(ext.virtual_address.value());
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(at - now());
  from_engine->nb_transport_bw(p, phase, t);
}

// Without a translation.
void atc::fail(std::uint32_t index) {
  access& a = m_accesses[index];
  payload& p = *a.p;
  m_stats.failed += 1;
  m_occupied -= 1;
  m_stats.slots.change(now(), -1);
  use_ended(a, now());
  p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t;
  from_engine->nb_transport_bw(p, phase, t);
  admit_refused();
}

}  // namespace svasim::device
