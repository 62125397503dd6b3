#include "platforms/smmu_unit.h"

#include "tlm/smmu/connect.h"

namespace svasim::platforms {

smmu_unit::smmu_unit(const std::string& name, const smmu_plan& plan, bool ats,
                     const arch::register_view& regs, const places& at, stats::group& statistics)
    : m_name(name), m_plan(plan), m_names(name, statistics) {
  const smmu::smmu_params& p = m_plan.params;
  stats::group* group = m_names.group();
  const auto module = [this](const std::string& what) { return m_names.module(what); };
  m_walker = std::make_unique<smmu::walker>(module("walker").c_str(), p.tcu, period(p.tbu.clock),
                                            regs, group);
  m_tcu = std::make_unique<smmu::tcu>(module("tcu").c_str(), p.tcu, p.tbu, plan.tbus, regs,
                                      *m_walker, group, ats ? p.tcu.slots : 0);
  std::vector<smmu::tbu*> all;
  for (unsigned i = 0; i < plan.tbus; ++i) {
    const std::string tbu = plan.tbus == 1 ? "tbu" : "tbu" + std::to_string(i);
    m_tbus.push_back(std::make_unique<smmu::tbu>(module(tbu).c_str(), p.tbu, group, tbu.c_str()));
    all.push_back(m_tbus.back().get());
  }
  m_engine = std::make_unique<smmu::command_engine>(p.command_queue.invalidate, p.tbu.dti_latency,
                                                    regs, *m_tcu, std::move(all));
  m_commands =
      std::make_unique<smmu::command_queue>(module("command_queue").c_str(), p.command_queue, regs,
                                            at.command_queue, *m_engine, m_errors, group);
  m_events = std::make_unique<smmu::event_queue>(module("event_queue").c_str(), p.event_queue, regs,
                                                 at.event_queue, m_errors, group);
  m_registers = std::make_unique<smmu::register_page>(module("registers").c_str(), *m_commands,
                                                      *m_events, m_errors);
  smmu::connect(*m_tcu, *m_events, *m_engine);
}

std::string smmu_unit::tbu_name(unsigned i) const {
  return m_tbus.size() == 1 ? "tbu" : "tbu" + std::to_string(i);
}

void smmu_unit::bind_memory(memory_system& memory, binder& bind) {
  for (unsigned i = 0; i < m_tbus.size(); ++i) {
    const std::string tbu = tbu_name(i);
    bind(m_tbus[i]->to_tcu, m_tcu->from_tbu[i], m_names.check(tbu + "_tcu"));
    bind(m_tbus[i]->to_interconnect, memory.next_port(socket()),
         m_names.check(tbu + "_interconnect"));
  }
  bind(m_walker->to_memory, memory.next_port(socket()), m_names.check("walker_interconnect"));
  bind(m_commands->to_memory, memory.next_port(socket()), m_names.check("commands_interconnect"));
  bind(m_events->to_memory, memory.next_port(socket()), m_names.check("events_interconnect"));
}

void smmu_unit::build_ats() {
  const smmu::smmu_params& p = m_plan.params;
  m_ats = std::make_unique<smmu::ats_port>(m_names.module("ats").c_str(), p.ats, m_names.group());
  m_ats_requests = std::make_unique<smmu::ats_request_port>(
      m_names.module("ats_requests").c_str(), p.tcu.slots, p.tbu.dti_latency, m_names.group());
  m_engine->connect_devices(*m_ats);
  m_ats_requests->to_tcu.bind(m_tcu->from_tbu[m_tbus.size()]);
}

}  // namespace svasim::platforms
