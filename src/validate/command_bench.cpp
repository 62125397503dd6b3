#include "validate/command_bench.h"

namespace svasim::validate {
namespace {

enum port : unsigned { port_tbu, port_walker, port_commands, port_events, port_cpu, ports };

constexpr base::pa queue_at{0x700000000000}, events_at{0x700001000000};
constexpr std::uint64_t sync_words = 0x700004000000;
constexpr std::uint64_t first_page = 0x100000000;

software::command_lists::ring ring_of(const platforms::platform_params& p) {
  software::command_lists::ring r;
  r.base = queue_at.value();
  r.entries = 1u << p.smmu.command_queue.log2_entries;
  r.msi = sync_words;
  return r;
}

}  // namespace

command_bench::command_bench(const platforms::platform_params& p)
    : m_params(p),
      m_tables(m_bytes, arch::table_builder_params{}),
      m_regs(view()),
      m_dram("dram", p.memory.dram, m_bytes, &m_root),
      m_slc("slc", p.memory.system_level_cache, m_bytes, &m_root),
      m_interconnect("interconnect", p.memory.interconnect, ports, &m_root),
      m_gic("gic", p.gic, &m_root),
      m_cluster("cpu", p.cpu, m_bytes, &m_root),
      m_walker("walker", p.smmu.tcu, period(p.smmu.tbu.clock), m_regs, &m_root),
      m_tcu("tcu", p.smmu.tcu, p.smmu.tbu, 1, m_regs, m_walker, &m_root),
      m_tbu("tbu", p.smmu.tbu, &m_root),
      m_engine(p.smmu.command_queue.invalidate, p.smmu.tbu.dti_latency, m_regs, m_tcu, {&m_tbu}),
      m_commands("commands", p.smmu.command_queue, m_regs, queue_at, m_engine, m_errors, &m_root),
      m_events("events", p.smmu.event_queue, m_regs, events_at, m_errors, &m_root),
      m_registers("registers", m_commands, m_events, m_errors),
      m_lists(p.software.host.smmu.commands, ring_of(p), &m_root) {
  m_slc.to_dram.bind(m_dram.from_cache);
  m_interconnect.to_cache.bind(m_slc.from_interconnect);
  m_interconnect.to_devices.bind(m_gic.from_interconnect);
  m_device.socket.bind(m_tbu.from_root_complex);
  m_tbu.to_tcu.bind(m_tcu.from_tbu[0]);
  m_tbu.to_interconnect.bind(m_interconnect.from[port_tbu]);
  m_walker.to_memory.bind(m_interconnect.from[port_walker]);
  m_commands.to_memory.bind(m_interconnect.from[port_commands]);
  m_events.to_memory.bind(m_interconnect.from[port_events]);
  m_cluster.to_memory.bind(m_interconnect.from[port_cpu]);
  m_cluster.to_registers.bind(m_registers.from_cpu);
  m_interconnect.on_write = [this](unsigned from, std::uint64_t address, unsigned length) {
    if (from != port_cpu) m_cluster.written(base::pa(address), length);
  };
  smmu::connect(m_tcu, m_events, m_engine);
}

arch::register_view command_bench::view() const {
  arch::registers words;
  words.idr0 |= 1u << 13;  // MSI
  words.cr0 = 0xd;         // SMMUEN, EVENTQEN, CMDQEN
  m_tables.configure(words);
  return arch::register_view(words);
}

void command_bench::run(unsigned threads, base::duration think, base::duration warm,
                        base::duration end) {
  for (unsigned i = 0; i < threads; ++i) {
    kit::task_options o;
    o.name = "unmaps/" + std::to_string(i);
    o.who = kit::actor::hk;
    o.cpu = i;
    m_cluster.spawn(o, [this, i, think](kit::task& t) {
      arch::command c;
      c.op = arch::opcode::tlbi_nh_va;
      c.leaf = true;
      c.asid = base::asid(1);
      for (std::uint64_t n = 0;; ++n) {
        c.address = first_page + (std::uint64_t{i} << 30) + (n << 12);
        t.compute(think);
        m_lists.issue(t, c, true);
      }
    });
  }
  run_until(warm);
  m_root.reset(kit::now());
  run_until(end);
}

}  // namespace svasim::validate
