// The address spaces of an SVA platform: functions, guests and processes, and who checks on them.
#include <utility>

#include "platforms/platform.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

using kit::now;

namespace {
constexpr unsigned pasid_bits = 16;
}

// --- processes ----------------------------------------------------------------------------------

void sva_platform::place_functions() {
  for (std::uint32_t i = 0; i < m_user->functions(); ++i) {
    device_function f;
    f.sid = m_user->stream(i);
    f.device = m_plan.owner_of(f.sid);
    f.smmu = m_plan.smmu_of(f.device);
    f.vm = m_user->vm_of(i);
    m_functions.push_back(f);
  }
}

void sva_platform::build_functions() {
  const bool guests = has_guest(m_params.served);
  for (const device_function& f : m_functions) {
    if (m_params.served == variant::pinned) break;
    arch::process_stream s;
    s.vmid = base::vmid(static_cast<std::uint16_t>(guests ? f.vm + 1 : 0));
    s.pasid_bits = pasid_bits;
    s.eats = has_atc() ? 1 : 0;
    s.ppar = true;
    m_tables.attach_processes(f.sid, s);
  }
  if (guests) build_guests();
}

void sva_platform::build_guests() {
  for (std::size_t i = 0; i < m_functions.size();) {
    const std::uint32_t vm = m_functions[i].vm;
    std::vector<guest::function> of;
    for (; i < m_functions.size() && m_functions[i].vm == vm; ++i) {
      of.push_back({m_functions[i].sid, m_functions[i].smmu});
    }
    m_guests.push_back(std::make_unique<guest>(*this, vm, of));
  }
}

sva_platform::process_space sva_platform::add_process(const std::vector<std::uint32_t>& functions,
                                                      const std::string& name, std::uint64_t seed) {
  const device_function& first = m_functions[functions.front()];
  guest* const g = m_guests.empty() ? nullptr : m_guests[first.vm].get();
  const auto index = static_cast<std::uint32_t>(m_memories.size());
  const bool pinned = m_params.served == variant::pinned;
  process_space out;
  out.statistics = &m_process_stats;
  out.machine = g != nullptr ? static_cast<kit::machine*>(&g->machine()) : m_clusters[0].get();
  out.who = g != nullptr ? kit::actor::gk : kit::actor::hk;
  out.kernel = g != nullptr ? &m_params.software.guest.kernel : &m_params.software.host.kernel;

  software::process_memory::identity who;
  who.pasid = base::substream_id(index + 1);
  who.asid = base::asid(static_cast<std::uint16_t>(index + 1));
  arch::domain_params domain;
  domain.asid = who.asid;
  domain.vmid = g != nullptr && !pinned ? g->vmid() : base::vmid(0);
  domain.stall = stalls();
  domain.shared = m_params.software.host.smmu.broadcast;
  who.domain = m_tables.add_domain(domain);
  who.pa_offset = g != nullptr ? layout::guest_offset : 0;
  m_memories.push_back(std::make_unique<software::process_memory>(
      out.kernel->mm, out.kernel->costs, m_tables, who, g != nullptr ? g->frames() : *m_host_frames,
      seed, &m_process_stats, name.c_str()));
  software::process_memory& mm = *m_memories.back();
  out.memory = &mm;
  if (pinned) {
    out.mapping = g->mapping();
    mm.use_tables(false);
    if (g->set_domain(who.domain, who.asid)) {
      for (const std::uint32_t f : functions) m_tables.attach(m_functions[f].sid, who.domain);
    }
    return out;
  }
  bind_space(out, functions, g, domain.vmid);
  return out;
}

// The address space at each function, and who is told of its changes.
void sva_platform::bind_space(process_space& space, const std::vector<std::uint32_t>& functions,
                              guest* g, base::vmid vmid) {
  software::process_memory& mm = *space.memory;
  const software::process_memory::identity& who = mm.who();
  if (m_params.software.host.smmu.broadcast) {
    // What the CPUs broadcast has the VMID that the SMMU has for the machine.
    mm.on_broadcast = [this, g, vmid](kit::task& t, const arch::command& c) {
      arch::command tlbi = c;
      tlbi.vmid = vmid;
      g != nullptr ? g->machine().broadcast(t, tlbi) : m_clusters[0]->broadcast(t, tlbi);
    };
  }
  for (const std::uint32_t i : functions) {
    const device_function& f = m_functions[i];
    m_tables.bind(f.sid, who.pasid, who.domain);
    m_drivers.of(f.sid).bind(who.pasid, f.sid, vmid);
    if (g != nullptr) {
      g->bind(f.sid, who.pasid, mm);
    } else {
      m_hosts[f.smmu]->faults()->bind(who.pasid, mm);
    }
  }
  if (g != nullptr) {
    mm.set_iommu(g->iommu());
    mm.touch_frames(!g->pinned_memory());
  } else {
    mm.set_iommu(&m_drivers);
  }
}

void sva_platform::on_engine_done(std::function<void()> done) {
  for (const auto& d : m_devices) {
    d->dma().on_finished = [this, done](base::duration) {
      if (++m_engines_done == m_devices.size()) done();
    };
  }
}

void sva_platform::user_finished() {
  m_finished_at = now();
  sc_core::sc_pause();
}

// --- isolation ----------------------------------------------------------------------------------

void sva_platform::build_checker() {
  if (m_options.requests) {
    m_walk_checker = std::make_unique<isolation_checker>(m_controls[0]->view(), m_memory);
  }
  for (const auto& mm : m_memories) {
    const std::uint32_t pasid = mm->who().pasid.value();
    const std::uint64_t offset = mm->who().pa_offset;
    software::process_memory::observer o;
    o.mapped = [this, pasid, offset](std::uint64_t address, std::uint64_t frame, bool writable) {
      m_checker.mapped(pasid, address, frame + offset, writable);
    };
    o.released = [this, offset](std::uint64_t frame) { m_checker.released(frame + offset); };
    o.made_read_only = [this, offset](std::uint64_t frame) {
      m_checker.made_read_only(frame + offset);
    };
    mm->observe(std::move(o));
  }
  for (const auto& smmu : m_smmus) {
    for (unsigned i = 0; i < smmu->tbus(); ++i) {
      smmu->tbu(i).on_translated =
          [this](const arch::access_request& access, const arch::translation&, base::pa output,
                 const kit::dma_extension& ext) { check(access, output, ext); };
    }
  }
}

void sva_platform::check(const arch::access_request& access, base::pa output,
                         const kit::dma_extension& ext) {
  const bool ats = access.kind == arch::transaction_kind::translated;
  const std::uint32_t pasid = m_params.served == variant::pinned ? 0 : ext.ssid.value();
  try {
    if (m_walk_checker) return m_walk_checker->check(access, output);
    m_checker.check(pasid, ats ? ext.virtual_address.value() : access.address, output.value(),
                    access.write);
  } catch (const isolation_error&) {
    m_breach = std::current_exception();
    throw;
  }
}

}  // namespace svasim::platforms
