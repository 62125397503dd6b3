#include "platforms/scenario/timed.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "base/error.h"
#include "platforms/scenario/timed_modules.h"
#include "tlm/smmu/command_queue.h"
#include "tlm/smmu/connect.h"
#include "tlm/smmu/event_queue.h"
#include "tlm/smmu/register_page.h"
#include "tlm/smmu/tbu.h"
#include "tlm/smmu/tcu.h"
#include "tlm/smmu/walker.h"

namespace svasim::scenario {
namespace {

void let_pass() {
  while (sc_core::sc_pending_activity()) {
    sc_core::sc_start(sc_core::sc_time_to_pending_activity());
    while (sc_core::sc_pending_activity_at_current_time()) {
      sc_core::sc_start(sc_core::SC_ZERO_TIME);
    }
  }
}

// The queues as the parameters of the modules.
smmu::smmu_params sized(smmu::smmu_params p, const scenario& s) {
  p.command_queue.log2_entries = s.command_queue.log2_entries;
  p.event_queue.log2_entries = s.event_queue.log2_entries;
  return p;
}

class timed_smmu {
 public:
  timed_smmu(scenario& s, const smmu::smmu_params& params)
      : m_scenario(s),
        m_params(sized(params, s)),
        m_regs(s.registers),
        m_walker("walker", m_params.tcu, period(m_params.tbu.clock), m_regs, &m_stats),
        m_tcu("tcu", m_params.tcu, m_params.tbu, 1, m_regs, m_walker, &m_stats),
        m_tbu("tbu", m_params.tbu, &m_stats),
        m_engine(m_params.command_queue.invalidate, m_params.tbu.dti_latency, m_regs, m_tcu,
                 {&m_tbu}),
        m_commands("command_queue", m_params.command_queue, m_regs, s.command_queue.address,
                   m_engine, m_errors, &m_stats),
        m_events("event_queue", m_params.event_queue, m_regs, s.event_queue.address, m_errors,
                 &m_stats),
        m_registers("registers", m_commands, m_events, m_errors),
        m_software("software", s.command_queue, s.event_queue) {
    m_device.socket.bind(m_tbu.from_root_complex);
    m_tbu.to_tcu.bind(m_tcu.from_tbu[0]);
    m_tbu.to_interconnect.bind(m_dma_memory.socket);
    m_walker.to_memory.bind(m_walk_memory.socket);
    m_commands.to_memory.bind(m_command_memory.socket);
    m_events.to_memory.bind(m_event_memory.socket);
    m_software.to_memory.bind(m_cpu_memory.socket);
    m_software.to_registers.bind(m_registers.from_cpu);
    smmu::connect(m_tcu, m_events, m_engine);
    // Without an event queue the record would wait in the SMMU for ever.
    m_tcu.on_stall = [this](const arch::event& e) {
      m_stall = e;
      if (m_regs.eventq_enabled) m_events.record_stall(e);
    };
    m_walker.on_fetch = [this](const arch::fetch_request& f) { m_walk.push_back(fetch_of(f)); };
    m_tbu.on_translated = [this](const arch::access_request&, const arch::translation& t, base::pa,
                                 const kit::dma_extension&) { m_kind = t.kind; };
    m_dma_memory.on_access = [this](base::pa at) { m_reached = at; };
  }

  query_answer query(const arch::access_request& request) {
    m_walk.clear();
    m_reached.reset();
    m_device.send(request);
    let_pass();
    std::optional<arch::event> event = m_software.take_event();
    if (!m_device.is_done() && m_stall) {
      event = m_stall;
      end_stall(*event);
    }
    if (!m_device.is_done()) throw std::logic_error("a query was not answered");
    m_device.release();
    query_answer a;
    a.walk = m_walk;
    if (m_reached) {
      a.result = arch::outcome::ok;
      a.pa = m_reached->value();
      a.kind = m_kind;
    } else if (event) {
      a.result = arch::outcome::fault;
      a.event = *event;
    }
    if (m_reached ? event.has_value() : m_software.take_event().has_value()) {
      throw std::logic_error("more events than faults");
    }
    return a;
  }

