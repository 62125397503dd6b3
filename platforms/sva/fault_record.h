// What became of the faults of a run, in bounded memory: how many, how long they took, and the hops
// of the one whose latency is the median, by the rows of its variant.
//
// The median is exact while there are at most `kept` faults; beyond that it is the median of the
// first `kept`. Leaves out: faults that ended with an error, other than a count.
#pragma once

#include <vector>

#include "platforms/variants.h"
#include "stats/counter.h"
#include "stats/histogram.h"
#include "tlm/kit/hop_log.h"

namespace svasim::platforms {

class fault_record : public stats::group {
 public:
  explicit fault_record(stats::group* parent) : group(parent, "faults") {}
  static constexpr std::size_t kept = 65536;

  void add(const kit::finished_fault& f);
  /// The fault at this rank of those kept, by latency; null where there is none. 0 <= percent <=
  /// 100.
  const kit::finished_fault* at_percentile(unsigned percent) const;

  stats::counter resolved{this, "resolved", "faults", "Faults that ended with a translation."};
  stats::counter unresolved{this, "unresolved", "faults", "Faults that ended with an error."};
  stats::histogram latency{this, "latency", "ps", "From the cause of a fault to its translation."};

 private:
  std::vector<kit::finished_fault> m_faults;
};

}  // namespace svasim::platforms
