#include "platforms/sva/guest.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"
#include "tlm/kit/setup_task.h"

namespace svasim::platforms {

namespace at = sva_layout;
using kit::hop;
using kit::now;

namespace {
constexpr std::uint64_t page_bytes = 4096;
}  // namespace

guest::guest(sva_platform& p, std::uint32_t number, const vm_params& params, cpu::cluster& host,
             std::uint64_t first_frame, std::vector<function> functions)
    : m_platform(p),
      m_params(p.m_params),
      m_vm(params),
      m_host(host),
      m_number(number),
      m_functions(std::move(functions)),
      m_vmid(static_cast<std::uint16_t>(number + 1)),
      m_stats(&p.m_stats, fmt::format("guest{}", number).c_str()),
      m_frames(first_frame, params.memory.value() / page_bytes) {
  m_machine = std::make_unique<cpu::virtual_machine>(fmt::format("vm{}", number).c_str(), m_vm.cpu,
                                                     m_host, &m_stats);
  m_machine->set_translation(m_vmid, m_params.tables.stage2_page_shift());
  build_stage2();
  if (has_vsmmu()) {
    build_vsmmus();
  } else {
    build_viommu();
    if (m_params.served != variant::pinned) build_faults();
  }
}

guest::~guest() = default;

bool guest::pinned_memory() const {
  return m_vm.pinned_memory || m_params.served == variant::pinned;
}

void guest::build_stage2() {
  if (pinned_memory()) {
    m_machine->stage2 = [](std::uint64_t ipa, bool) {
      return std::optional<base::pa>(base::pa(ipa + layout::guest_offset));
    };
    return;
  }
  m_machine->stage2 = [this](std::uint64_t ipa, bool) -> std::optional<base::pa> {
    if (!m_platform.m_tables.lookup_stage2(m_vmid, base::ipa(ipa))) return std::nullopt;
    return base::pa(ipa + layout::guest_offset);
  };
  m_machine->on_stage2_fault = [this](kit::task& host, std::uint64_t ipa) {
    kit::hop_log& log = m_platform.m_hops;
    const auto fault = log.served_here();
    const auto before = fault ? log.current(*fault) : std::nullopt;
    if (before) log.enter(*fault, hop::hk_stage2, now());
    host.compute(m_params.software.host.vmm.stage2_fault);
    m_platform.m_tables.back_stage2(m_vmid, base::ipa(ipa));
    if (before) log.enter(*fault, *before, now());
  };
}

bool guest::owns(base::stream_id sid) const {
  return std::any_of(m_functions.begin(), m_functions.end(),
                     [sid](const function& f) { return f.sid == sid; });
}

software::iommu_ops* guest::iommu() {
  if (m_params.served == variant::pinned) return nullptr;
  return has_vsmmu() ? static_cast<software::iommu_ops*>(m_vsmmu_drivers.get())
                     : static_cast<software::iommu_ops*>(m_viommu_driver.get());
}

void guest::bind(base::stream_id sid, base::substream_id pasid, software::process_memory& mm) {
  if (has_vsmmu()) {
    emulated_for(sid).bind(sid, pasid, mm);
  } else {
    m_faults->bind(pasid, mm);
  }
}

void guest::build_faults() {
  const software::io_pgfault::hops names{hop::gk_work, hop::gk_mm};
  m_faults = std::make_unique<software::io_pgfault>(
      m_params.software.guest.kernel.io_pgfault, m_params.software.guest.kernel.costs, *m_machine,
      kit::actor::gk, *m_viommu_driver, &m_platform.m_hops, names, &m_stats);
  m_viommu_driver->set_faults(*m_faults);
}

void guest::inject(kit::task& t, unsigned interrupt) {
  t.compute(m_params.software.host.vmm.inject);
  m_machine->interrupt(interrupt);
}

// --- virtio-iommu (b, c, f) ---------------------------------------------------------------------

void guest::attach_at_boot() {
  for (const function& f : m_functions) {
    m_viommu->add_endpoint(f.sid.value());
    arch::viommu_request attach;
    attach.type = m_params.served == variant::pinned ? arch::viommu_type::attach
                                                     : arch::viommu_type::attach_table;
    attach.domain = 1;
    attach.endpoint = f.sid.value();
    if (attach.type == arch::viommu_type::attach_table) attach.format = arch::viommu_format_pasid;
    m_viommu->set_up(attach);
  }
}

void guest::build_viommu() {
  const std::uint64_t rings = at::guest_rings + m_number * at::per_guest;
  const virtio::viommu_params& v = m_params.viommu;
  m_requests = std::make_unique<virtio::driver_queue>(
      v.requests, base::ipa(rings + at::ring_requests), &m_stats, "viommu_requests");
  m_events = std::make_unique<virtio::driver_queue>(v.events, base::ipa(rings + at::ring_events),
                                                    &m_stats, "viommu_events");
  m_viommu = std::make_unique<virtio::virtio_iommu>(
      v, m_requests->layout(), m_events->layout(),
      [](base::ipa ipa) {
        return std::optional<base::pa>(base::pa(ipa.value() + layout::guest_offset));
      },
      &m_stats, "viommu");
  if (!m_platform.m_options.requests) attach_at_boot();

  software::viommu_driver::wiring d;
  d.machine = m_machine.get();
  d.requests = m_requests.get();
  d.events = m_events.get();
  d.request_kick = at::guest_kicks;
  d.event_kick = at::guest_kicks + page_bytes;
  d.buffers = rings + at::ring_buffers;
  d.layout = v.fault_layout;
  d.log = &m_platform.m_hops;
  m_viommu_driver = std::make_unique<software::viommu_driver>(
      m_params.software.guest.viommu, m_params.software.guest.kernel.costs, d, &m_stats);

  kit::setup_task before(m_platform.m_memory,
                         [](std::uint64_t ipa) { return base::pa(ipa + layout::guest_offset); });
  m_viommu_driver->set_up(before);

  software::viommu_backend::wiring b;
  if (in_user_space()) {
    m_ring = std::make_unique<software::fault_ring>(
        "fault_ring", at::fault_rings + m_number * at::per_guest, m_params.software.host.fault_ring,
        m_params.software.host.kernel.costs, m_params.software.host.vmm, &m_stats);
  }
  b.machine = &m_host;
  b.device = m_viommu.get();
  b.ring = m_ring.get();
  b.host = &m_platform.m_drivers;
  b.log = &m_platform.m_hops;
  b.response_region = at::response_regions + m_number * page_bytes;
  const unsigned interrupt = m_viommu_driver->event_interrupt();
  b.inject = [this, interrupt](kit::task& t) { inject(t, interrupt); };
  b.on_map = [this](kit::task& t, const arch::viommu_request& r) { map_for_host(t, r); };
  b.on_unmap = [this](kit::task& t, const arch::viommu_request& r,
                      const std::vector<kit::viommu_mapping>& removed) {
    unmap_for_host(t, r, removed);
  };
  m_backend = std::make_unique<software::viommu_backend>(m_params.software.host.viommu,
                                                         m_params.software.host.kernel.costs,
                                                         m_params.software.host.vmm, b, &m_stats);
  m_machine->trap(
      base::ipa(d.request_kick), page_bytes,
      [this](kit::task& t, bool, std::uint64_t, std::uint32_t) {
        m_backend->kick_requests(t);
        return 0u;
      },
      false);
  m_machine->trap(
      base::ipa(d.event_kick), page_bytes,
      [this](kit::task& t, bool, std::uint64_t, std::uint32_t) {
        m_backend->kick_events(t);
        return 0u;
      },
      false);
}

// VFIO maps at page granularity what the guest maps; stores of the tables are part of the cost.
void guest::map_for_host(kit::task& t, const arch::viommu_request& r) {
  const std::uint64_t pages = (r.virt_end - r.virt_start + 1) / page_bytes;
  const bound_domain d = domain_at(r.domain);
  t.compute(base::duration(m_params.software.host.vmm.vfio_map_page.value() * pages));
  for (std::uint64_t i = 0; i < pages; ++i) {
    m_platform.m_tables.map(d.domain, base::iova(r.virt_start + i * page_bytes),
                            r.phys_start + i * page_bytes + layout::guest_offset, 12, true);
  }
}

// One invalidation for all that goes: the mappings lie side by side.
void guest::unmap_for_host(kit::task& t, const arch::viommu_request& r,
                           const std::vector<kit::viommu_mapping>& removed) {
  const bound_domain d = domain_at(r.domain);
  for (const kit::viommu_mapping& m : removed) {
    const std::uint64_t pages = (m.end - m.start + 1) / page_bytes;
    t.compute(base::duration(m_params.software.host.vmm.vfio_map_page.value() * pages));
    m_platform.m_tables.unmap(d.domain, base::iova(m.start), base::byte_size(pages * page_bytes),
                              false);
  }
  if (removed.empty()) return;
  const std::uint64_t first = removed.front().start;
  const std::uint64_t pages = (removed.back().end - first + 1) / page_bytes;
  std::set<unsigned> smmus;
  for (const function& f : m_functions) {
    if (!smmus.insert(f.smmu).second) continue;
    m_platform.m_drivers.of(f.sid).invalidate_stream(t, f.sid, d.asid, base::vmid(0), first, pages,
                                                     false);
  }
}

// --- emulated SMMU (d, e) -----------------------------------------------------------------------

void guest::build_vsmmus() {
  m_vsmmu_drivers = std::make_unique<smmu_set>([this](base::stream_id sid) {
    const auto& all = m_vsmmus;
    const auto it =
        std::find_if(all.begin(), all.end(), [sid](const auto& v) { return v->owns(sid); });
    return static_cast<std::size_t>(it - all.begin());
  });
  std::map<unsigned, std::vector<base::stream_id>> behind;
  for (const function& f : m_functions) behind[f.smmu].push_back(f.sid);
  for (const auto& [smmu, streams] : behind) {
    emulated_smmu::wiring w;
    w.name = behind.size() > 1 ? m_platform.m_smmus[smmu]->name() : "";
    w.guest = m_number;
    w.index = static_cast<unsigned>(m_vsmmus.size());
    w.number = smmu;
    w.vmid = m_vmid;
    w.streams = streams;
    w.machine = m_machine.get();
    w.host_machine = &m_host;
    w.host = &m_platform.m_hosts[smmu]->driver();
    w.smmu = m_platform.m_smmus[smmu].get();
    w.registers = m_platform.m_registers_bus.get();
    w.log = &m_platform.m_hops;
    w.inject = [this](kit::task& t, unsigned interrupt) { inject(t, interrupt); };
    m_vsmmus.push_back(std::make_unique<emulated_smmu>(m_params, w, m_stats));
    m_vsmmu_drivers->add(m_vsmmus.back()->driver());
  }
}

emulated_smmu& guest::emulated_for(base::stream_id sid) {
  for (const auto& v : m_vsmmus) {
    if (v->owns(sid)) return *v;
  }
  throw std::logic_error("a stream of another guest");
}

// --- page requests ------------------------------------------------------------------------------

void guest::page_request(kit::task& t, const arch::page_request& r) {
  kit::hop_log& log = m_platform.m_hops;
  const kit::fault_key key = software::key_of(r);
  if (m_params.served == variant::kernel_viommu) {
    if (!m_backend->deliver(t, r)) refuse(t, r);
    return;
  }
  const hop first = has_vsmmu() ? hop::hk_fault_queue : hop::hk_fault_ring;
  if (r.last) log.enter(key, first, now());
  software::fault_ring& ring = has_vsmmu() ? emulated_for(r.sid).ring() : *m_ring;
  if (!ring.push(t, r)) return refuse(t, r);
  // The VMM may have been quicker.
  if (r.last && log.current(key) == first) {
    log.enter(key, has_vsmmu() ? hop::vmm_guest_queue : hop::vmm_fault_thread, now());
  }
}

// There is no room: the host answers for the guest, once for a group.
void guest::refuse(kit::task& t, const arch::page_request& r) {
  if (!r.last || r.is_stop_marker()) return;
  software::fault_group g;
  g.sid = r.sid;
  g.has_pasid = r.has_ssid;
  g.pasid = r.ssid;
  g.tag = r.prg_index;
  m_platform.m_drivers.respond(t, g, false);
}

}  // namespace svasim::platforms
