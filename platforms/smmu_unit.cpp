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

void smmu_unit::make_ideal(const arch::register_view& regs, base::sparse_memory& bytes) {
  for (std::size_t i = 0; i < m_tbus.size(); ++i) {
    const std::string name = m_tbus.size() == 1 ? "ideal" : "ideal" + std::to_string(i);
    m_ideal.push_back(
        std::make_unique<ideal_translator>(m_names.module(name).c_str(), regs, bytes));
    m_ideal.back()->to_tbu.bind(m_tbus[i]->from_root_complex);
  }
}

void smmu_unit::bind_memory(memory_system& memory, binder& bind) {
  for (unsigned i = 0; i < m_tbus.size(); ++i) {
    const std::string tbu = tbu_name(i);
    bind(m_tbus[i]->to_tcu, m_tcu->from_tbu[i], m_names.check(tbu + "_tcu"));
    bind(m_tbus[i]->to_interconnect, memory.next_port(socket()),
         m_names.check(tbu + "_interconnect"));
    if (!m_ideal.empty()) m_ideal[i]->to_interconnect.bind(memory.next_port(socket()));
  }
  bind(m_walker->to_memory, memory.next_port(socket()), m_names.check("walker_interconnect"));
  bind(m_commands->to_memory, memory.next_port(socket()), m_names.check("commands_interconnect"));
  bind(m_events->to_memory, memory.next_port(socket()), m_names.check("events_interconnect"));
}

void smmu_unit::build_fault_path(const fault_path& path, const arch::register_view& regs,
                                 smmu::control_registers& control, kit::hop_log& log,
                                 memory_system& memory) {
  const smmu::smmu_params& p = m_plan.params;
  stats::group* group = m_names.group();
  m_pages = std::make_unique<smmu::pri_queue>(m_names.module("pri_queue").c_str(), p.pri_queue,
                                              regs, path.pri_queue, m_errors, group);
  m_interrupts = std::make_unique<smmu::interrupts>(m_names.module("interrupts").c_str(), regs,
                                                    m_errors, group);
  m_registers->connect(control);
  control.translating = [this] { return m_tcu->statistics().slots.current() != 0; };
  control.on_change = [this, &control, wake = control.on_change] {
    wake();
    for (const auto& t : m_tbus) t->follow(control.view());
  };
  m_registers->connect(*m_pages);
  m_registers->connect(*m_interrupts);
  std::vector<smmu::ecmdq*> all;
  for (std::uint32_t i = 0; i < path.ecmdqs; ++i) {
    const std::string name = "ecmdq" + std::to_string(i);
    m_ecmdqs.push_back(std::make_unique<smmu::ecmdq>(m_names.module(name).c_str(), p.command_queue,
                                                     *m_engine, m_errors, group, name.c_str()));
    const std::uint64_t base = path.ecmdq_rings.value() + i * path.ecmdq_stride;
    (void)m_ecmdqs.back()->write_base(base | p.command_queue.log2_entries);
    m_ecmdqs.back()->write_prod_register(path.ecmdq_enable);
    all.push_back(m_ecmdqs.back().get());
  }
  m_registers->connect(all);
  if (path.broadcast) {
    m_broadcast = std::make_unique<smmu::broadcast>(m_names.module("broadcast").c_str(),
                                                    p.broadcast, regs, *m_engine, group);
  }
  m_log = &log;
  m_tcu->log_hops(m_log);
  m_pages->log_hops(m_log);
  m_pages->to_memory.bind(memory.next_port(socket()));
  m_interrupt_port = static_cast<std::uint8_t>(memory.ports_used(socket()));
  m_interrupts->to_memory.bind(memory.next_port(socket()));
}

void smmu_unit::build_ats() {
  const smmu::smmu_params& p = m_plan.params;
  m_ats = std::make_unique<smmu::ats_port>(m_names.module("ats").c_str(), p.ats, m_names.group());
  m_engine->connect_devices(*m_ats);
  if (m_pages) {
    m_ats->log_hops(m_log);
    m_ats->on_page_request = [this](const arch::page_request& r) { (void)m_pages->take(r); };
    m_pages->on_response = [this](const arch::prg_response& r) { m_ats->respond(r); };
  }
  m_ats_requests = std::make_unique<smmu::ats_request_port>(
      m_names.module("ats_requests").c_str(), p.tcu.slots, p.tbu.dti_latency, m_names.group());
  m_ats_requests->to_tcu.bind(m_tcu->from_tbu[m_tbus.size()]);
}

smmu::guest_command_queue& smmu_unit::add_guest_queue(const std::string& name,
                                                      const smmu::command_queue_params& params,
                                                      base::pa at) {
  m_guest_queues.push_back(std::make_unique<smmu::guest_command_queue>(
      m_names.module(name).c_str(), params, at, *m_engine, m_errors, m_names.group(),
      name.c_str()));
  return *m_guest_queues.back();
}

void smmu_unit::bind_queues(memory_system& memory) {
  for (const auto& q : m_ecmdqs) q->to_memory.bind(memory.next_port(socket()));
  for (const auto& q : m_guest_queues) q->to_memory.bind(memory.next_port(socket()));
}

}  // namespace svasim::platforms
