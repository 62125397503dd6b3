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

constexpr std::uint64_t eventq_prod = 0x100a8, eventq_cons = 0x100ac;
constexpr std::uint64_t priq_prod = 0x100c8, priq_cons = 0x100cc;

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

// A SMMU with SubstreamIDs, ATS, PRI and both fault models.
arch::registers registers_for(const platform_params& p, const arch::table_builder& tables) {
  arch::registers r;
  r.idr0 |= 1u << 10 | 1u << 13 | 1u << 16;  // ATS, MSI, PRI
  r.idr0 &= ~(3u << 24 | 1u << 26);          // STALL_MODEL both, TERM_MODEL
  r.idr1 = (r.idr1 & ~(31u << 6 | 31u << 11)) | 20u << 6 | 19u << 11;  // SSIDSIZE, PRIQS
  r.idr5 = (r.idr5 & 0xffff) | std::min(p.smmu.tcu.stalls, 0xffffu) << 16;
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
      m_faults(&m_stats),
      m_tables(m_memory, tables_for(params)),
      m_user(std::make_unique<process_user>(params, plan, !options.prefault && !options.ideal)) {
  build();
}

sva_platform::sva_platform(const platform_params& params, trace::source& source,
                           const sva_options& options)
    : m_params(options.requests ? with_requests(params) : params),
      m_options(options),
      m_faults(&m_stats),
      m_tables(m_memory, tables_for(m_params)) {
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
  if (!m_params.topology.empty()) {
    throw base::input_error(
        "topology: SVA workloads, runs at first touch and virtio-iommu logs know one device and "
        "one SMMU only yet");
  }
  m_hops.on_finished = [this](const kit::finished_fault& f) { m_faults.add(f); };
  m_control = std::make_unique<smmu::control_registers>("control", m_params.smmu.control,
                                                        registers_for(m_params, m_tables));
  build_memory();
  build_smmu();
  build_device();
  build_host();
  build_functions();
  m_user->start(*this);
  build_interrupts();
  if (m_options.check) build_checker();
}

sva_platform::~sva_platform() = default;

// --- host software ------------------------------------------------------------------------------

void sva_platform::build_host() {
  const host_params& h = m_params.software.host;
  software::command_lists::ring commands;
  commands.base = layout::command_queue.value();
  commands.entries = 1u << m_params.smmu.command_queue.log2_entries;
  commands.registers = at::smmu_registers;
  commands.msi = at::sync_words;
  m_driver = std::make_unique<software::arm_smmu_v3>(h.smmu, commands, has_atc(), &m_hops,
                                                     hop::hk_response, &m_host_stats);
  for (std::uint32_t i = 0; i < h.smmu.ecmdqs; ++i) {
    software::command_lists::ring own = commands;
    own.base = at::ecmdq_rings + i * at::per_guest;
    own.registers = at::smmu_registers + at::ecmdq_registers + i * 16ull;
    own.prod = 8;
    own.cons = 12;
    own.prod_flags = at::ecmdq_enable;
    own.msi += (i + 1) * 0x1000ull;
    m_driver->add_queue(own);
  }
  m_host_frames =
      std::make_unique<software::frame_allocator>(at::host_frames, at::host_frame_count);
  if (!has_guest(m_params.served)) {
    m_host_faults = std::make_unique<software::io_pgfault>(
        h.kernel.io_pgfault, h.kernel.costs, *m_cluster, kit::actor::hk, *m_driver, &m_hops,
        software::io_pgfault::hops{hop::hk_group_work, hop::hk_mm}, &m_host_stats);
  }
  software::smmu_ring pages{at::pri_queue, 1u << m_params.smmu.pri_queue.log2_entries, 16,
                            at::smmu_registers + priq_prod, at::smmu_registers + priq_cons};
  m_page_thread = std::make_unique<software::queue_thread>(
      "priq", h.kernel.costs, pages, *m_cluster, kit::actor::hk, 0,
      [this](kit::task& t, const std::uint64_t* words) {
        serve_page_request(t, arch::decode_page_request({words[0], words[1]}));
      },
      [this](kit::task&) {
        if (m_host_faults) m_host_faults->discard_partial();
      },
      &m_host_stats);
  software::smmu_ring events{layout::event_queue.value(),
                             1u << m_params.smmu.event_queue.log2_entries, 32,
                             at::smmu_registers + eventq_prod, at::smmu_registers + eventq_cons};
  m_event_thread = std::make_unique<software::queue_thread>(
      "evtq", h.kernel.costs, events, *m_cluster, kit::actor::hk, 0,
      [this](kit::task& t, const std::uint64_t* words) {
        serve_event(t, arch::decode_event({words[0], words[1], words[2], words[3]}));
      },
      std::function<void(kit::task&)>(), &m_host_stats);
}

void sva_platform::log_thread(const kit::fault_key& key, const software::queue_thread& thread) {
  m_hops.enter_no_earlier(key, hop::hk_irq_thread, thread.woken_at());
}

void sva_platform::serve_page_request(kit::task& t, const arch::page_request& r) {
  if (r.last) log_thread(software::key_of(r), *m_page_thread);
  if (m_host_faults) {
    m_host_faults->report(t, r);
    return;
  }
  for (const auto& g : m_guests) {
    if (g->sid() == r.sid) return g->page_request(t, r);
  }
}

// A stall is a fault group by itself; other events are only counted by their thread.
void sva_platform::serve_event(kit::task& t, const arch::event& e) {
  if (!e.stall || !m_host_faults) return;
  software::fault_group g;
  g.sid = e.sid;
  g.has_pasid = e.has_ssid;
  g.pasid = e.ssid;
  g.tag = e.stag;
  g.stalled = true;
  arch::page_request r;
  r.sid = e.sid;
  r.has_ssid = e.has_ssid;
  r.ssid = e.ssid;
  r.read = e.read;
  r.write = !e.read;
  r.last = true;
  r.address = e.input_address & ~std::uint64_t{0xfff};
  g.requests.push_back(r);
  log_thread(g.key(), *m_event_thread);
  m_host_faults->report(t, std::move(g));
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
  return commands_consumed() + m_dma->statistics().completed.value() +
         m_dma->statistics().faulted.value() + m_faults.resolved.value() +
         m_faults.unresolved.value();
}

void sva_platform::stuck() const {
  throw stuck_error(fmt::format(
      "the run is stuck at {} ps: {} and {} requests in flight at the device, {} TBU slots, {} TCU "
      "slots and {} walk slots in use, {} faults open{}",
      now().value(), m_user->left(), m_dma->statistics().in_flight.current(),
      m_tbu->statistics().slots.current(), m_tcu->statistics().slots.current(),
      m_walker->statistics().slots.current(), m_hops.open_count(), occupied(m_stats)));
}

}  // namespace svasim::platforms
