#include "platforms/platform.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "platforms/occupied.h"

namespace svasim::platforms {
namespace {

// A credit is in use no longer than its request, so as many as requests under way never run out.
bool credits_cover(const device_plan& p) {
  const pcie::link_params& l = p.link;
  const device::dma_engine_params& d = p.params.dma;
  return l.nonposted_headers >= d.outstanding_reads && l.posted_headers >= d.outstanding_writes &&
         l.posted_data * 16ull >= d.outstanding_writes * l.mps.value();
}

bool any_serial(const topology_plan& plan) {
  return std::any_of(plan.devices.begin(), plan.devices.end(), [](const device_plan& d) {
    return d.params.dma.mode == device::issue_mode::serial;
  });
}

// Rings of SMMU `i`.
constexpr std::uint64_t next_smmu = 0x100000000;
smmu_unit::places places_of(std::size_t i) {
  return {layout::command_queue + i * next_smmu, layout::event_queue + i * next_smmu};
}

std::string name_if(std::size_t several, const std::string& name) {
  return several > 1 ? name : "";
}

}  // namespace

platform::platform(const platform_params& params, trace::source& source,
                   const platform_options& options)
    : m_params(params),
      m_options(options),
      m_plan(checked_plan(source.about())),
      m_stats("platform"),
      m_device_stats(&m_stats, "device"),
      m_pcie_stats(&m_stats, "pcie"),
      m_smmu_stats(&m_stats, "smmu"),
      m_memory_stats(&m_stats, "memory"),
      m_software_stats(&m_stats, "software"),
      m_spaces(m_memory, params.tables, source.about(), atc_question()),
      m_regs(m_spaces.registers()),
      m_checker(m_regs, m_memory),
      m_replay(source, m_spaces, any_serial(m_plan)),
      m_feeds(m_replay, m_plan),
      m_observer(largest_tlb(), [this] { return figures_of_all(); }),
      m_bind(options.check_protocol) {
  kit::check_resolution();
  build_memory();
  build_smmus();
  build_devices();
  if (m_spaces.ats()) build_ats(source.about());
  for (unsigned i = 0; i < m_devices.size(); ++i) {
    m_devices[i]->connect(m_fabric->link_of(i), m_bind);
  }
  build_software();
  build_observer();
}

platform::~platform() = default;

// Names in indices, and every stream of the trace owned by a device.
topology_plan platform::checked_plan(const trace::summary& about) const {
  topology_plan plan = wire(m_params.topology, m_params.templates());
  if (!plan.problems.empty()) {
    const wiring_problem& p = plan.problems.front();
    throw base::input_error("topology." + p.field + ": " + p.message);
  }
  for (const trace::stream_tag& s : about.streams) {
    if (plan.owner_of(s.sid) != topology_plan::none) continue;
    throw base::input_error(
        fmt::format("no device of the platform owns StreamID {:#x}", s.sid.value()));
  }
  return plan;
}

address_spaces::atc_question platform::atc_question() const {
  const auto has = [](const device_plan& d) { return d.params.ats; };
  if (std::none_of(m_plan.devices.begin(), m_plan.devices.end(), has)) return {};
  return [this](base::stream_id sid) {
    const unsigned owner = m_plan.owner_of(sid);
    return owner != topology_plan::none && m_plan.devices[owner].params.ats;
  };
}

observer::tlb_name platform::largest_tlb() const {
  const bool several = m_plan.smmus.size() > 1 || m_plan.smmus[0].tbus > 1;
  const std::string more = several ? "s, taken together" : "";
  return m_plan.smmus[0].params.tbu.main_tlb.present()
             ? observer::tlb_name{"smmu.tbu.main_tlb", "Main TLB" + more}
             : observer::tlb_name{"smmu.tbu.utlb", "uTLB" + more};
}

void platform::build_memory() {
  // Of an SMMU: its TBUs, walker, command and event queue, and its driver.
  std::vector<unsigned> ports(m_plan.sockets.size());
  for (const smmu_plan& s : m_plan.smmus) ports[s.socket] += s.tbus + 4;
  m_caches =
      std::make_unique<memory_system>(m_params.memory, m_params.topology.between, m_plan.sockets,
                                      ports, m_memory, m_memory_stats, m_bind);
}

void platform::build_smmus() {
  for (unsigned i = 0; i < m_plan.smmus.size(); ++i) {
    const smmu_plan& plan = m_plan.smmus[i];
    m_smmus.push_back(std::make_unique<smmu_unit>(name_if(m_plan.smmus.size(), plan.name), plan,
                                                  m_plan.has_ats(i), m_regs, places_of(i),
                                                  m_smmu_stats));
    smmu_unit& smmu = *m_smmus.back();
    smmu.bind_memory(*m_caches, m_bind);
    if (!m_options.check_isolation) continue;
    for (unsigned t = 0; t < smmu.tbus(); ++t) {
      smmu.tbu(t).on_translated = [this](const arch::access_request& a, const arch::translation&,
                                         base::pa output, const kit::dma_extension& ext) {
        check_isolation(a, output, ext);
      };
    }
    smmu.engine().on_invalidation = [this](const arch::command& c) {
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

void platform::build_devices() {
  // Only a replay that waits for completions gives commands to the SMMU; a device that may lack
  // credits must not know of their return before they are free; and what several share must see
  // requests in order of time.
  const bool alone = m_plan.devices.size() == 1 && m_plan.switches.empty();
  const bool covered = alone && credits_cover(m_plan.devices[0]) && !m_spaces.ats();
  const bool ahead_of_time = !m_replay.wants_completions() && covered;
  m_fabric = std::make_unique<pcie_fabric>(m_plan, m_smmus, ahead_of_time, m_pcie_stats, m_bind);
  for (unsigned i = 0; i < m_plan.devices.size(); ++i) {
    const device_plan& plan = m_plan.devices[i];
    m_devices.push_back(std::make_unique<device_unit>(
        name_if(m_plan.devices.size(), plan.name), plan, covered,
        [this, i](stats::group*) -> trace::feed& { return m_feeds.of(i); }, m_device_stats));
    m_devices.back()->dma().on_finished = [this](base::duration at) {
      m_finished_at = kit::later(m_finished_at, at);
    };
  }
}

// The devices' ATCs, and what serves them. Every page is there before its access, so that nobody
// serves page requests.
void platform::build_ats(const trace::summary& about) {
  std::vector<bool> with_ports;
  for (unsigned i = 0; i < m_smmus.size(); ++i) {
    with_ports.push_back(m_plan.has_ats(i));
    if (with_ports.back()) m_smmus[i]->build_ats();
  }
  for (const auto& d : m_devices) {
    if (d->plan().params.ats) d->build_atc(m_plan.ports[d->plan().port].root_complex.segment);
  }
  std::vector<base::stream_id> functions;
  for (const trace::stream_tag& s : about.streams) {
    if (m_plan.devices[m_plan.owner_of(s.sid)].params.ats) functions.push_back(s.sid);
  }
  m_fabric->build_ats(with_ports, functions);
}

void platform::build_software() {
  std::vector<software::smmu_driver*> all;
  for (std::size_t i = 0; i < m_smmus.size(); ++i) {
    smmu_unit& smmu = *m_smmus[i];
    const smmu::smmu_params& p = smmu.params();
    const smmu_unit::places at = places_of(i);
    const software::smmu_rings rings{at.command_queue, 1u << p.command_queue.log2_entries,
                                     at.event_queue, 1u << p.event_queue.log2_entries,
                                     layout::sync_word + i * next_smmu};
    one_of_many& names = m_driver_names.emplace_back(smmu.name(), m_software_stats);
    m_drivers.push_back(std::make_unique<software::smmu_driver>(
        names.module("smmu_driver").c_str(), m_params.software.smmu_driver, rings, names.group()));
    software::smmu_driver& driver = *m_drivers.back();
    m_bind(driver.to_memory, m_caches->next_port(smmu.socket()), names.check("cpu_interconnect"));
    m_bind(driver.to_registers, smmu.registers().from_cpu, names.check("cpu_registers"));
    smmu.events().on_interrupt = [&driver] { driver.event_interrupt(); };
    smmu.errors().on_raised = [&driver] { driver.error_interrupt(); };
    all.push_back(&driver);
  }
  m_all_drivers = std::make_unique<smmu_drivers>(std::move(all), [this](base::stream_id sid) {
    const unsigned owner = m_plan.owner_of(sid);
    return owner == topology_plan::none ? 0 : m_plan.smmu_of(owner);
  });
  m_replay.set_driver(*m_all_drivers);
}

stream_counts::figures platform::figures_of_all() const {
  stream_counts::figures out;
  for (const auto& unit : m_devices) {
    const device::dma_engine_stats& d = unit->dma().statistics();
    out.whole_ps += static_cast<std::uint64_t>(d.read.whole().sum() + d.write.whole().sum());
    out.faulted += d.faulted.value();
    out.translation += d.translation.whole();
  }
  return out;
}

void platform::build_observer() {
  occupancy_record& over_time = m_observer.occupancy();
  const auto of = [](const std::string& name) { return name.empty() ? "" : " of " + name; };
  const auto inside = [](const std::string& name) { return name.empty() ? "" : name + "."; };
  for (const auto& d : m_devices) {
    const device::dma_engine_params& p = d->plan().params.dma;
    over_time.watch(
        d->dma().statistics().in_flight, fmt::format("device.{}dma.in_flight", inside(d->name())),
        "Requests in flight" + of(d->name()), p.outstanding_reads + p.outstanding_writes);
    d->dma().on_request_done = [this](const tlm::tlm_generic_payload& request, base::duration at,
                                      base::duration translation) {
      m_observer.finished(request, at, translation);
    };
  }
  for (const auto& s : m_smmus) {
    const std::string path = "smmu." + inside(s->name());
    for (unsigned t = 0; t < s->tbus(); ++t) {
      const std::string tbu = s->tbu_name(t);
      const bool alone = s->name().empty() && s->tbus() == 1;
      over_time.watch(s->tbu(t).statistics().slots, path + tbu + ".slots",
                      "TBU translation slots" + of(alone ? "" : inside(s->name()) + tbu),
                      s->params().tbu.slots);
      s->tbu(t).largest_tlb().on_eviction = [this](std::uint64_t by, std::uint64_t victim) {
        m_observer.evicted(by, victim);
      };
    }
    over_time.watch(s->tcu().statistics().slots, path + "tcu.slots",
                    "TCU translation slots" + of(s->name()), s->params().tcu.slots);
    over_time.watch(s->walker().statistics().slots, path + "tcu.walk_slots",
                    "Walk slots" + of(s->name()), s->params().tcu.walk_slots);
  }
}

void platform::on_progress(const std::function<void(std::uint64_t)>& seen) {
  for (const auto& d : m_devices) {
    d->dma().on_progress = [this, seen](std::uint64_t) {
      std::uint64_t done = 0;
      for (const auto& each : m_devices) {
        const device::dma_engine_stats& s = each->dma().statistics();
        done += s.completed.value() + s.faulted.value();
      }
      seen(done);
    };
  }
}

// There is no periodic process, so the kernel runs dry exactly when nothing is left to do.
void platform::run() {
  try {
    sc_core::sc_start();
  } catch (const sc_core::sc_report&) {
    // All that SystemC hands on of an exception is its text.
    if (m_feeds.failure()) std::rethrow_exception(m_feeds.failure());
    if (m_replay.failure()) std::rethrow_exception(m_replay.failure());
    if (m_breach) std::rethrow_exception(m_breach);
    throw;
  }
  m_stats.settle(kit::later(kit::now(), m_finished_at));
  check_finished();
  m_bind.check_drained();
}

void platform::check_finished() const {
  const auto done = [](const auto& d) { return d->dma().finished(); };
  if (std::all_of(m_devices.begin(), m_devices.end(), done)) return;
  throw stuck_error(fmt::format("the run is stuck at {} ps: {}, {} commands outstanding{}",
                                kit::now().value(), under_way(m_devices, m_smmus),
                                m_all_drivers->outstanding(), occupied(m_stats)));
}

}  // namespace svasim::platforms
