#include "tlm/virtio/virtio_iommu.h"

#include <algorithm>

#include "tlm/kit/time.h"

namespace svasim::virtio {

using arch::viommu_request;
using arch::viommu_request_bytes;
using arch::viommu_status;
using arch::viommu_type;
using kit::viommu_report;

virtio_iommu::virtio_iommu(const viommu_params& params, const arch::virtqueue_layout& requests,
                           const arch::virtqueue_layout& events, const kit::guest_memory& memory,
                           stats::group* parent, const std::string& name)
    : m_params(params),
      m_stats(parent, name),
      m_requests(params.requests, requests, memory, &m_stats, "request_queue"),
      m_events(params.events, events, memory, &m_stats, "event_queue"),
      m_domains(params) {}

viommu_status virtio_iommu::set_up(const viommu_request& r) {
  const viommu_status s = m_domains.check(r, m_removed);
  if (s == viommu_status::ok) m_domains.apply(r);
  return s;
}

// --- requests -----------------------------------------------------------------------------------

bool virtio_iommu::serve(kit::task& t) {
  const base::duration start = kit::now();
  if (!m_requests.pop(t, m_request)) return false;
  const std::uint32_t written = answer(t);
  if (written == 0) ++m_stats.malformed;
  m_requests.push(t, m_request, written);
  m_stats.service_time.add(kit::now() - start);
  return true;
}

// The bytes written; 0 for what gets no status.
std::uint32_t virtio_iommu::answer(kit::task& t) {
  std::uint8_t bytes[viommu_request_bytes::max_size];
  const auto size =
      static_cast<std::uint32_t>(std::min<std::uint64_t>(m_request.readable, sizeof bytes));
  if (!m_requests.read(t, m_request, 0, bytes, size)) return 0;
  const arch::viommu_decoded d = arch::decode_viommu_request(bytes, size);
  if (d.defect == arch::viommu_defect::unknown_type || size == 0) return 0;
  const std::uint32_t written = arch::viommu_writable_size(d.request.type, m_params.probe_size);
  if (m_request.writable < written) return 0;
  const viommu_status s =
      d.defect == arch::viommu_defect::none ? carry_out(t, d.request) : viommu_status::inval;
  if (s != viommu_status::ok) ++m_stats.refused;
  const std::uint8_t tail[arch::viommu_tail_size] = {static_cast<std::uint8_t>(s)};
  const bool good = m_requests.write(t, m_request, written - sizeof tail, tail, sizeof tail);
  return good ? written : 0;
}

viommu_status virtio_iommu::carry_out(kit::task& t, const viommu_request& r) {
  count(r.type);
  viommu_status s = m_domains.check(r, m_removed);
  if (s == viommu_status::ok) s = call_hook(t, r);
  if (s == viommu_status::ok) m_domains.apply(r);
  return s;
}

viommu_status virtio_iommu::call_hook(kit::task& t, const viommu_request& r) {
  const auto call = [&](const kit::viommu_hooks::hook& h, viommu_status otherwise) {
    return h ? h(t, r) : otherwise;
  };
  switch (r.type) {
    case viommu_type::attach:
      return call(hooks.on_attach, viommu_status::ok);
    case viommu_type::detach:
      return call(hooks.on_detach, viommu_status::ok);
    case viommu_type::map:
      return call(hooks.on_map, viommu_status::ok);
    case viommu_type::unmap:
      if (!hooks.on_unmap || m_removed.empty()) return viommu_status::ok;
      return hooks.on_unmap(t, r, m_removed);
    case viommu_type::probe:
      return write_properties(t, r.endpoint) ? viommu_status::ok : viommu_status::deverr;
    case viommu_type::attach_table:
      return call(hooks.on_attach_table, viommu_status::unsupp);
    case viommu_type::invalidate:
      return call(hooks.on_invalidate, viommu_status::unsupp);
    case viommu_type::page_resp:
      return call(hooks.on_page_response, viommu_status::unsupp);
  }
  return viommu_status::unsupp;
}

bool virtio_iommu::write_properties(kit::task& t, std::uint32_t endpoint) {
  const auto bytes = encode(m_domains.properties_of(endpoint), m_params.probe_size);
  return bytes && m_requests.write(t, m_request, 0, bytes->data(), m_params.probe_size);
}

void virtio_iommu::count(viommu_type type) {
  stats::counter* counters[] = {&m_stats.attach,     &m_stats.detach,        &m_stats.map,
                                &m_stats.unmap,      &m_stats.probe,         &m_stats.attach_table,
                                &m_stats.invalidate, &m_stats.page_responses};
  ++*counters[static_cast<std::size_t>(type) - 1];
}

// --- events -------------------------------------------------------------------------------------

viommu_report virtio_iommu::report(kit::task& t, const arch::viommu_fault& f) {
  bool there = m_events.pop(t, m_buffer);
  const bool waits = m_params.no_buffer == no_event_buffer::wait;
  if (!there && waits && m_events.enable_kicks(t)) there = m_events.pop(t, m_buffer);
  if (!there && waits && !m_events.broken()) {
    ++m_stats.events_waited;
    return viommu_report::wait;
  }
  const arch::viommu_fault_bytes record = encode(f, m_params.fault_layout);
  const bool fits = there && m_events.write(t, m_buffer, 0, record.bytes.data(), record.size);
  if (there) m_events.push(t, m_buffer, fits ? record.size : 0);
  ++(fits ? m_stats.events : m_stats.events_dropped);
  return fits ? viommu_report::sent : viommu_report::dropped;
}

}  // namespace svasim::virtio
