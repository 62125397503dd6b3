// The hardware of an SVA platform: modules and bindings.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/error.h"
#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

namespace at = sva_layout;

namespace {

// What the SMMU's messages carry: EventIDs.
constexpr std::uint32_t event_priq = 1, event_eventq = 2;

std::string name_if(std::size_t several, const std::string& name) {
  return several > 1 ? name : "";
}

}  // namespace

// Command queues of guests at an SMMU: of each VM with a function behind it.
unsigned sva_platform::own_queues(unsigned smmu) const {
  if (m_params.served != variant::guest_commands) return 0;
  std::set<std::uint32_t> vms;
  for (const device_function& f : m_functions) {
    if (f.smmu == smmu) vms.insert(f.vm);
  }
  return static_cast<unsigned>(vms.size());
}

void sva_platform::build_memory() {
  // Of an SMMU: its TBUs, walker, command, event and PRI queue, messages, and further queues.
  std::vector<unsigned> ports(m_plan.sockets.size());
  for (const cluster_plan& c : m_plan.clusters) ports[c.socket] += 1;
  for (unsigned i = 0; i < m_plan.smmus.size(); ++i) {
    const smmu_plan& s = m_plan.smmus[i];
    ports[s.socket] +=
        s.tbus * (m_options.ideal ? 2 : 1) + 5 + m_params.software.host.smmu.ecmdqs + own_queues(i);
  }
  m_caches =
      std::make_unique<memory_system>(m_params.memory, m_params.topology.between, m_plan.sockets,
                                      ports, m_memory, m_memory_stats, m_bind);
  for (unsigned s = 0; s < m_plan.sockets.size(); ++s) {
    one_of_many& names = m_socket_names.emplace_back(m_caches->name(s), m_cpu_stats);
    m_gics.push_back(
        std::make_unique<cpu::gic>(names.module("gic").c_str(), m_params.gic, names.group()));
    m_caches->mesh(s).to_devices.bind(m_gics.back()->from_interconnect);
  }
  build_clusters();
}

void sva_platform::build_clusters() {
  m_registers_bus =
      std::make_unique<register_bus>("register_bus", static_cast<unsigned>(m_plan.clusters.size()),
                                     static_cast<unsigned>(m_plan.smmus.size()));
  for (unsigned i = 0; i < m_plan.clusters.size(); ++i) {
    const cluster_plan& plan = m_plan.clusters[i];
    const std::string name = m_plan.clusters.size() == 1 ? "cpu" : "cpu_" + plan.name;
    m_clusters.push_back(
        std::make_unique<cpu::cluster>(name.c_str(), plan.params, m_memory, &m_cpu_stats));
    m_cluster_ports.push_back(m_caches->ports_used(plan.socket));
    m_clusters[i]->to_memory.bind(m_caches->next_port(plan.socket));
    m_clusters[i]->to_registers.bind(m_registers_bus->from_cpu[i]);
  }
  keep_coherent();
}

// What one writes is gone from the caches of all others: what the mesh sees, and among clusters
// also what stays in a cache. TLBIs reach the TLBs of all.
void sva_platform::keep_coherent() {
  for (unsigned c = 0; c < m_clusters.size() && m_clusters.size() > 1; ++c) {
    m_clusters[c]->on_write = [this, c](base::pa at) {
      for (unsigned other = 0; other < m_clusters.size(); ++other) {
        if (other != c) m_clusters[other]->written(at);
      }
    };
    m_clusters[c]->on_tlbi = [this, c](const arch::command& tlbi) {
      for (unsigned other = 0; other < m_clusters.size(); ++other) {
        if (other != c) m_clusters[other]->invalidate(tlbi);
      }
    };
  }
  for (unsigned s = 0; s < m_caches->sockets(); ++s) {
    m_caches->mesh(s).on_write = [this, s](unsigned from, std::uint64_t address, unsigned length) {
      for (unsigned c = 0; c < m_clusters.size(); ++c) {
        if (s == m_plan.clusters[c].socket && from == m_cluster_ports[c]) continue;
        m_clusters[c]->written(base::pa(address), length);
      }
    };
  }
}

