// The domains of a virtio-iommu, the endpoints attached to them and their mappings (virtio 1.2
// section 5.13.6), without time: checks say which status a request gets before anything is done.
//
// Leaves out: what the driver must not do and the device need not notice.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "arch/virtio_iommu.h"
#include "arch/virtio_iommu_probe.h"
#include "tlm/kit/viommu.h"
#include "tlm/virtio/viommu_params.h"

namespace svasim::virtio {

enum class domain_kind : std::uint8_t { mappings, bypass, table };

class viommu_domains {
 public:
  explicit viommu_domains(const viommu_params& params) : m_params(params) {}

  /// Set up before time starts. `reserved`: its RESV_MEM properties.
  void add_endpoint(std::uint32_t id, std::vector<arch::viommu_probe_property> reserved = {});

  /// The status that the request gets if nothing goes wrong with it; for UNMAP `removed` gets what
  /// it takes away.
  arch::viommu_status check(const arch::viommu_request& r,
                            std::vector<kit::viommu_mapping>& removed) const;
  /// Carries out a request that is ok.
  void apply(const arch::viommu_request& r);
  /// What a PROBE of a known endpoint tells.
  std::vector<arch::viommu_probe_property> properties_of(std::uint32_t endpoint) const;

  std::vector<std::uint32_t> endpoints_of(std::uint32_t domain) const;
  std::vector<kit::viommu_mapping> mappings_of(std::uint32_t domain) const;
  std::optional<std::uint32_t> domain_of(std::uint32_t endpoint) const;
  /// The mapping of an address.
  const kit::viommu_mapping* find(std::uint32_t domain, std::uint64_t address) const;
  std::size_t mappings() const { return m_mapping_count; }
  std::size_t domains() const { return m_domains.size(); }

 private:
  struct endpoint {
    std::vector<arch::viommu_probe_property> reserved;
    std::optional<std::uint32_t> domain;
  };
  struct domain {
    domain_kind kind = domain_kind::mappings;
    std::vector<std::uint32_t> endpoints;              // sorted
    std::map<std::uint64_t, kit::viommu_mapping> map;  // by start; none overlap
  };
  using status = arch::viommu_status;

  status check_attach(const arch::viommu_request& r) const;
  status check_detach(const arch::viommu_request& r) const;
  status check_map(const arch::viommu_request& r) const;
  status check_map_range(const arch::viommu_request& r) const;
  status check_unmap(const arch::viommu_request& r,
                     std::vector<kit::viommu_mapping>& removed) const;
  status check_table(const arch::viommu_request& r) const;
  status check_invalidate(const arch::viommu_request& r) const;
  status check_response(const arch::viommu_request& r) const;
  bool reserved(const domain& d, std::uint64_t start, std::uint64_t end) const;
  const domain* domain_at(std::uint32_t id) const;
  void attach(std::uint32_t id, std::uint32_t to, domain_kind kind);
  void detach(std::uint32_t id);
  void unmap(domain& d, std::uint64_t start, std::uint64_t end);

  const viommu_params m_params;
  std::map<std::uint32_t, endpoint> m_endpoints;
  std::map<std::uint32_t, domain> m_domains;
  std::size_t m_mapping_count = 0;
};

}  // namespace svasim::virtio
