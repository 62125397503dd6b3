// Geometry, policy and latency of a lookup structure, described once for all of them. An owner
// gives its defaults and their provenance where it declares the member.
#pragma once

#include "base/units.h"
#include "describe/visitor.h"
#include "uarch/geometry.h"

namespace svasim::kit {

/// All replacement policies by name.
void describe_policy(describe::visitor& v, uarch::replacement& policy, const char* provenance);

struct cache_params {
  std::uint32_t entries = 0;  ///< 0 leaves the structure out
  std::uint32_t ways = 0;     ///< = entries for fully associative
  uarch::replacement policy = uarch::replacement::lru;
  base::duration latency = base::ns(1);
  const char* provenance = "A: assumed";

  void describe(describe::visitor& v);
  uarch::geometry shape() const { return {entries, ways}; }
  bool present() const { return entries != 0; }
  /// Time of a lookup; none where the structure is left out.
  base::duration lookup_time() const { return present() ? latency : base::duration(); }
};

}  // namespace svasim::kit
