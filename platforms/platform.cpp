#include "platforms/platform.h"

#include <fmt/format.h>

#include "tlm/smmu/connect.h"

namespace svasim::platforms {
namespace {

// Ports of the interconnect.
enum port : unsigned { port_tbu, port_walker, port_commands, port_events, port_cpu, ports };

// A credit is in use no longer than its request, so as many as requests under way never run out.
bool credits_cover(const platform_params& p) {
  const pcie::link_params& l = p.pcie.link;
  const device::dma_engine_params& d = p.device.dma;
  return l.nonposted_headers >= d.outstanding_reads && l.posted_headers >= d.outstanding_writes &&
         l.posted_data * 16ull >= d.outstanding_writes * l.mps.value();
}

}  // namespace

platform::platform(const platform_params& params, trace::source& source,
                   const platform_options& options)
    : m_params(params),
      m_options(options),
      m_stats("platform"),
      m_device_stats(&m_stats, "device"),
      m_pcie_stats(&m_stats, "pcie"),
      m_smmu_stats(&m_stats, "smmu"),
      m_memory_stats(&m_stats, "memory"),
      m_software_stats(&m_stats, "software"),
      m_spaces(m_memory, params.tables, source.about(), params.device.ats),
      m_regs(m_spaces.registers()),
      m_checker(m_regs, m_memory),
      m_replay(source, m_spaces, params.device.dma.mode == device::issue_mode::serial),
      m_observer(params.smmu.tbu.main_tlb.present()
                     ? observer::tlb_name{"smmu.tbu.main_tlb", "Main TLB"}
                     : observer::tlb_name{"smmu.tbu.utlb", "uTLB"},
                 [this] { return figures_of_all(); }) {
  kit::check_resolution();
  build_memory();
  build_smmu();
  build_device();
  if (params.device.ats) build_ats(source.about());
  build_software();
  build_observer();
}

platform::~platform() = default;

// A direct binding, or one with a protocol checker in it.
template <class Initiator, class Target>
void platform::bind(Initiator& from, Target& to, const char* name,
                    kit::protocol_checker::exclusion rule) {
  if (!m_options.check_protocol) {
    from.bind(to);
    return;
  }
  m_checkers.push_back(std::make_unique<kit::protocol_checker>(name, rule));
  from.bind(m_checkers.back()->upstream);
  m_checkers.back()->downstream.bind(to);
}

void platform::build_memory() {
  const memory_params& p = m_params.memory;
  m_dram = std::make_unique<memory::dram>("dram", p.dram, m_memory, &m_memory_stats);
  m_slc = std::make_unique<memory::system_level_cache>("slc", p.system_level_cache, m_memory,
                                                       &m_memory_stats);
  m_interconnect = std::make_unique<memory::interconnect>("interconnect", p.interconnect, ports,
                                                          &m_memory_stats);
  bind(m_slc->to_dram, m_dram->from_cache, "check_slc_dram");
  bind(m_interconnect->to_cache, m_slc->from_interconnect, "check_interconnect_slc");
}

void platform::build_smmu() {
  const smmu::smmu_params& p = m_params.smmu;
  m_walker =
      std::make_unique<smmu::walker>("walker", p.tcu, period(p.tbu.clock), m_regs, &m_smmu_stats);
  m_tcu = std::make_unique<smmu::tcu>("tcu", p.tcu, p.tbu, 1, m_regs, *m_walker, &m_smmu_stats,
                                      m_params.device.ats ? p.tcu.slots : 0);
  m_tbu = std::make_unique<smmu::tbu>("tbu", p.tbu, &m_smmu_stats);
  m_engine =
      std::make_unique<smmu::command_engine>(p.command_queue.invalidate, p.tbu.dti_latency, m_regs,
                                             *m_tcu, std::vector<smmu::tbu*>{m_tbu.get()});
  m_commands = std::make_unique<smmu::command_queue>("command_queue", p.command_queue, m_regs,
                                                     layout::command_queue, *m_engine, m_errors,
                                                     &m_smmu_stats);
  m_events = std::make_unique<smmu::event_queue>("event_queue", p.event_queue, m_regs,
                                                 layout::event_queue, m_errors, &m_smmu_stats);
  m_registers =
      std::make_unique<smmu::register_page>("registers", *m_commands, *m_events, m_errors);
  smmu::connect(*m_tcu, *m_events, *m_engine);
  bind(m_tbu->to_tcu, m_tcu->from_tbu[0], "check_tbu_tcu");
  bind(m_tbu->to_interconnect, m_interconnect->from[port_tbu], "check_tbu_interconnect");
  bind(m_walker->to_memory, m_interconnect->from[port_walker], "check_walker_interconnect");
  bind(m_commands->to_memory, m_interconnect->from[port_commands], "check_commands_interconnect");
  bind(m_events->to_memory, m_interconnect->from[port_events], "check_events_interconnect");
  if (m_options.check_isolation) {
    m_tbu->on_translated = [this](const arch::access_request& a, const arch::translation&,
                                  base::pa output, const kit::dma_extension& ext) {
      check_isolation(a, output, ext);
    };
    m_engine->on_invalidation = [this](const arch::command& c) {
      m_checker.note_invalidation(
          fmt::format("{} ASID {} address {:#x}", arch::name(c.op), c.asid.value(), c.address));
    };
  }
}

// What the ATC translated must be what the tables give for the address it had before.
void platform::check_isolation(arch::access_request access, base::pa output,
                               const kit::dma_extension& ext) {
  if (access.kind == arch::transaction_kind::translated) {
    access.kind = arch::transaction_kind::untranslated;
    access.address = ext.virtual_address.value();
  }
  try {
    m_checker.check(access, output);
  } catch (const isolation_error&) {
    m_breach = std::current_exception();
    throw;
  }
}

void platform::build_device() {
  const pcie::link_params& link = m_params.pcie.link;
  // Only a replay that waits for completions gives commands to the SMMU; and a device that may lack
  // credits must not know of their return before they are free.
  const bool covered = credits_cover(m_params) && !m_params.device.ats;
  const bool ahead_of_time = !m_replay.wants_completions() && covered;
  m_root_complex = std::make_unique<pcie::root_complex>("root_complex", m_params.pcie.root_complex,
                                                        ahead_of_time, &m_pcie_stats);
  m_link = std::make_unique<pcie::link>("link", link, &m_pcie_stats);
  m_dma = std::make_unique<device::dma_engine>(
      "dma", m_params.device.dma, device::dma_engine::limits{link.mps, link.mrrs, covered},
      m_replay, &m_device_stats);
  m_dma->on_finished = [this](base::duration at) { m_finished_at = at; };
  bind(m_root_complex->to_tbu, m_tbu->from_root_complex, "check_root_complex_tbu");
  bind(m_link->to_root_complex, m_root_complex->from_link, "check_link_root_complex");
  if (!m_params.device.ats) bind(m_dma->to_link, m_link->from_device, "check_dma_link");
}

// The device's ATC, and what serves it. Every page is there before its access, so that nobody
// serves page requests.
void platform::build_ats(const trace::summary& about) {
  const smmu::smmu_params& p = m_params.smmu;
  m_ats = std::make_unique<smmu::ats_port>("ats", p.ats, &m_smmu_stats);
  m_ats_requests = std::make_unique<smmu::ats_request_port>("ats_requests", p.tcu.slots,
                                                            p.tbu.dti_latency, &m_smmu_stats);
  device::atc_params cache = m_params.device.atc;
  cache.page_requests.enabled = false;
  m_atc = std::make_unique<device::atc>("atc", cache, &m_device_stats,
                                        m_params.pcie.root_complex.segment);
  m_engine->connect_devices(*m_ats);
  m_ats_requests->to_tcu.bind(m_tcu->from_tbu[1]);
  bind(m_dma->to_link, m_atc->from_engine, "check_dma_atc");
  bind(m_atc->to_link, m_link->from_device, "check_atc_link",
       kit::protocol_checker::exclusion::posted_apart);
  m_link->to_device.bind(m_atc->from_link);
  m_root_complex->to_link.bind(m_link->from_root_complex);
  m_root_complex->to_ats_requests.bind(m_ats_requests->from_root_complex);
  m_ats->to_device.bind(m_root_complex->from_ats);
  for (const trace::stream_tag& s : about.streams) {
    const auto function = static_cast<std::uint16_t>(s.sid.value());
    m_root_complex->add_functions(function, function);
  }
  m_root_complex->on_message = [this](const arch::ats_message& m) {
    m_ats->receive(m);
    return true;
  };
}

void platform::build_software() {
  const smmu::smmu_params& p = m_params.smmu;
  const software::smmu_rings rings{layout::command_queue, 1u << p.command_queue.log2_entries,
                                   layout::event_queue, 1u << p.event_queue.log2_entries,
                                   layout::sync_word};
  m_driver = std::make_unique<software::smmu_driver>("smmu_driver", m_params.software.smmu_driver,
                                                     rings, &m_software_stats);
  bind(m_driver->to_memory, m_interconnect->from[port_cpu], "check_cpu_interconnect");
  bind(m_driver->to_registers, m_registers->from_cpu, "check_cpu_registers");
  m_events->on_interrupt = [this] { m_driver->event_interrupt(); };
  m_errors.on_raised = [this] { m_driver->error_interrupt(); };
  m_replay.set_driver(*m_driver);
}

stream_counts::figures platform::figures_of_all() const {
  const device::dma_engine_stats& d = m_dma->statistics();
  const stats::uint128 whole = d.read.whole().sum() + d.write.whole().sum();
  return {static_cast<std::uint64_t>(whole), d.faulted.value(), d.translation.whole()};
}

void platform::build_observer() {
  const device::dma_engine_params& d = m_params.device.dma;
  const smmu::smmu_params& s = m_params.smmu;
  occupancy_record& over_time = m_observer.occupancy();
  over_time.watch(m_dma->statistics().in_flight, "device.dma.in_flight", "Requests in flight",
                  d.outstanding_reads + d.outstanding_writes);
  over_time.watch(m_tbu->statistics().slots, "smmu.tbu.slots", "TBU translation slots",
                  s.tbu.slots);
  over_time.watch(m_tcu->statistics().slots, "smmu.tcu.slots", "TCU translation slots",
                  s.tcu.slots);
  over_time.watch(m_walker->statistics().slots, "smmu.tcu.walk_slots", "Walk slots",
                  s.tcu.walk_slots);
  m_dma->on_request_done = [this](const tlm::tlm_generic_payload& p, base::duration at,
                                  base::duration translation) {
    m_observer.finished(p, at, translation);
  };
  m_tbu->largest_tlb().on_eviction = [this](std::uint64_t by, std::uint64_t victim) {
    m_observer.evicted(by, victim);
  };
}

// There is no periodic process, so the kernel runs dry exactly when nothing is left to do.
void platform::run() {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report&) {
    // All that SystemC hands on of an exception is its text.
    if (m_replay.failure()) std::rethrow_exception(m_replay.failure());
    if (m_breach) std::rethrow_exception(m_breach);
    throw;
  }
  m_stats.settle(kit::later(kit::now(), m_finished_at));
  check_finished();
  for (const auto& c : m_checkers) c->check_drained();
}

void platform::check_finished() const {
  if (m_dma->finished()) return;
  const device::dma_engine_stats& d = m_dma->statistics();
  throw stuck_error(
      fmt::format("the run is stuck at {} ps: {} requests in flight at the device, {} TBU slots, "
                  "{} TCU slots and "
                  "{} walk slots in use, {} commands outstanding",
                  kit::now().value(), d.in_flight.current(), m_tbu->statistics().slots.current(),
                  m_tcu->statistics().slots.current(), m_walker->statistics().slots.current(),
                  m_driver->outstanding()));
}

}  // namespace svasim::platforms
