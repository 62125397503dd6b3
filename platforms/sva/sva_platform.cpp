#include "platforms/sva/sva_platform.h"

#include <fmt/format.h>

#include "base/error.h"
#include "platforms/occupied.h"
#include "platforms/platform.h"
#include "platforms/sva/layout.h"

namespace svasim::platforms {

namespace at = sva_layout;
using kit::hop;
using kit::now;

namespace {

arch::table_builder_params tables_for(const platform_params& p) {
  arch::table_builder_params out;
  out.region = layout::tables;
  out.region_size = layout::tables_size;
  out.two_level_stream_table = p.tables.two_level_stream_table;
  out.stage2_page_shift = p.tables.stage2_page_shift();
  out.ipa_bits = p.tables.ipa_bits;
  out.mode = arch::table_mode::stage1;
  if (has_guest(p.served) && p.served != variant::pinned) {
    out.mode = arch::table_mode::nested;
    out.ipa_to_pa = layout::guest_offset;
  }
  return out;
}

// Map and unmap are how variant f works.
platform_params with_requests(platform_params p) {
  p.served = variant::pinned;
  return p;
}

topology_plan checked_plan(const platform_params& p) {
  topology_plan plan = wire(p.topology, p.templates());
  if (plan.problems.empty()) return plan;
  const wiring_problem& first = plan.problems.front();
  throw base::input_error("topology." + first.field + ": " + first.message);
}

// A SMMU with SubstreamIDs, ATS, PRI and both fault models.
arch::registers registers_for(const platform_params& p, const smmu::smmu_params& smmu,
                              const arch::table_builder& tables) {
  arch::registers r;
  r.idr0 |= 1u << 10 | 1u << 13 | 1u << 16;  // ATS, MSI, PRI
  r.idr0 &= ~(3u << 24 | 1u << 26);          // STALL_MODEL both, TERM_MODEL
  r.idr1 = (r.idr1 & ~(31u << 6 | 31u << 11)) | 20u << 6 | 19u << 11;  // SSIDSIZE, PRIQS
  r.idr5 = (r.idr5 & 0xffff) | std::min(smmu.tcu.stalls, 0xffffu) << 16;
  if (p.software.host.smmu.broadcast) r.idr0 |= 1u << 5;  // BTM
  if (p.software.host.smmu.ecmdqs != 0) r.idr1 |= 1u << 31;
  r.cr0 = 0x1f;  // SMMUEN, PRIQEN, EVENTQEN, CMDQEN, ATSCHK
  r.cr2 = 0x2;   // RECINVSID
  tables.configure(r);
  return r;
}

}  // namespace

sva_platform::sva_platform(const platform_params& params, const trace::sva_plan& plan,
                           const sva_options& options)
    : m_params(params),
      m_options(options),
      m_plan(checked_plan(params)),
      m_faults(&m_stats),
      m_tables(m_memory, tables_for(params)),
      m_drivers([this](base::stream_id sid) { return smmu_of(sid); }),
      m_user(std::make_unique<process_user>(params, plan, !options.prefault && !options.ideal)) {
  build();
}

sva_platform::sva_platform(const platform_params& params, trace::source& source,
                           const sva_options& options)
    : m_params(options.requests ? with_requests(params) : params),
      m_options(options),
      m_plan(checked_plan(m_params)),
      m_faults(&m_stats),
      m_tables(m_memory, tables_for(m_params)),
      m_drivers([this](base::stream_id sid) { return smmu_of(sid); }) {
  if (options.requests) {
    m_user = std::make_unique<viommu_user>(source);
  } else {
    m_user = std::make_unique<trace_user>(source, !options.prefault && !options.ideal);
  }
  if (!options.requests && params.served == variant::pinned) {
    throw base::input_error(
        "memory.first_touch: variant f maps all memory before the device comes, so that no page is "
        "absent at first touch; choose another variant");
  }
  build();
}

void sva_platform::build() {
  kit::check_resolution();
  m_hops.on_finished = [this](const kit::finished_fault& f) {
    m_faults.add(f);
    if (!m_device_faults.empty()) m_device_faults[m_plan.owner_of(f.key.sid)]->add(f);
  };
  m_user->place(m_plan);
  place_functions();
  const auto several = m_plan.smmus.size() > 1;
  for (const smmu_plan& s : m_plan.smmus) {
    const std::string name = several ? s.name + "_control" : "control";
    m_controls.push_back(std::make_unique<smmu::control_registers>(
        name.c_str(), s.params.control, registers_for(m_params, s.params, m_tables)));
  }
  build_memory();
  build_smmus();
  build_devices();
  build_host();
  build_functions();
  m_user->start(*this);
  build_interrupts();
  if (m_options.check) build_checker();
}

sva_platform::~sva_platform() = default;

// --- host software ------------------------------------------------------------------------------

void sva_platform::build_host() {
  for (unsigned i = 0; i < m_plan.smmus.size(); ++i) {
    host_smmu::wiring w;
    w.name = m_smmus[i]->name();
    w.number = i;
    cpu::cluster& cluster = *m_clusters[m_plan.cluster_in(m_plan.smmus[i].socket)];
    w.machine = &cluster;
    w.cpu = i % cluster.cpus();
    w.has_atc = has_atc();
    w.log = &m_hops;
    if (has_guest(m_params.served)) {
      w.to_guest = [this](kit::task& t, const arch::page_request& r) {
        for (const auto& g : m_guests) {
          if (g && g->owns(r.sid)) return g->page_request(t, r);
        }
      };
    }
    m_hosts.push_back(
        std::make_unique<host_smmu>(m_params, m_plan.smmus[i].params, w, m_host_stats));
    m_drivers.add(m_hosts.back()->driver());
  }
  m_host_frames =
      std::make_unique<software::frame_allocator>(at::host_frames, at::host_frame_count);
}

// --- run ----------------------------------------------------------------------------------------

// Software that polls never runs dry, so a run is stuck when nothing has been done for long.
void sva_platform::run() {
  const sc_core::sc_time patience = kit::to_sc(m_params.software.watchdog);
  std::uint64_t before = 0;
  while (!m_user->finished()) {
    try {
      sc_core::sc_start(patience);
    } catch (const sc_core::sc_report&) {
      // All that SystemC hands on of an exception is its text.
      if (m_breach) std::rethrow_exception(m_breach);
      if (m_user->failure()) std::rethrow_exception(m_user->failure());
      throw;
    }
    const bool idle = progress() == before || !sc_core::sc_pending_activity();
    if (!m_user->finished() && idle) stuck();
    before = progress();
  }
  m_stats.settle(kit::later(now(), m_finished_at));
}

// Answers count, also those that come too late: a host that is slow is not stuck.
std::uint64_t sva_platform::progress() const {
  using dma = device::dma_engine_stats;
  return commands_consumed() + total(&dma::completed) + total(&dma::faulted) +
         m_faults.resolved.value() + m_faults.unresolved.value();
}

void sva_platform::stuck() const {
  throw stuck_error(fmt::format("the run is stuck at {} ps: {} and {}, {} faults open{}",
                                now().value(), m_user->left(), under_way(m_devices, m_smmus),
                                m_hops.open_count(), occupied(m_stats)));
}

// --- figures ------------------------------------------------------------------------------------

base::duration sva_platform::cpu_time(kit::actor who) const {
  base::duration sum;
  for (const auto& c : m_clusters) sum += base::duration(c->cpu_time().of(who).value());
  return sum;
}

std::uint64_t sva_platform::commands_consumed() const {
  std::uint64_t sum = 0;
  for (const auto& s : m_smmus) sum += s->commands().statistics().consumed.value();
  return sum;
}

std::uint64_t sva_platform::total(stats::counter device::dma_engine_stats::*which) const {
  std::uint64_t sum = 0;
  for (const auto& d : m_devices) sum += (d->dma().statistics().*which).value();
  return sum;
}

std::string sva_platform::first_mismatch() const {
  for (const auto& d : m_devices) {
    if (!d->dma().first_mismatch().empty()) return d->dma().first_mismatch();
  }
  return "";
}

run_parts sva_platform::parts() const {
  run_parts out =
      parts_of(m_params, m_devices, m_smmus, *m_caches, *m_fabric, m_stats, m_finished_at);
  out.kind = {true, true, m_params.served != variant::pinned};
  return out;
}

}  // namespace svasim::platforms
