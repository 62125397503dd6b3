// Geometry, latency and ports of the SMMU's lookup structures, and how their ways are shared out.
#pragma once

#include <algorithm>

#include "base/ids.h"
#include "describe/visitor.h"
#include "tlm/kit/cache_params.h"

namespace svasim::smmu {

/// A structure that one lookup after the other goes to.
struct lookup_params : kit::cache_params {
  std::uint32_t ports = 0;
  lookup_params() = default;
  lookup_params(std::uint32_t n, std::uint32_t w, uarch::replacement p, base::duration l,
                const char* source)
      : cache_params{n, w, p, l, source} {}
  void describe(describe::visitor& v);
};

enum class partition_key : std::uint8_t { none, vmid, pasid };

/// Whose lookups share the ways of a structure (as MPAM's cache-portion partitioning does it): each
/// VM or PASID has the ways of one partition, that of its number modulo their count.
struct partition_params {
  partition_key by = partition_key::none;
  std::uint32_t count = 1;
  void describe(describe::visitor& v);
  std::uint32_t partitions() const { return by == partition_key::none ? 1 : std::max(1u, count); }
  /// The partition of a VM or PASID; a transaction without PASID is in partition 0.
  std::uint32_t of(base::vmid vmid, bool has_ssid, base::substream_id ssid) const {
    switch (by) {
      case partition_key::vmid:
        return vmid.value() % partitions();
      case partition_key::pasid:
        return has_ssid ? ssid.value() % partitions() : 0;
      case partition_key::none:
        break;
    }
    return 0;
  }
};

/// A TLB.
struct tlb_params : lookup_params {
  using lookup_params::lookup_params;
  partition_params partition;
  void describe(describe::visitor& v);
};

}  // namespace svasim::smmu
