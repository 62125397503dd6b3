#include "tlm/pcie/link.h"

#include <algorithm>

#include "base/bits.h"
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

// A division for every TLP would be the dearest instruction of the link.
std::vector<base::duration> wire_times(const link_params& params) {
  const base::byte_rate rate = params.tlp_rate();
  const std::uint64_t longest =
      std::max(params.completion_bytes(0, 4096), params.upstream_bytes(true, 4096, true));
  std::vector<base::duration> out;
  for (std::uint64_t words = 0; words <= longest / 4 + 64; ++words) {
    out.push_back(transfer_time(base::bytes(words * 4), rate));
  }
  return out;
}

// Messages up have no data.
std::uint64_t data_credits(const tlm::tlm_generic_payload& p, bool posted) {
  return posted && !is_message(extension_of(p)) ? base::divide_up(p.get_data_length(), 16) : 0;
}

}  // namespace

link::link(sc_core::sc_module_name name, const link_params& params, stats::group* parent)
    : sc_module(name),
      from_device("from_device"),
      to_root_complex("to_root_complex"),
      from_root_complex("from_root_complex"),
      to_device("to_device"),
      m_params(params),
      m_wire_time(wire_times(params)),
      m_stats(parent),
      m_posted(params.posted_headers, params.posted_data),
      m_nonposted(params.nonposted_headers, 0),
      m_starts(params.tx_queue),
      m_down("completion_due", 256, params.latency),
      m_due_down("message_due"),
      m_posted_down(params.down_posted_headers, params.down_posted_data),
      m_completions_down(std::max(params.completion_headers, 1u), params.completion_data),
      m_arrivals("arrival_due", 16) {
  from_device.register_nb_transport_fw(this, &link::request);
  to_root_complex.register_nb_transport_bw(this, &link::response);
  from_root_complex.register_nb_transport_fw(this, &link::message);
  to_device.register_nb_transport_bw(this, &link::taken);
  SC_HAS_PROCESS(link);
  SC_METHOD(send_down);
  sensitive << m_down.event() << m_due_down;
  dont_initialize();
  SC_METHOD(deliver);
  sensitive << m_arrivals.event();
  dont_initialize();
}

std::uint64_t link::up_bytes(const payload& p) const {
  const kit::dma_extension& ext = extension_of(p);
  const bool data = p.is_write() && !is_translation_request(ext) && !is_message(ext);
  return m_params.upstream_bytes(data, p.get_data_length(), ext.has_ssid);
}

tlm::tlm_sync_enum link::request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const duration handed_over = now() + from_sc(t);
  const bool posted = is_posted(p);
  enter_stage(extension_of(p), stage::link_credit, handed_over);
  phase = tlm::END_REQ;
  // A read does not pass a posted one that waits.
  const bool behind = !posted && m_stalled[true].p != nullptr;
  const duration ready =
      behind ? kit::never : pool(posted).available(handed_over, data_credits(p, posted));
  if (ready == kit::never) {
    m_stalled[posted] = {&p, handed_over};
    return tlm::TLM_ACCEPTED;
  }
  if (ready != handed_over) m_stats.credit_stalls += 1;
  // Not before the credits are there, as when their return was not known yet.
  t = to_sc(later(transmit(p, posted, handed_over, ready), ready) - now());
  return tlm::TLM_UPDATED;
}

base::duration link::transmit(payload& p, bool posted, duration handed_over, duration ready) {
  kit::dma_extension& ext = extension_of(p);
  pool(posted).take(data_credits(p, posted));
  const std::uint64_t bytes = up_bytes(p);
  const duration busy = wire_time(bytes);
  const duration start = later(ready, m_up_free);
  m_up_free = start + busy;
  m_stats.up_tlps += 1;
  m_stats.up_bytes += bytes;
  m_stats.up_busy += busy.value();
  enter_stage(ext, stage::link_queue_up, ready);
  enter_stage(ext, stage::link_wire_up, start);

  // The transmit queue takes the next TLP once the one `tx_queue` before it has left.
  const duration room = m_starts[m_next_start];
  m_starts[m_next_start] = start;
  m_next_start = m_next_start + 1 == m_starts.size() ? 0 : m_next_start + 1;
  const duration accepted = later(later(handed_over, ready), room);

  tlm::tlm_phase phase = tlm::BEGIN_REQ;
  sc_core::sc_time t = to_sc(m_up_free + m_params.latency - now());
  to_root_complex->nb_transport_fw(p, phase, t);  // the credits have reserved its place
  return accepted;
}

tlm::tlm_sync_enum link::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  if (phase == kit::update_fc) {
    credit_returned(p, now() + from_sc(t));
    return tlm::TLM_ACCEPTED;
  }
  const duration at = now() + from_sc(t);
  enter_stage(extension_of(p), stage::link_queue_down, at);
  m_down.push(&p, at);
  if (on_sent_down) m_due_down.notify(t);
  return tlm::TLM_COMPLETED;
}

void link::credit_returned(const payload& freed, duration at) {
  const bool posted = is_posted(freed);
  pool(posted).give_back(at + m_params.credit_return, data_credits(freed, posted));
  if (m_stalled[true].p != nullptr && posted) release_stalled(true);
  if (m_stalled[false].p != nullptr && m_stalled[true].p == nullptr) release_stalled(false);
}

// Sends the request that waits, if there are credits for it.
void link::release_stalled(bool posted) {
  const stalled_request s = m_stalled[posted];
  const duration ready = pool(posted).available(s.since, data_credits(*s.p, posted));
  if (ready == kit::never) return;
  if (ready != s.since) m_stats.credit_stalls += 1;
  m_stalled[posted].p = nullptr;
  const duration accepted = transmit(*s.p, posted, s.since, ready);
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time t = to_sc(later(later(accepted, ready), now()) - now());
  from_device->nb_transport_bw(*s.p, phase, t);
}

}  // namespace svasim::pcie
