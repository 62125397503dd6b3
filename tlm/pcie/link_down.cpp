#include <algorithm>

#include "arch/ats_entries.h"
#include "base/bits.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/tlp.h"

namespace svasim::pcie {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

namespace {

// On the way down there are answers, which have their status, to messages up too, and messages.
bool is_message_down(const tlm::tlm_generic_payload& p) {
  return is_message(extension_of(p)) && p.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE;
}

std::uint64_t message_data_credits(const tlm::tlm_generic_payload& p) {
  return base::divide_up(message_body(*extension_of(p).message), 16);
}

// What completions carry: of a Translation Request only the entries that there are.
std::uint32_t completion_data(const tlm::tlm_generic_payload& p) {
  const kit::dma_extension& ext = extension_of(p);
  const std::uint32_t asked = p.get_data_length();
  if (!is_translation_request(ext) || ext.completion == nullptr) return asked;
  if (ext.completion->status != arch::ats_status::success) return 0;
  return asked <= 8 ? asked : 8 * arch::entries_of(ext.completion, asked / 8);
}

}  // namespace

// --- what it costs ------------------------------------------------------------------------------

std::uint64_t link::completion_bytes(const payload& p) const {
  const kit::dma_extension& ext = extension_of(p);
  if (is_posted(p)) return 0;
  if (p.is_response_error()) return m_params.completion_overhead();
  if (is_translation_request(ext)) {
    return m_params.translation_completion_bytes(completion_data(p));
  }
  return m_params.completion_bytes(ext.address.value(), p.get_data_length());
}

std::uint64_t link::first_completion_bytes(const payload& p) const {
  const kit::dma_extension& ext = extension_of(p);
  const std::uint64_t all = completion_bytes(p);
  if (is_posted(p) || p.is_response_error() || is_translation_request(ext)) return all;
  const std::uint64_t mps = m_params.mps.value();
  const std::uint64_t first =
      std::min<std::uint64_t>(p.get_data_length(), mps - ext.address.value() % mps);
  return m_params.completion_overhead() + base::divide_up(first, 4) * 4;
}

// Of the completions of one request: they take the wire together, so no more than all there are.
link::cost link::completion_cost(const payload& p) const {
  const std::uint64_t overhead = m_params.completion_overhead();
  const std::uint64_t bytes = completion_bytes(p);
  const std::uint64_t data =
      bytes == overhead ? 0 : base::divide_up(std::uint64_t{completion_data(p)}, 4) * 4;
  return {std::min<std::uint64_t>((bytes - data) / overhead, m_params.completion_headers),
          std::min<std::uint64_t>(base::divide_up(data, 16), m_params.completion_data)};
}

// --- towards the device -------------------------------------------------------------------------

tlm::tlm_sync_enum link::message(payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  m_down.push(&p, now() + from_sc(t));
  m_messages_down += 1;
  m_due_down.notify(t);
  return tlm::TLM_ACCEPTED;
}

// When its credits are there, which are used then; kit::never while that is not known.
[[gnu::always_inline]] inline base::duration link::take_credits_down(const payload& p, bool message,
                                                                     duration at) {
  if (message) {
    const std::uint64_t data = message_data_credits(p);
    const duration ready = m_posted_down.available(at, data);
    if (ready != kit::never) m_posted_down.take(data);
    return ready;
  }
  if (m_params.completion_headers == 0 || is_posted(p)) return at;
  const cost c = completion_cost(p);
  const duration ready = m_completions_down.available(at, c.data, c.headers);
  if (ready != kit::never) m_completions_down.take(c.data, c.headers);
  return ready;
}

[[gnu::always_inline]] inline void link::transmit_down(payload& p, bool message, duration ready) {
  kit::dma_extension& ext = extension_of(p);
  const std::uint64_t bytes =
      message ? m_params.request_overhead(ext.has_ssid) + message_body(*ext.message)
              : completion_bytes(p);
  const duration start = later(ready, m_down_free);
  const duration end = start + wire_time(bytes);
  if (bytes != 0) {
    m_down_free = end;
    (message ? m_stats.messages_down : m_stats.completions) += 1;
    m_stats.down_bytes += bytes;
    m_stats.down_busy += (end - start).value();
  }
  enter_stage(ext, stage::link_wire_down, start);
  const duration arrival = end + m_params.latency;
  if (message) {
    m_messages_down -= 1;
    m_arrivals.push(&p, arrival);
    tlm::tlm_phase phase = tlm::END_REQ;
    sc_core::sc_time t = to_sc(end - now());
    from_root_complex->nb_transport_bw(p, phase, t);
    return;
  }
  if (on_sent_down) on_sent_down(p, start, end);
  if (!m_arrivals.empty() || m_refused != nullptr) return m_arrivals.push(&p, arrival);
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(arrival - now());
  from_device->nb_transport_bw(p, phase, t);
}

void link::send_down() {
  if (m_down_stopped) return;
  const duration present = now();
  while (m_down.due(present)) {
    payload& p = *m_down.front();
    const duration at = m_down.front_at();
    const bool message = m_messages_down != 0 && is_message_down(p);
    const duration ready = take_credits_down(p, message, at);
    if (ready == kit::never) {
      m_down_stopped = true;
      return;
    }
    m_down.pop();
    m_stats.down_stalls += ready != at;
    transmit_down(p, message, ready);
  }
  m_down.rearm(present);
  if ((m_messages_down != 0 || on_sent_down) && !m_down.empty()) {
    m_due_down.notify(to_sc(m_down.next_due() - present));
  }
}

void link::completion_freed(const payload& p, duration at) {
  if (m_params.completion_headers == 0 || is_posted(p)) return;
  const cost c = completion_cost(p);
  m_completions_down.give_back(at + m_params.credit_return, c.data, c.headers);
  go_on_down();
}

void link::go_on_down() {
  if (!m_down_stopped) return;
  m_down_stopped = false;
  m_due_down.notify(sc_core::SC_ZERO_TIME);
}

// --- at the receiver ----------------------------------------------------------------------------

// What came from the first message on: in order, and not past a message that is not taken.
void link::deliver() {
  const duration present = now();
  while (m_refused == nullptr && m_arrivals.due(present)) {
    payload& p = *m_arrivals.front();
    m_arrivals.pop();
    const bool message = is_message_down(p);
    tlm::tlm_phase phase = message ? tlm::BEGIN_REQ : tlm::BEGIN_RESP;
    sc_core::sc_time t;
    if (!message) {
      from_device->nb_transport_bw(p, phase, t);
      continue;
    }
    const tlm::tlm_sync_enum outcome = to_device->nb_transport_fw(p, phase, t);
    if (outcome == tlm::TLM_COMPLETED) {
      message_taken(p, present + from_sc(t));
    } else if (outcome == tlm::TLM_ACCEPTED) {
      m_refused = &p;
      m_stats.refused += 1;
    }
  }
  if (m_refused == nullptr) m_arrivals.rearm(present);
}

// A device takes what it refused by END_REQ, a switch says by BEGIN_RESP that it has sent it on.
tlm::tlm_sync_enum link::taken(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (m_refused == &p) {
    m_refused = nullptr;
    m_arrivals.rearm(now());
  }
  message_taken(p, now() + from_sc(t));
  return phase == tlm::BEGIN_RESP ? tlm::TLM_COMPLETED : tlm::TLM_ACCEPTED;
}

void link::message_taken(payload& p, duration at) {
  m_posted_down.give_back(at + m_params.credit_return, message_data_credits(p));
  go_on_down();
  if (p.get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
  }
  tlm::tlm_phase phase = tlm::BEGIN_RESP;
  sc_core::sc_time t = to_sc(at - now());
  from_root_complex->nb_transport_bw(p, phase, t);
}

}  // namespace svasim::pcie
