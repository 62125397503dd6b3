#include "platforms/sva/host_smmu.h"

#include "platforms/sva/layout.h"

namespace svasim::platforms {

namespace at = sva_layout;
using kit::hop;

namespace {

constexpr std::uint64_t eventq_prod = 0x100a8, eventq_cons = 0x100ac;
constexpr std::uint64_t priq_prod = 0x100c8, priq_cons = 0x100cc;

}  // namespace

host_smmu::host_smmu(const platform_params& params, const smmu::smmu_params& smmu, const wiring& w,
                     stats::group& statistics)
    : m_wiring(w), m_window(w.number * at::next_smmu), m_names(w.name, statistics) {
  build_driver(params, smmu);
  if (!m_wiring.to_guest) {
    const kernel_params& k = params.software.host.kernel;
    m_faults = std::make_unique<software::io_pgfault>(
        k.io_pgfault, k.costs, machine(), kit::actor::hk, *m_driver, m_wiring.log,
        software::io_pgfault::hops{hop::hk_group_work, hop::hk_mm}, m_names.group(),
        m_names.module("iopf_queue"));
  }
  build_threads(params, smmu);
}

void host_smmu::build_driver(const platform_params& params, const smmu::smmu_params& smmu) {
  const software::arm_smmu_v3_params& p = params.software.host.smmu;
  software::command_lists::ring commands;
  commands.base = layout::command_queue.value() + m_window;
  commands.entries = 1u << smmu.command_queue.log2_entries;
  commands.registers = at::smmu_registers + m_window;
  commands.msi = at::sync_words + m_window;
  m_driver = std::make_unique<software::arm_smmu_v3>(p, commands, m_wiring.has_atc, m_wiring.log,
                                                     hop::hk_response, m_names.group());
  for (std::uint32_t i = 0; i < p.ecmdqs; ++i) {
    software::command_lists::ring own = commands;
    own.base = at::ecmdq_rings + m_window + i * at::per_guest;
    own.registers += at::ecmdq_registers + i * 16ull;
    own.prod = 8;
    own.cons = 12;
    own.prod_flags = at::ecmdq_enable;
    own.msi += (i + 1) * 0x1000ull;
    m_driver->add_queue(own);
  }
}

void host_smmu::build_threads(const platform_params& params, const smmu::smmu_params& smmu) {
  const software::kernel_costs& costs = params.software.host.kernel.costs;
  const std::uint64_t registers = at::smmu_registers + m_window;
  const software::smmu_ring pages{at::pri_queue + m_window, 1u << smmu.pri_queue.log2_entries, 16,
                                  registers + priq_prod, registers + priq_cons};
  m_page_thread = std::make_unique<software::queue_thread>(
      m_names.module("priq").c_str(), costs, pages, machine(), kit::actor::hk, m_wiring.cpu,
      [this](kit::task& t, const std::uint64_t* words) {
        serve_page_request(t, arch::decode_page_request({words[0], words[1]}));
      },
      [this](kit::task&) {
        if (m_faults) m_faults->discard_partial();
      },
      m_names.group());
  const software::smmu_ring events{layout::event_queue.value() + m_window,
                                   1u << smmu.event_queue.log2_entries, 32, registers + eventq_prod,
                                   registers + eventq_cons};
  m_event_thread = std::make_unique<software::queue_thread>(
      m_names.module("evtq").c_str(), costs, events, machine(), kit::actor::hk, m_wiring.cpu,
      [this](kit::task& t, const std::uint64_t* words) {
        serve_event(t, arch::decode_event({words[0], words[1], words[2], words[3]}));
      },
      std::function<void(kit::task&)>(), m_names.group());
}

void host_smmu::log_thread(const kit::fault_key& key, const software::queue_thread& thread) {
  m_wiring.log->enter_no_earlier(key, hop::hk_irq_thread, thread.woken_at());
}

void host_smmu::serve_page_request(kit::task& t, const arch::page_request& r) {
  if (r.last) log_thread(software::key_of(r), *m_page_thread);
  if (m_faults) {
    m_faults->report(t, r);
  } else {
    m_wiring.to_guest(t, r);
  }
}

// A stall is a fault group by itself; other events are only counted by their thread.
void host_smmu::serve_event(kit::task& t, const arch::event& e) {
  if (!e.stall || !m_faults) return;
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
  m_faults->report(t, std::move(g));
}

}  // namespace svasim::platforms
