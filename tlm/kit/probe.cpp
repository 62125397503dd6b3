#include "tlm/kit/probe.h"

namespace svasim::kit {

probe::probe(sc_core::sc_module_name name)
    : sc_module(name), upstream("upstream"), downstream("downstream") {
  upstream.register_nb_transport_fw(this, &probe::fw);
  upstream.register_b_transport(this, &probe::b);
  downstream.register_nb_transport_bw(this, &probe::bw);
}

tlm::tlm_sync_enum probe::fw(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  before_fw(p, phase, now() + from_sc(t));
  const tlm::tlm_sync_enum status = downstream->nb_transport_fw(p, phase, t);
  after_fw(p, phase, now() + from_sc(t), status);
  return status;
}

tlm::tlm_sync_enum probe::bw(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
  before_bw(p, phase, now() + from_sc(t));
  const tlm::tlm_sync_enum status = upstream->nb_transport_bw(p, phase, t);
  after_bw(p, phase, now() + from_sc(t), status);
  return status;
}

void probe::b(payload& p, sc_core::sc_time& t) {
  before_b(p, now() + from_sc(t));
  downstream->b_transport(p, t);
  after_b(p, now() + from_sc(t));
}

}  // namespace svasim::kit
