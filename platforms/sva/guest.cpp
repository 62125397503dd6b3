#include "platforms/sva/guest.h"

#include <fmt/format.h>

#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"
#include "tlm/kit/setup_task.h"

namespace svasim::platforms {

namespace at = sva_layout;
using kit::hop;
using kit::now;

namespace {
constexpr std::uint64_t page_bytes = 4096;
constexpr std::uint64_t cmdq_prod = 0x98, priq_prod = 0x100c8, priq_cons = 0x100cc;
}  // namespace

guest::guest(sva_platform& p, std::uint32_t number, base::stream_id sid, base::vmid vmid)
    : m_platform(p),
      m_params(p.m_params),
      m_number(number),
      m_sid(sid),
      m_vmid(vmid),
      m_stats(&p.m_stats, fmt::format("guest{}", number).c_str()),
      m_frames(at::guest_frames + number * m_params.vm.memory.value(),
               m_params.vm.memory.value() / page_bytes) {
  m_machine = std::make_unique<cpu::virtual_machine>(fmt::format("vm{}", number).c_str(),
                                                     m_params.vm.cpu, *p.m_cluster, &m_stats);
  build_stage2();
  if (has_vsmmu()) {
    build_vsmmu();
  } else {
    build_viommu();
  }
  if (m_params.served != variant::pinned) build_faults();
}

guest::~guest() = default;

bool guest::pinned_memory() const {
  return m_params.vm.pinned_memory || m_params.served == variant::pinned;
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

software::iommu_ops* guest::iommu() {
  if (m_params.served == variant::pinned) return nullptr;
  return has_vsmmu() ? static_cast<software::iommu_ops*>(m_smmu_driver.get())
                     : static_cast<software::iommu_ops*>(m_viommu_driver.get());
}

void guest::bind(base::substream_id pasid, software::process_memory& mm) {
  if (m_faults) m_faults->bind(pasid, mm);
  if (m_smmu_driver) m_smmu_driver->bind(pasid, m_sid, base::vmid(0));
  m_platform.m_driver->bind(pasid, m_sid, m_vmid);
}

void guest::build_faults() {
  const software::io_pgfault::hops names{hop::gk_work, hop::gk_mm};
  m_faults = std::make_unique<software::io_pgfault>(
      m_params.software.guest.kernel.io_pgfault, m_params.software.guest.kernel.costs, *m_machine,
      kit::actor::gk, *iommu(), &m_platform.m_hops, names, &m_stats);
  if (m_viommu_driver) m_viommu_driver->set_faults(*m_faults);
}

void guest::inject(kit::task& t, unsigned interrupt) {
  t.compute(m_params.software.host.vmm.inject);
  m_machine->interrupt(interrupt);
}

// --- virtio-iommu (b, c, f) ---------------------------------------------------------------------

void guest::attach_at_boot() {
  m_viommu->add_endpoint(m_sid.value());
  arch::viommu_request attach;
  attach.type = m_params.served == variant::pinned ? arch::viommu_type::attach
                                                   : arch::viommu_type::attach_table;
  attach.domain = 1;
  attach.endpoint = m_sid.value();
  if (attach.type == arch::viommu_type::attach_table) attach.format = arch::viommu_format_pasid;
  m_viommu->set_up(attach);
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
  b.machine = m_platform.m_cluster.get();
  b.device = m_viommu.get();
  b.ring = m_ring.get();
  b.host = m_platform.m_driver.get();
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
  m_platform.m_driver->invalidate_stream(t, m_sid, d.asid, base::vmid(0), first,
                                         (removed.back().end - first + 1) / page_bytes, false);
}

// --- emulated SMMU (d, e) -----------------------------------------------------------------------

void guest::build_vsmmu() {
  const std::uint64_t rings = at::guest_rings + m_number * at::per_guest;
  const guest_params& g = m_params.software.guest;
  kit::hop_log* const log = &m_platform.m_hops;
  m_ring = std::make_unique<software::fault_ring>(
      "fault_queue", at::fault_rings + m_number * at::per_guest, m_params.software.host.fault_ring,
      m_params.software.host.kernel.costs, m_params.software.host.vmm, &m_stats);

  software::command_lists::ring commands;
  commands.base = rings + at::ring_commands;
  commands.entries = 1u << g.log2_commands;
  commands.registers = at::guest_smmu;
  commands.msi = rings + at::ring_syncs;
  m_smmu_driver = std::make_unique<software::arm_smmu_v3>(g.smmu, commands, true, log,
                                                          hop::gk_command, &m_stats);
  if (m_params.served == variant::guest_commands) build_own_queue();

  software::smmu_ring pages;
  pages.base = rings + at::ring_pages;
  pages.entries = 1u << g.log2_page_requests;
  pages.entry_bytes = 16;
  pages.prod = at::guest_smmu + priq_prod;
  pages.cons = at::guest_smmu + priq_cons;
  m_page_thread = std::make_unique<software::queue_thread>(
      "priq", g.kernel.costs, pages, *m_machine, kit::actor::gk, 0,
      [this, log](kit::task& t, const std::uint64_t* words) {
        const arch::page_request r = arch::decode_page_request({words[0], words[1]});
        if (r.last) {
          log->enter_no_earlier(software::key_of(r), hop::gk_priq_thread,
                                m_page_thread->woken_at());
        }
        m_faults->report(t, r);
      },
      [this](kit::task&) { m_faults->discard_partial(); }, &m_stats);

  software::vsmmu_rings v;
  v.priq = pages.base + layout::guest_offset;
  v.priq_entries = pages.entries;
  v.cmdq = commands.base + layout::guest_offset;
  v.cmdq_entries = commands.entries;
  v.pa_offset = layout::guest_offset;
  const unsigned interrupt = m_page_thread->interrupt();
  m_vsmmu = std::make_unique<software::vsmmu>(
      m_params.software.host.kernel.costs, m_params.software.host.vmm, v, m_vmid,
      *m_platform.m_cluster, *m_ring, *m_platform.m_driver, log,
      [this, interrupt](kit::task& t) { inject(t, interrupt); }, &m_stats);
  m_machine->trap(
      base::ipa(at::guest_smmu), at::smmu_register_bytes,
      [this](kit::task& t, bool write, std::uint64_t address, std::uint32_t value) {
        return m_vsmmu->access(t, write, address - at::guest_smmu, value);
      },
      true);
}

// A queue of the hardware that the guest writes and rings itself.
void guest::build_own_queue() {
  const std::uint64_t ring = at::guest_rings + m_number * at::per_guest + at::ring_own_commands;
  smmu::command_queue_params p = m_params.smmu.command_queue;
  p.log2_entries = m_params.software.guest.log2_commands;
  const std::string name = fmt::format("guest_queue{}", m_number);
  m_platform.m_guest_queues.push_back(std::make_unique<smmu::guest_command_queue>(
      name.c_str(), p, base::pa(ring + layout::guest_offset), *m_platform.m_engine,
      m_platform.m_errors, &m_platform.m_smmu_stats, name.c_str()));
  smmu::guest_command_queue& queue = *m_platform.m_guest_queues.back();
  queue.assign(m_vmid);
  queue.map_stream(m_sid, m_sid);
  queue.enable(true);
  const std::uint64_t registers = at::own_queue_registers + m_number * 0x10000ull;
  m_platform.m_registers_bus->add(registers, 0x10000,
                                  [&queue](tlm::tlm_generic_payload& access, sc_core::sc_time&) {
                                    std::uint32_t value = 0;
                                    std::memcpy(&value, access.get_data_ptr(), sizeof value);
                                    if (access.is_write() && access.get_address() == cmdq_prod)
                                      queue.write_prod(value);
                                    value = queue.read_index();
                                    if (access.is_read())
                                      std::memcpy(access.get_data_ptr(), &value, sizeof value);
                                    access.set_response_status(tlm::TLM_OK_RESPONSE);
                                  });
  m_machine->pass_through(base::ipa(at::guest_own_queue), 0x10000, base::pa(registers));
  software::command_lists::ring own;
  own.base = ring;
  own.entries = 1u << p.log2_entries;
  own.registers = at::guest_own_queue;
  m_smmu_driver->add_queue(own);
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
  if (!m_ring->push(t, r)) return refuse(t, r);
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
  m_platform.m_driver->respond(t, g, false);
}

}  // namespace svasim::platforms