  // A stalled query has had its answer; nobody retries it.
  void end_stall(const arch::event& e) {
    arch::command c;
    c.op = arch::opcode::resume;
    c.sid = e.sid;
    c.stag = e.stag;
    c.abort = true;
    m_stall.reset();
    m_tcu.resume(c);
    let_pass();
  }

  command_answer command(const arch::command_words& words) {
    m_software.issue(words);
    let_pass();
    const command_answer a = m_software.finish();
    let_pass();
    return a;
  }

 private:
  scenario& m_scenario;
  const smmu::smmu_params m_params;
  const arch::register_view m_regs;
  stats::group m_stats{"scenario"};
  smmu::walker m_walker;
  smmu::tcu m_tcu;
  smmu::tbu m_tbu;
  smmu::gerror m_errors;
  smmu::command_engine m_engine;
  smmu::command_queue m_commands;
  smmu::event_queue m_events;
  smmu::register_page m_registers;
  single_device m_device{"device"};
  queue_software m_software;
  memory_port m_dma_memory{"dma_memory", m_scenario};
  memory_port m_walk_memory{"walk_memory", m_scenario};
  memory_port m_command_memory{"command_memory", m_scenario};
  memory_port m_event_memory{"event_memory", m_scenario};
  memory_port m_cpu_memory{"cpu_memory", m_scenario};

  std::vector<fetch> m_walk;
  std::optional<arch::event> m_stall;  // of the access under way
  std::optional<base::pa> m_reached;   // memory, by the access under way
  arch::translation_kind m_kind = arch::translation_kind::bypass;
};

void check_queue(const scenario& s, const queue_base& q, const char* name, unsigned entry_bytes) {
  if (!q.given) {
    throw base::input_error(fmt::format("case {}: the timed SMMU needs {}", s.id, name));
  }
  const std::uint64_t bytes = std::uint64_t{entry_bytes} << q.log2_entries;
  if (!s.in_ram(q.address.value(), bytes)) {
    throw base::input_error(fmt::format("case {}: {}: the queue at {:#x} of {} bytes is not in ram",
                                        s.id, name, q.address.value(), bytes));
  }
}

bool needs(const scenario& s, step_kind kind) {
  return std::any_of(s.steps.begin(), s.steps.end(),
                     [=](const step& at) { return at.kind == kind; });
}

}  // namespace

smmu::smmu_params timed_defaults() {
  smmu::smmu_params p;
  p.tcu.slots = 4;
  p.tcu.walk_slots = 4;
  return p;
}

void translate_timed(scenario& s, const smmu::smmu_params& params, const answer_sink& out) {
  if (needs(s, step_kind::command)) check_queue(s, s.command_queue, "CMDQ_BASE", 16);
  if (needs(s, step_kind::query)) check_queue(s, s.event_queue, "EVENTQ_BASE", 32);
  using handler = sc_core::sc_report_handler;
  handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  handler::set_actions(sc_core::SC_ID_NO_SC_START_ACTIVITY_, sc_core::SC_DO_NOTHING);
  timed_smmu model(s, params);
  sc_core::sc_start(sc_core::SC_ZERO_TIME);  // every thread waits at its place
  for (std::size_t i = 0; i < s.steps.size(); ++i) {
    const step& at = s.steps[i];
    switch (at.kind) {
      case step_kind::query:
        out.query(i, model.query(at.request));
        break;
      case step_kind::memory_write:
        for (const auto& [address, word] : at.words) s.memory.write64(base::pa(address), word);
        break;
      case step_kind::command:
        out.command(i, model.command(at.command));
        break;
    }
  }
}

}  // namespace svasim::scenario