void sva_platform::build_smmus() {
  const software::arm_smmu_v3_params& o = m_params.software.host.smmu;
  for (unsigned i = 0; i < m_plan.smmus.size(); ++i) {
    const smmu_plan& plan = m_plan.smmus[i];
    const std::uint64_t window = i * at::next_smmu;
    const arch::register_view& regs = m_controls[i]->view();
    const smmu_unit::places rings{layout::command_queue + window, layout::event_queue + window};
    m_smmus.push_back(std::make_unique<smmu_unit>(name_if(m_plan.smmus.size(), plan.name), plan,
                                                  has_atc(), regs, rings, m_smmu_stats));
    smmu_unit& smmu = *m_smmus.back();
    if (m_options.ideal) smmu.make_ideal(regs, m_memory);
    smmu.bind_memory(*m_caches, m_bind);
    smmu_unit::fault_path path;
    path.pri_queue = base::pa(at::pri_queue + window);
    path.ecmdq_rings = base::pa(at::ecmdq_rings + window);
    path.ecmdq_stride = at::per_guest;
    path.ecmdqs = o.ecmdqs;
    path.ecmdq_enable = at::ecmdq_enable;
    path.broadcast = o.broadcast;
    smmu.build_fault_path(path, regs, *m_controls[i], m_hops, *m_caches);
    m_registers_bus->add(at::smmu_registers + window, at::smmu_register_bytes, i);
    m_registers_bus->to_modules[i].bind(smmu.registers().from_cpu);
    if (has_atc()) smmu.build_ats();
  }
  if (o.broadcast) build_broadcasts();
}

// A DVM Sync is complete when all SMMUs have answered.
void sva_platform::build_broadcasts() {
  for (const auto& c : m_clusters) {
    c->on_broadcast = [this](const arch::command& tlbi, const std::function<void()>& done) {
      const auto left = std::make_shared<std::size_t>(m_smmus.size());
      for (const auto& s : m_smmus) {
        const auto answered = [left, done] {
          if (--*left == 0) done();
        };
        if (!s->broadcasts()->invalidate(tlbi) || !s->broadcasts()->sync(answered)) {
          throw std::logic_error("more broadcasts than cores");
        }
      }
    };
  }
}

// The SMMUs' messages go to the interrupt translation service of their socket.
void sva_platform::build_interrupts() {
  const memory::interconnect_params& window = m_params.memory.interconnect;
  if (m_gics.front()->message_address() - window.device_base >= window.device_size.value()) {
    throw base::input_error(base::problem{
        m_params.name, 0, 0,
        fmt::format("memory.interconnect.device_base: the device window from 0x{:x} of {} bytes "
                    "does not have the interrupt translation service at 0x{:x} (gic.its_base) in "
                    "it; no fault would ever be told of",
                    window.device_base, window.device_size.value(), m_params.gic.its_base)});
  }
  for (unsigned i = 0; i < m_smmus.size(); ++i) {
    smmu_unit& smmu = *m_smmus[i];
    cpu::gic& gic = *m_gics[smmu.socket()];
    host_smmu& host = *m_hosts[i];
    const auto device = cpu::gic::device::of_port(smmu.interrupt_port());
    smmu.interrupts().set_message(smmu::interrupt::priq, gic.message_address(), event_priq);
    smmu.interrupts().set_message(smmu::interrupt::eventq, gic.message_address(), event_eventq);
    smmu.interrupts().write_control(1u << static_cast<unsigned>(smmu::interrupt::priq) |
                                    1u << static_cast<unsigned>(smmu::interrupt::eventq));
    gic.map(device, event_priq, host.machine(), host.page_interrupt());
    gic.map(device, event_eventq, host.machine(), host.event_interrupt());
    smmu.bind_queues(*m_caches);
  }
}

void sva_platform::build_devices() {
  m_fabric = std::make_unique<pcie_fabric>(m_plan, m_smmus, false, m_pcie_stats, m_bind);
  for (unsigned i = 0; i < m_plan.devices.size(); ++i) {
    const device_plan& plan = m_plan.devices[i];
    m_devices.push_back(std::make_unique<device_unit>(
        name_if(m_plan.devices.size(), plan.name), plan, false,
        [this, i](stats::group* of) -> trace::feed& { return m_user->build_feed(i, of); },
        m_device_stats));
    device_unit& unit = *m_devices.back();
    if (m_plan.devices.size() > 1) {
      m_device_faults.push_back(std::make_unique<fault_record>(unit.group()));
    }
    if (has_atc()) unit.build_atc(m_plan.ports[plan.port].root_complex.segment, &m_hops);
    unit.connect(m_fabric->link_of(i), m_bind);
  }
  if (!has_atc()) return;
  std::vector<base::stream_id> functions;
  for (const device_function& f : m_functions) functions.push_back(f.sid);
  m_fabric->build_ats(std::vector<bool>(m_smmus.size(), true), functions);
}

}  // namespace svasim::platforms
