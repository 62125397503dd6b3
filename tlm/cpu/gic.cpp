#include "tlm/cpu/gic.h"

#include <cstring>

#include "tlm/kit/dma_extension.h"

namespace svasim::cpu {

using base::duration;
using kit::now;

void gic_params::describe(describe::visitor& v) {
  v.field("its_base", its_base, {0, ~std::uint64_t{0}}, "",
          "Address of the interrupt translation service.", "A: as QEMU's virt machine");
  v.field("translation", translation, base::ns(0), base::us(10),
          "From a message to its interrupt number.",
          "A: share of 1.8 us for queue write, MSI and hard IRQ, measurements 11");
  v.field("delivery", delivery, base::ns(0), base::us(10),
          "From there until a processor sees the interrupt.",
          "A: share of 1.8 us for queue write, MSI and hard IRQ, measurements 11");
}

gic::gic(sc_core::sc_module_name name, const gic_params& params, stats::group* parent)
    : sc_module(name),
      from_interconnect("from_interconnect"),
      m_params(params),
      m_stats(parent),
      m_due("due") {
  from_interconnect.register_b_transport(this, &gic::blocking);
  from_interconnect.register_nb_transport_fw(this, &gic::request);
  SC_HAS_PROCESS(gic);
  SC_METHOD(deliver);
  dont_initialize();
  sensitive << m_due.event();
}

void gic::map(device d, std::uint32_t event, kit::machine& m, unsigned number) {
  target& t = m_targets[{d, event}];
  t.machine = &m;
  t.number = number;
}

// The writer does not wait for what its message does.
void gic::blocking(tlm::tlm_generic_payload& p, sc_core::sc_time& t) {
  if (!p.is_write() || p.get_data_length() != 4 || p.get_address() != message_address()) {
    m_stats.errors += 1;
    p.set_response_status(tlm::TLM_ADDRESS_ERROR_RESPONSE);
    return;
  }
  std::uint32_t event = 0;
  std::memcpy(&event, p.get_data_ptr(), sizeof event);
  const kit::dma_extension& ext = kit::extension_of(p);
  take(ext.kind == kit::traffic::queue ? device::of_port(ext.port) : device::of(ext.sid), event,
       now() + kit::from_sc(t));
  p.set_response_status(tlm::TLM_OK_RESPONSE);
}

tlm::tlm_sync_enum gic::request(tlm::tlm_generic_payload& p, tlm::tlm_phase&, sc_core::sc_time& t) {
  blocking(p, t);
  return tlm::TLM_COMPLETED;
}

void gic::take(device d, std::uint32_t event, duration at) {
  m_stats.messages += 1;
  const auto found = m_targets.find({d, event});
  if (found == m_targets.end()) {
    m_stats.dropped += 1;
    return;
  }
  target& t = found->second;
  if (t.on_the_way) {
    m_stats.merged += 1;
    return;
  }
  t.on_the_way = true;
  m_stats.on_the_way.change(now(), 1);
  m_due.push(&t, at + m_params.translation + m_params.delivery);
}

void gic::deliver() {
  while (m_due.due(now())) {
    target& t = *m_due.front();
    m_due.pop();
    t.on_the_way = false;
    m_stats.on_the_way.change(now(), -1);
    m_stats.delivered += 1;
    t.machine->interrupt(t.number);
  }
  m_due.rearm(now());
}

}  // namespace svasim::cpu
