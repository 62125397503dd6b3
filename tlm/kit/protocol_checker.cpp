#include "tlm/kit/protocol_checker.h"

#include <fmt/format.h>

#include <stdexcept>

#include "arch/translation.h"
#include "tlm/kit/dma_extension.h"

namespace svasim::kit {

protocol_checker::protocol_checker(sc_core::sc_module_name name, exclusion rule)
    : probe(name), m_exclusion(rule) {}

const protocol_checker::payload*& protocol_checker::waiting(const payload& p) {
  const bool posted =
      p.is_write() && extension_of(p).at != arch::transaction_kind::translation_request;
  return m_waiting[m_exclusion == exclusion::posted_apart && posted];
}

void protocol_checker::breach(const std::string& rule, const payload& p) const {
  throw std::logic_error(fmt::format("{}: {} (address {:#x}, at {} ps)", name(), rule,
                                     static_cast<std::uint64_t>(p.get_address()), now().value()));
}

protocol_checker::flight& protocol_checker::find(const payload& p, const char* what) {
  const auto it = m_flights.find(&p);
  if (it == m_flights.end()) breach(std::string(what) + " for a payload not in flight", p);
  return it->second;
}

void protocol_checker::step(flight& f, const payload& p, duration t) {
  if (t < f.last) breach("the time of a transaction steps back", p);
  f.last = t;
}

void protocol_checker::accepted(flight& f, const payload& p, duration t) {
  if (f.at != state::requested) breach("END_REQ twice", p);
  f.at = state::accepted;
  if (waiting(p) == &p) waiting(p) = nullptr;
  if (t < f.last) breach("END_REQ before BEGIN_REQ", p);
}

void protocol_checker::before_fw(payload& p, tlm::tlm_phase phase, duration t) {
  if (phase != tlm::BEGIN_REQ) breach("only BEGIN_REQ goes forward", p);
  if (waiting(p) != nullptr) breach("BEGIN_REQ before END_REQ of the request before", p);
  if (m_flights.count(&p) != 0) breach("BEGIN_REQ for a payload in flight", p);
  if (!p.has_mm() || p.get_ref_count() < 1) breach("payload without memory management", p);
  if (p.get_extension<dma_extension>() != &extension_of(p)) breach("payload of no payload_pool", p);
  if (p.get_data_length() == 0 || p.get_data_ptr() == nullptr) breach("payload without data", p);
  if (p.get_response_status() != tlm::TLM_INCOMPLETE_RESPONSE) breach("response already set", p);
  m_flights[&p] = {state::requested, t, p.get_address(), p.get_data_length(), p.get_command()};
  waiting(p) = &p;
  ++m_requests;
}

void protocol_checker::after_fw(payload& p, tlm::tlm_phase phase, duration t,
                                tlm::tlm_sync_enum s) {
  const auto it = m_flights.find(&p);
  if (it == m_flights.end()) return;  // completed by a backward call inside this one
  if (s == tlm::TLM_COMPLETED) {
    if (p.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) breach("no response status", p);
    if (t < it->second.last) breach("the time of a transaction steps back", p);
    if (waiting(p) == &p) waiting(p) = nullptr;
    m_flights.erase(it);
  } else if (s == tlm::TLM_UPDATED) {
    if (phase != tlm::END_REQ) breach("TLM_UPDATED with a phase other than END_REQ", p);
    accepted(it->second, p, t);
  }
}

void protocol_checker::before_bw(payload& p, tlm::tlm_phase phase, duration t) {
  if (phase == update_fc || phase == translation_stalled || phase == translation_retried) {
    return void(find(p, phase.get_name()));
  }
  flight& f = find(p, "backward phase");
  if (phase == tlm::END_REQ) return accepted(f, p, t);
  if (phase != tlm::BEGIN_RESP) breach("only END_REQ and BEGIN_RESP go backward", p);
  if (p.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) breach("no response status", p);
  if (p.get_data_length() != f.length || p.get_command() != f.command) {
    breach("length or command changed on the way", p);
  }
  step(f, p, t);
  if (waiting(p) == &p) waiting(p) = nullptr;  // BEGIN_RESP implies END_REQ
  m_flights.erase(&p);                         // the answer below may free or reuse the payload
}

void protocol_checker::after_bw(payload& p, tlm::tlm_phase phase, duration, tlm::tlm_sync_enum s) {
  if (phase == tlm::BEGIN_RESP && s != tlm::TLM_COMPLETED) breach("BEGIN_RESP not completed", p);
}

void protocol_checker::check_drained() const {
  if (!m_flights.empty()) breach("still in flight at the end", *m_flights.begin()->first);
}

}  // namespace svasim::kit
