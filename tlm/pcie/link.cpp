#include "tlm/pcie/link.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::pcie {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

link::credit_pool::credit_pool(std::uint64_t headers, std::uint64_t data)
    : m_headers(headers), m_data(data), m_returning(headers) {}

// Moves the oldest returning credits to the free ones.
void link::credit_pool::collect() {
  ++m_headers;
  m_data += m_returning[m_head].data;
  m_head = (m_head + 1) % m_returning.size();
  --m_count;
}

base::duration link::credit_pool::available(duration t, std::uint64_t data) {
  while (m_headers == 0 || m_data < data) {
    if (m_count == 0) return kit::never;
    t = later(t, m_returning[m_head].at);
    collect();
  }
  return t;
}

void link::credit_pool::take(std::uint64_t data) {
  --m_headers;
  m_data -= data;
}

void link::credit_pool::give_back(duration at, std::uint64_t data) {
  m_returning[(m_head + m_count++) % m_returning.size()] = {at, data};
}

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

std::uint64_t data_credits(const tlm::tlm_generic_payload& p) {
  return p.is_write() ? base::divide_up(p.get_data_length(), 16) : 0;
}

}  // namespace

link::link(sc_core::sc_module_name name, const link_params& params, stats::group* parent)
    : sc_module(name),
      from_device("from_device"),
      to_root_complex("to_root_complex"),
      m_params(params),
      m_wire_time(wire_times(params)),
      m_stats(parent),
      m_posted(params.posted_headers, params.posted_data),
      m_nonposted(params.nonposted_headers, 0),
      m_starts(params.tx_queue),
      m_completions("completion_due", 256, params.latency) {
  from_device.register_nb_transport_fw(this, &link::request);
  to_root_complex.register_nb_transport_bw(this, &link::response);
  SC_HAS_PROCESS(link);
  SC_METHOD(send_completions);
  sensitive << m_completions.event();
  dont_initialize();
}

base::duration link::wire_time(std::uint64_t bytes) const {
  return m_wire_time[bytes / 4];  // TLPs are whole words
}

tlm::tlm_sync_enum link::request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  const duration handed_over = now() + from_sc(t);
  credit_pool& pool = p.is_write() ? m_posted : m_nonposted;
  const duration ready = pool.available(handed_over, data_credits(p));
  enter_stage(extension_of(p), stage::link_credit, handed_over);
  phase = tlm::END_REQ;
  if (ready == kit::never) {
    m_stalled = &p;
    m_stalled_since = handed_over;
    return tlm::TLM_ACCEPTED;
  }
  if (ready != handed_over) m_stats.credit_stalls += 1;
  // Not before the credits are there, as when their return was not known yet.
  t = to_sc(later(transmit(p, handed_over, ready), ready) - now());
  return tlm::TLM_UPDATED;
}

base::duration link::transmit(payload& p, duration handed_over, duration ready) {
  kit::dma_extension& ext = extension_of(p);
  (p.is_write() ? m_posted : m_nonposted).take(data_credits(p));
  const std::uint64_t bytes =
      m_params.upstream_bytes(p.is_write(), p.get_data_length(), ext.has_ssid);
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
  m_completions.push(&p, at);
  return tlm::TLM_COMPLETED;
}

void link::credit_returned(const payload& freed, duration at) {
  credit_pool& pool = freed.is_write() ? m_posted : m_nonposted;
  pool.give_back(at + m_params.credit_return, data_credits(freed));
  if (m_stalled == nullptr || m_stalled->is_write() != freed.is_write()) return;
  const duration ready = pool.available(m_stalled_since, data_credits(*m_stalled));
  if (ready == kit::never) return;
  if (ready != m_stalled_since) m_stats.credit_stalls += 1;
  payload& p = *m_stalled;
  m_stalled = nullptr;
  const duration accepted = transmit(p, m_stalled_since, ready);
  tlm::tlm_phase phase = tlm::END_REQ;
  sc_core::sc_time t = to_sc(later(accepted, ready) - now());
  from_device->nb_transport_bw(p, phase, t);
}

void link::send_completions() {
  const duration present = now();
  while (m_completions.due(present)) {
    payload& p = *m_completions.front();
    const duration start = later(m_completions.front_at(), m_down_free);
    m_completions.pop();
    if (p.is_read()) {
      const std::uint64_t bytes = completion_bytes(p);
      const duration busy = wire_time(bytes);
      m_down_free = start + busy;
      m_stats.completions += 1;
      m_stats.down_bytes += bytes;
      m_stats.down_busy += busy.value();
    }
    enter_stage(extension_of(p), stage::link_wire_down, start);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time t = to_sc(later(start, m_down_free) + m_params.latency - present);
    from_device->nb_transport_bw(p, phase, t);
  }
  m_completions.rearm(present);
}

std::uint64_t link::completion_bytes(const payload& p) const {
  if (p.is_response_error()) return m_params.completion_overhead();
  return m_params.completion_bytes(extension_of(p).address.value(), p.get_data_length());
}

}  // namespace svasim::pcie
