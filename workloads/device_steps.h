// The patterns of a generator that are more than one access after the other: what a stream does in
// one step, an access, a packet or a command.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/rng.h"
#include "trace/record.h"
#include "workloads/generator_params.h"
#include "workloads/nic_ring.h"
#include "workloads/nvme_queue_pair.h"
#include "workloads/record_runs.h"

namespace svasim::workloads {

nic_layout nic_layout_of(const generator_params& p);
nvme_layout nvme_layout_of(const generator_params& p);

class device_steps {
 public:
  virtual ~device_steps() = default;
  /// The records of the next step, at the time and of the stream of `like`.
  virtual void step(const trace::record& like, record_runs& to) = 0;
};

/// What each stream does. `rng` is that of the whole workload and must outlive them.
std::vector<std::unique_ptr<device_steps>> make_steps(const generator_params& p, base::rng& rng);

/// Ranks 0..n-1 with weights 1 / (rank + 1)^(percent / 100), by a table of their sums.
class zipf_table {
 public:
  zipf_table(std::uint64_t n, std::uint32_t percent);
  std::uint64_t draw(base::rng& rng) const;

 private:
  std::vector<std::uint64_t> m_sums;
};

}  // namespace svasim::workloads
