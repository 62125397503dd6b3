#include "tlm/memory/interconnect.h"

#include <stdexcept>

namespace svasim::memory {

using kit::enter_stage;
using kit::extension_of;
using kit::from_sc;
using kit::later;
using kit::now;
using kit::stage;
using kit::to_sc;

void interconnect_params::describe(describe::visitor& v) {
  v.field(
      "latency", latency, base::ns(0), base::us(1),
      "One way between a requester and the system-level cache.",
      "A: half of what lies between the 35.5 ns core view and 70 ns walk read, measurements 11");
  v.field("remote_buffers", remote_buffers,
          "What devices read and write is in the memory of another socket; tables and queues are "
          "not.",
          "A: memory beside the device");
  v.field("remote_latency", remote_latency, base::ns(0), base::us(10),
          "What each way to another socket adds.",
          "D: reads of remote buffers take 50 ns more, pcie-bench Broadwell, measurements 1.1");
  v.field("device_base", device_base, {0, ~std::uint64_t{0}}, "",
          "First address of the device window, where interrupt controllers are.",
          "A: as QEMU's virt machine");
  v.field("device_size", device_size, base::bytes(0), base::gib(1024),
          "Bytes of the device window; 0: none.", "A: as QEMU's virt machine");
}

interconnect::interconnect(sc_core::sc_module_name name, const interconnect_params& params,
                           unsigned ports, stats::group* parent)
    : sc_module(name),
      from("from", ports),
      to_cache("to_cache"),
      to_devices("to_devices"),
      m_params(params),
      m_stats(parent) {
  for (unsigned i = 0; i < ports; ++i) {
    from[i].register_nb_transport_fw(this, &interconnect::request, static_cast<int>(i));
    from[i].register_b_transport(this, &interconnect::blocking, static_cast<int>(i));
  }
  to_cache.register_nb_transport_bw(this, &interconnect::response);
  m_held.reserve(ports);
}

tlm::tlm_sync_enum interconnect::request(int port, payload& p, tlm::tlm_phase& phase,
                                         sc_core::sc_time& t) {
  kit::dma_extension& ext = extension_of(p);
  ext.port = static_cast<std::uint8_t>(port);
  m_stats.requests += 1;
  const duration arrival = now() + from_sc(t);
  enter_stage(ext, stage::interconnect_up, arrival);
  if (for_device(p)) return to_device(p, phase, t);
  note_write(ext.port, p);
  if (m_offered != nullptr || !m_held.empty()) {
    m_stats.held += 1;
    m_held.push_back({&p, arrival});
    return tlm::TLM_ACCEPTED;
  }
  t += to_sc(way_of(p));
  if (to_cache->nb_transport_fw(p, phase, t) == tlm::TLM_ACCEPTED) {
    m_stats.held += 1;
    m_offered = &p;
    return tlm::TLM_ACCEPTED;
  }
  enter_stage(ext, stage::interconnect_down, now() + from_sc(t));
  t += to_sc(way_of(p));
  return tlm::TLM_COMPLETED;
}

tlm::tlm_sync_enum interconnect::to_device(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  m_stats.devices += 1;
  t += to_sc(m_params.latency);
  if (to_devices->nb_transport_fw(p, phase, t) != tlm::TLM_COMPLETED) {
    throw std::logic_error("interconnect: a device did not answer at once");
  }
  enter_stage(extension_of(p), stage::interconnect_down, now() + from_sc(t));
  t += to_sc(m_params.latency);
  return tlm::TLM_COMPLETED;
}

// The cache answers a request it had not taken at once.
tlm::tlm_sync_enum interconnect::response(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  m_offered = nullptr;
  answer(p, phase, t);
  offer_held();
  return tlm::TLM_COMPLETED;
}

void interconnect::answer(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  kit::dma_extension& ext = extension_of(p);
  enter_stage(ext, stage::interconnect_down, now() + from_sc(t));
  t += to_sc(way_of(p));
  from[ext.port]->nb_transport_bw(p, phase, t);
}

void interconnect::offer_held() {
  while (m_offered == nullptr && !m_held.empty()) {
    const held_request next = m_held.front();
    m_held.erase(m_held.begin());
    tlm::tlm_phase phase = tlm::BEGIN_REQ;
    sc_core::sc_time t = to_sc(later(next.at, now()) + way_of(*next.p) - now());
    if (to_cache->nb_transport_fw(*next.p, phase, t) == tlm::TLM_ACCEPTED) {
      m_offered = next.p;
      return;
    }
    phase = tlm::BEGIN_RESP;
    answer(*next.p, phase, t);
  }
}

void interconnect::blocking(int port, payload& p, sc_core::sc_time& t) {
  m_stats.requests += 1;
  extension_of(p).port = static_cast<std::uint8_t>(port);
  const bool device = for_device(p);
  const duration way = device ? m_params.latency : way_of(p);
  t += to_sc(way);
  if (device) {
    m_stats.devices += 1;
    to_devices->b_transport(p, t);
  } else {
    note_write(static_cast<unsigned>(port), p);
    to_cache->b_transport(p, t);
  }
  t += to_sc(way);
}

}  // namespace svasim::memory
