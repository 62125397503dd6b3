// The hardware of an SVA platform: modules and bindings.
#include <fmt/format.h>

#include "base/error.h"
#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"
#include "tlm/smmu/connect.h"

namespace svasim::platforms {

namespace at = sva_layout;

namespace {

// Ports of the interconnect.
enum port : unsigned {
  port_tbu,
  port_walker,
  port_commands,
  port_events,
  port_pages,
  port_interrupts,
  port_cpu,
  first_queue_port  // ECMDQs, then the guests' command queues
};

// What the SMMU's messages carry: EventIDs.
constexpr std::uint32_t event_priq = 1, event_eventq = 2;

}  // namespace

void sva_platform::build_memory() {
  const memory_params& p = m_params.memory;
  m_dram = std::make_unique<memory::dram>("dram", p.dram, m_memory, &m_memory_stats);
  m_slc = std::make_unique<memory::system_level_cache>("slc", p.system_level_cache, m_memory,
                                                       &m_memory_stats);
  // The last one is the TBU's where it has no traffic.
  const unsigned own_queues = m_params.served == variant::guest_commands ? m_user->functions() : 0u;
  const unsigned queues = m_params.software.host.smmu.ecmdqs + own_queues;
  const unsigned ports = first_queue_port + queues + (m_options.ideal ? 1u : 0u);
  m_interconnect = std::make_unique<memory::interconnect>("interconnect", p.interconnect, ports,
                                                          &m_memory_stats);
  m_slc->to_dram.bind(m_dram->from_cache);
  m_interconnect->to_cache.bind(m_slc->from_interconnect);
  m_gic = std::make_unique<cpu::gic>("gic", m_params.gic, &m_cpu_stats);
  m_interconnect->to_devices.bind(m_gic->from_interconnect);

  m_cluster = std::make_unique<cpu::cluster>("cpu", m_params.cpu, m_memory, &m_cpu_stats);
  m_registers_bus = std::make_unique<register_bus>("register_bus", 1u);
  m_cluster->to_memory.bind(m_interconnect->from[port_cpu]);
  m_cluster->to_registers.bind(m_registers_bus->from_cpu);
  m_interconnect->on_write = [this](unsigned from, std::uint64_t address, unsigned length) {
    if (from != port_cpu) m_cluster->written(base::pa(address), length);
  };
}

void sva_platform::build_smmu() {
  const smmu::smmu_params& p = m_params.smmu;
  const std::uint32_t ats_slots = has_atc() ? p.tcu.slots : 0;
  m_walker =
      std::make_unique<smmu::walker>("walker", p.tcu, period(p.tbu.clock), regs(), &m_smmu_stats);
  m_tcu = std::make_unique<smmu::tcu>("tcu", p.tcu, p.tbu, 1, regs(), *m_walker, &m_smmu_stats,
                                      ats_slots);
  m_tbu = std::make_unique<smmu::tbu>("tbu", p.tbu, &m_smmu_stats);
  m_engine =
      std::make_unique<smmu::command_engine>(p.command_queue.invalidate, p.tbu.dti_latency, regs(),
                                             *m_tcu, std::vector<smmu::tbu*>{m_tbu.get()});
  m_commands = std::make_unique<smmu::command_queue>("command_queue", p.command_queue, regs(),
                                                     layout::command_queue, *m_engine, m_errors,
                                                     &m_smmu_stats);
  m_events = std::make_unique<smmu::event_queue>("event_queue", p.event_queue, regs(),
                                                 layout::event_queue, m_errors, &m_smmu_stats);
  m_pages = std::make_unique<smmu::pri_queue>("pri_queue", p.pri_queue, regs(),
                                              base::pa(at::pri_queue), m_errors, &m_smmu_stats);
  m_interrupts = std::make_unique<smmu::interrupts>("interrupts", regs(), m_errors, &m_smmu_stats);
  m_registers =
      std::make_unique<smmu::register_page>("registers", *m_commands, *m_events, m_errors);
  m_registers->connect(*m_control);
  m_control->translating = [this] { return m_tcu->statistics().slots.current() != 0; };
  m_registers->connect(*m_pages);
  m_registers->connect(*m_interrupts);
  smmu::connect(*m_tcu, *m_events, *m_engine);
  build_command_paths();
  m_tcu->log_hops(&m_hops);
  m_pages->log_hops(&m_hops);

  m_tbu->to_tcu.bind(m_tcu->from_tbu[0]);
  if (m_options.ideal) {
    m_ideal = std::make_unique<ideal_translator>("ideal", regs(), m_memory);
    m_ideal->to_interconnect.bind(m_interconnect->from[port_tbu]);
    m_tbu->to_interconnect.bind(m_interconnect->from[m_interconnect->from.size() - 1]);
  } else {
    m_tbu->to_interconnect.bind(m_interconnect->from[port_tbu]);
  }
  m_walker->to_memory.bind(m_interconnect->from[port_walker]);
  m_commands->to_memory.bind(m_interconnect->from[port_commands]);
  m_events->to_memory.bind(m_interconnect->from[port_events]);
  m_pages->to_memory.bind(m_interconnect->from[port_pages]);
  m_interrupts->to_memory.bind(m_interconnect->from[port_interrupts]);
  m_registers_bus->add(at::smmu_registers, at::smmu_register_bytes, 0u);
  m_registers_bus->to_modules[0].bind(m_registers->from_cpu);
  if (!has_atc()) return;
  m_ats = std::make_unique<smmu::ats_port>("ats", p.ats, &m_smmu_stats);
  m_ats->log_hops(&m_hops);
  m_engine->connect_devices(*m_ats);
  m_ats->on_page_request = [this](const arch::page_request& r) { (void)m_pages->take(r); };
  m_pages->on_response = [this](const arch::prg_response& r) { m_ats->respond(r); };
  m_ats_requests = std::make_unique<smmu::ats_request_port>("ats_requests", ats_slots,
                                                            p.tbu.dti_latency, &m_smmu_stats);
  m_ats_requests->to_tcu.bind(m_tcu->from_tbu[1]);
}

// The SMMU's messages go to the interrupt translation service.
void sva_platform::build_interrupts() {
  const memory::interconnect_params& window = m_params.memory.interconnect;
  if (m_gic->message_address() - window.device_base >= window.device_size.value()) {
    throw base::input_error(fmt::format(
        "memory.interconnect.device_base: the device window from 0x{:x} of {} bytes does not have "
        "the interrupt translation service at 0x{:x} (gic.its_base) in it; no fault would ever be "
        "told of",
        window.device_base, window.device_size.value(), m_params.gic.its_base));
  }
  const auto device = cpu::gic::device::of_port(port_interrupts);
  m_interrupts->set_message(smmu::interrupt::priq, m_gic->message_address(), event_priq);
  m_interrupts->set_message(smmu::interrupt::eventq, m_gic->message_address(), event_eventq);
  m_interrupts->write_control(1u << static_cast<unsigned>(smmu::interrupt::priq) |
                              1u << static_cast<unsigned>(smmu::interrupt::eventq));
  if (m_page_thread) m_gic->map(device, event_priq, *m_cluster, m_page_thread->interrupt());
  if (m_event_thread) m_gic->map(device, event_eventq, *m_cluster, m_event_thread->interrupt());
  unsigned port = first_queue_port;
  for (const auto& q : m_ecmdqs) q->to_memory.bind(m_interconnect->from[port++]);
  for (const auto& q : m_guest_queues) q->to_memory.bind(m_interconnect->from[port++]);
}

// Beside the command queue: further ones, and broadcasts of the CPUs.
void sva_platform::build_command_paths() {
  const software::arm_smmu_v3_params& o = m_params.software.host.smmu;
  std::vector<smmu::ecmdq*> all;
  for (std::uint32_t i = 0; i < o.ecmdqs; ++i) {
    const std::string name = fmt::format("ecmdq{}", i);
    m_ecmdqs.push_back(std::make_unique<smmu::ecmdq>(name.c_str(), m_params.smmu.command_queue,
                                                     *m_engine, m_errors, &m_smmu_stats,
                                                     name.c_str()));
    const std::uint64_t base = at::ecmdq_rings + i * at::per_guest;
    (void)m_ecmdqs.back()->write_base(base | m_params.smmu.command_queue.log2_entries);
    m_ecmdqs.back()->write_prod_register(at::ecmdq_enable);
    all.push_back(m_ecmdqs.back().get());
  }
  m_registers->connect(all);
  if (!o.broadcast) return;
  m_broadcast = std::make_unique<smmu::broadcast>("broadcast", m_params.smmu.broadcast, regs(),
                                                  *m_engine, &m_smmu_stats);
  m_cluster->on_broadcast = [this](const arch::command& tlbi, std::function<void()> done) {
    if (!m_broadcast->invalidate(tlbi) || !m_broadcast->sync(std::move(done))) {
      throw std::logic_error("more broadcasts than cores");
    }
  };
}

void sva_platform::build_device() {
  const pcie::link_params& link = m_params.pcie.link;
  m_root_complex = std::make_unique<pcie::root_complex>("root_complex", m_params.pcie.root_complex,
                                                        false, &m_pcie_stats);
  m_link = std::make_unique<pcie::link>("link", link, &m_pcie_stats);
  trace::feed& feed = m_user->build_feed(&m_device_stats);
  m_dma = std::make_unique<device::dma_engine>(
      "dma", m_params.device.dma, device::dma_engine::limits{link.mps, link.mrrs, false}, feed,
      &m_device_stats);
  if (m_ideal) {
    m_root_complex->to_tbu.bind(m_ideal->from_root_complex);
    m_ideal->to_tbu.bind(m_tbu->from_root_complex);
  } else {
    m_root_complex->to_tbu.bind(m_tbu->from_root_complex);
  }
  m_link->to_root_complex.bind(m_root_complex->from_link);
  if (!has_atc()) {
    m_dma->to_link.bind(m_link->from_device);
    return;
  }
  m_atc = std::make_unique<device::atc>("atc", m_params.device.atc, &m_device_stats,
                                        m_params.pcie.root_complex.segment);
  m_atc->pri().hops = &m_hops;
  m_dma->to_link.bind(m_atc->from_engine);
  m_atc->to_link.bind(m_link->from_device);
  m_link->to_device.bind(m_atc->from_link);
  m_root_complex->to_link.bind(m_link->from_root_complex);
  m_root_complex->to_ats_requests.bind(m_ats_requests->from_root_complex);
  m_ats->to_device.bind(m_root_complex->from_ats);
  for (std::uint32_t i = 0; i < m_user->functions(); ++i) {
    const std::uint16_t function = m_user->requester_id(i);
    m_root_complex->add_functions(function, function);
  }
  m_root_complex->on_message = [this](const arch::ats_message& m) {
    if (m.code == arch::ats_message_code::page_request && !m_pages->has_room()) return false;
    m_ats->receive(m);
    return true;
  };
  m_pages->on_room = [this] { m_root_complex->room(); };
}

}  // namespace svasim::platforms
