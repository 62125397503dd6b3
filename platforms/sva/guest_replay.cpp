// What a guest has for a recorded virtio-iommu log.
#include "platforms/sva/guest.h"
#include "platforms/sva/layout.h"
#include "platforms/sva/sva_platform.h"

namespace svasim::platforms {

namespace at = sva_layout;

namespace {
constexpr unsigned page_shift = 12;
}

guest::bound_domain& guest::domain_at(std::uint32_t number) {
  const auto known = m_domains.find(number);
  if (known != m_domains.end()) return known->second;
  bound_domain& d = m_domains[number];
  d.asid = base::asid(static_cast<std::uint16_t>(m_domains.size()));
  arch::domain_params p;
  p.asid = d.asid;
  d.domain = m_platform.m_tables.add_domain(p);
  return d;
}

void guest::add_endpoint(base::stream_id sid, std::uint32_t domain) {
  m_viommu->add_endpoint(sid.value());
  m_platform.m_tables.attach(sid, domain_at(domain).domain);
}

void guest::attach_before(base::stream_id sid, std::uint32_t domain) {
  arch::viommu_request r;
  r.type = arch::viommu_type::attach;
  r.domain = domain;
  r.endpoint = sid.value();
  m_viommu->set_up(r);
}

void guest::map_before(std::uint32_t domain, std::uint64_t page, std::uint64_t output) {
  arch::viommu_request r;
  r.type = arch::viommu_type::map;
  r.domain = domain;
  r.virt_start = page;
  r.virt_end = page + (1u << page_shift) - 1;
  r.phys_start = output;
  r.flags = arch::viommu_map_read | arch::viommu_map_write;
  m_viommu->set_up(r);
  m_platform.m_tables.map(domain_at(domain).domain, base::iova(page), output + layout::guest_offset,
                          page_shift, true);
}

bool guest::is_mapped(std::uint32_t domain, std::uint64_t address) {
  return m_platform.m_tables.lookup(domain_at(domain).domain, base::iova(address)).has_value();
}

// The commands' ring of an emulated SMMU is free here.
std::unique_ptr<virtio::request_replay> guest::replay_requests() {
  auto driver = std::make_unique<virtio::request_replay>(
      m_params.software.guest.replay, *m_requests,
      at::guest_rings + m_number * at::per_guest + at::ring_commands,
      [](kit::task& t) { t.write_register(at::guest_kicks, 0); }, &m_stats, "replay");
  kit::task_options o;
  o.name = "viommu_replay";
  o.who = kit::actor::gk;
  m_machine->spawn(o, [d = driver.get()](kit::task& t) { d->run(t); });
  return driver;
}

}  // namespace svasim::platforms
