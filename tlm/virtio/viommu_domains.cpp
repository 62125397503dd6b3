#include "tlm/virtio/viommu_domains.h"

#include <algorithm>

#include "base/bits.h"

namespace svasim::virtio {

using arch::viommu_property;
using arch::viommu_request;
using arch::viommu_status;
using arch::viommu_type;
using kit::viommu_mapping;

void viommu_domains::add_endpoint(std::uint32_t id,
                                  std::vector<arch::viommu_probe_property> regions) {
  m_endpoints[id].reserved = std::move(regions);
}

const viommu_domains::domain* viommu_domains::domain_at(std::uint32_t id) const {
  const auto it = m_domains.find(id);
  return it == m_domains.end() ? nullptr : &it->second;
}

// --- what a request gets ------------------------------------------------------------------------

viommu_status viommu_domains::check(const viommu_request& r,
                                    std::vector<viommu_mapping>& removed) const {
  removed.clear();
  const bool extension = r.type >= viommu_type::attach_table;
  if (extension && !m_params.page_tables) return status::unsupp;
  if (r.type == viommu_type::probe && m_params.probe_size == 0) return status::unsupp;
  if (r.reserved_set) return status::inval;
  switch (r.type) {
    case viommu_type::attach:
      return check_attach(r);
    case viommu_type::detach:
      return check_detach(r);
    case viommu_type::map:
      return check_map(r);
    case viommu_type::unmap:
      return check_unmap(r, removed);
    case viommu_type::probe:
      return m_endpoints.count(r.endpoint) != 0 ? status::ok : status::noent;
    case viommu_type::attach_table:
      return check_table(r);
    case viommu_type::invalidate:
      return check_invalidate(r);
    case viommu_type::page_resp:
      return check_response(r);
  }
  return status::unsupp;
}

viommu_status viommu_domains::check_attach(const viommu_request& r) const {
  const bool bypass = (r.flags & arch::viommu_attach_bypass) != 0;
  if ((r.flags & ~arch::viommu_attach_bypass) != 0) return status::inval;
  if (bypass && !m_params.bypass_config) return status::inval;
  if (m_endpoints.count(r.endpoint) == 0) return status::noent;
  if (r.domain >= m_params.domains) return status::range;
  const domain* d = domain_at(r.domain);
  const domain_kind kind = bypass ? domain_kind::bypass : domain_kind::mappings;
  return d == nullptr || d->kind == kind ? status::ok : status::inval;
}

viommu_status viommu_domains::check_detach(const viommu_request& r) const {
  const auto e = m_endpoints.find(r.endpoint);
  if (e == m_endpoints.end()) return status::noent;
  return e->second.domain == r.domain ? status::ok : status::inval;
}

viommu_status viommu_domains::check_map(const viommu_request& r) const {
  const std::uint32_t known =
      arch::viommu_map_read | arch::viommu_map_write | (m_params.mmio ? arch::viommu_map_mmio : 0);
  if ((r.flags & ~known) != 0) return status::inval;
  const domain* d = domain_at(r.domain);
  if (d == nullptr) return status::noent;
  if (d->kind != domain_kind::mappings) return status::inval;
  const status s = check_map_range(r);
  if (s != status::ok) return s;
  const auto next = d->map.upper_bound(r.virt_end);
  const bool overlaps = next != d->map.begin() && std::prev(next)->second.end >= r.virt_start;
  if (overlaps || reserved(*d, r.virt_start, r.virt_end)) return status::inval;
  return m_mapping_count < m_params.mappings ? status::ok : status::nomem;
}

viommu_status viommu_domains::check_map_range(const viommu_request& r) const {
  const std::uint64_t offset = base::low_mask(m_params.granule_shift);
  if (((r.virt_start | r.phys_start | (r.virt_end + 1)) & offset) != 0) return status::range;
  if (r.virt_end < r.virt_start || r.virt_end > base::low_mask(m_params.input_bits)) {
    return status::range;
  }
  const std::uint64_t highest = base::low_mask(m_params.output_bits);
  const std::uint64_t length = r.virt_end - r.virt_start;
  return r.phys_start <= highest && length <= highest - r.phys_start ? status::ok : status::range;
}

viommu_status viommu_domains::check_unmap(const viommu_request& r,
                                          std::vector<viommu_mapping>& removed) const {
  const domain* d = domain_at(r.domain);
  if (d == nullptr) return status::noent;
  if (d->kind != domain_kind::mappings) return status::inval;
  if (r.virt_end < r.virt_start) return status::range;
  auto it = d->map.upper_bound(r.virt_start);
  if (it != d->map.begin() && std::prev(it)->second.end >= r.virt_start) --it;
  for (; it != d->map.end() && it->first <= r.virt_end; ++it) {
    if (it->first < r.virt_start || it->second.end > r.virt_end) {
      removed.clear();
      return status::range;
    }
    removed.push_back(it->second);
  }
  return status::ok;
}

viommu_status viommu_domains::check_table(const viommu_request& r) const {
  if (m_endpoints.count(r.endpoint) == 0) return status::noent;
  if (r.domain >= m_params.domains) return status::range;
  const domain* d = domain_at(r.domain);
  if (d != nullptr && d->kind == domain_kind::bypass) return status::inval;
  if (d != nullptr && !d->map.empty()) return status::inval;
  if (r.format != arch::viommu_format_lpae && r.format != arch::viommu_format_pasid) {
    return status::unsupp;
  }
  const bool fields = r.s1fmt <= 2 && r.s1dss <= 2 && r.s1cdmax <= m_params.pasid_bits;
  return fields ? status::ok : status::inval;
}

viommu_status viommu_domains::check_invalidate(const viommu_request& r) const {
  const domain* d = domain_at(r.domain);
  if (d == nullptr) return status::noent;
  constexpr std::uint16_t types =
      arch::viommu_inv_iotlb | arch::viommu_inv_dev_iotlb | arch::viommu_inv_pasid_cache;
  constexpr std::uint32_t flags =
      arch::viommu_inv_pasid_valid | arch::viommu_inv_archid_valid | arch::viommu_inv_leaf;
  const bool granularity = r.inv_gran == arch::viommu_inv_domain ||
                           r.inv_gran == arch::viommu_inv_pasid ||
                           r.inv_gran == arch::viommu_inv_va;
  if (!granularity || d->kind != domain_kind::table) return status::inval;
  if (r.inv_type == 0 || (r.inv_type & ~types) != 0 || (r.flags & ~flags) != 0) {
    return status::inval;
  }
  if (r.inv_gran != arch::viommu_inv_va) return status::ok;
  if (r.granule < 12 || r.granule > 30 || r.pages == 0) return status::range;
  const std::uint64_t most = (~std::uint64_t{0} >> r.granule) - (r.virt_start >> r.granule);
  const bool aligned = (r.virt_start & base::low_mask(r.granule)) == 0;
  return aligned && r.pages - 1 <= most ? status::ok : status::range;
}

viommu_status viommu_domains::check_response(const viommu_request& r) const {
  const auto e = m_endpoints.find(r.endpoint);
  if (e == m_endpoints.end()) return status::noent;
  const bool good = e->second.domain == r.domain && r.code <= 2 &&
                    (r.flags & ~arch::viommu_resp_pasid_valid) == 0;
  return good ? status::ok : status::inval;
}

bool viommu_domains::reserved(const domain& d, std::uint64_t start, std::uint64_t end) const {
  for (const std::uint32_t id : d.endpoints) {
    for (const arch::viommu_probe_property& p : m_endpoints.at(id).reserved) {
      const bool apart = p.end < start || p.start > end;
      if (p.type == viommu_property::resv_mem && !apart) return true;
    }
  }
  return false;
}

// --- what it does -------------------------------------------------------------------------------

void viommu_domains::apply(const viommu_request& r) {
  switch (r.type) {
    case viommu_type::attach: {
      const bool bypass = (r.flags & arch::viommu_attach_bypass) != 0;
      return attach(r.endpoint, r.domain, bypass ? domain_kind::bypass : domain_kind::mappings);
    }
    case viommu_type::attach_table:
      return attach(r.endpoint, r.domain, domain_kind::table);
    case viommu_type::detach:
      return detach(r.endpoint);
    case viommu_type::map:
      m_domains.at(r.domain).map[r.virt_start] = {r.virt_start, r.virt_end, r.phys_start, r.flags};
      ++m_mapping_count;
      return;
    case viommu_type::unmap:
      return unmap(m_domains.at(r.domain), r.virt_start, r.virt_end);
    case viommu_type::probe:
    case viommu_type::invalidate:
    case viommu_type::page_resp:
      return;
  }
}

// An endpoint that was elsewhere moves; one that stays keeps the domain alive.
void viommu_domains::attach(std::uint32_t id, std::uint32_t to, domain_kind kind) {
  endpoint& e = m_endpoints.at(id);
  if (e.domain != to) {
    detach(id);
    std::vector<std::uint32_t>& all = m_domains[to].endpoints;
    all.insert(std::lower_bound(all.begin(), all.end(), id), id);
    e.domain = to;
  }
  m_domains.at(to).kind = kind;
}

void viommu_domains::detach(std::uint32_t id) {
  endpoint& e = m_endpoints.at(id);
  if (!e.domain) return;
  const auto it = m_domains.find(*e.domain);
  e.domain.reset();
  std::vector<std::uint32_t>& all = it->second.endpoints;
  all.erase(std::find(all.begin(), all.end(), id));
  if (!all.empty()) return;
  m_mapping_count -= it->second.map.size();
  m_domains.erase(it);
}

void viommu_domains::unmap(domain& d, std::uint64_t start, std::uint64_t end) {
  auto it = d.map.lower_bound(start);
  while (it != d.map.end() && it->first <= end) {
    it = d.map.erase(it);
    --m_mapping_count;
  }
}

// --- what there is ------------------------------------------------------------------------------

std::vector<arch::viommu_probe_property> viommu_domains::properties_of(std::uint32_t id) const {
  std::vector<arch::viommu_probe_property> out = m_endpoints.at(id).reserved;
  if (!m_params.page_tables) return out;
  const auto add = [&out](viommu_property type) -> arch::viommu_probe_property& {
    out.emplace_back();
    out.back().type = type;
    return out.back();
  };
  add(viommu_property::page_size_mask).mask = ~base::low_mask(m_params.granule_shift);
  add(viommu_property::input_range).end = base::low_mask(m_params.input_bits);
  add(viommu_property::output_size).bits = static_cast<std::uint8_t>(m_params.output_bits);
  add(viommu_property::pasid_size).bits = static_cast<std::uint8_t>(m_params.pasid_bits);
  for (const auto type :
       {viommu_property::page_table_format, viommu_property::pasid_table_format}) {
    arch::viommu_probe_property& p = add(type);
    p.format = type == viommu_property::page_table_format ? arch::viommu_format_lpae
                                                          : arch::viommu_format_pasid;
    p.asid_bits = 16;
  }
  return out;
}

std::vector<std::uint32_t> viommu_domains::endpoints_of(std::uint32_t id) const {
  const domain* d = domain_at(id);
  return d == nullptr ? std::vector<std::uint32_t>{} : d->endpoints;
}

std::vector<viommu_mapping> viommu_domains::mappings_of(std::uint32_t id) const {
  std::vector<viommu_mapping> out;
  if (const domain* d = domain_at(id)) {
    for (const auto& [start, m] : d->map) out.push_back(m);
  }
  return out;
}

std::optional<std::uint32_t> viommu_domains::domain_of(std::uint32_t id) const {
  const auto e = m_endpoints.find(id);
  return e == m_endpoints.end() ? std::nullopt : e->second.domain;
}

const viommu_mapping* viommu_domains::find(std::uint32_t id, std::uint64_t address) const {
  const domain* d = domain_at(id);
  if (d == nullptr) return nullptr;
  const auto next = d->map.upper_bound(address);
  if (next == d->map.begin()) return nullptr;
  const viommu_mapping& m = std::prev(next)->second;
  return address <= m.end ? &m : nullptr;
}

}  // namespace svasim::virtio
