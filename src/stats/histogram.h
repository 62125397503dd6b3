// A distribution of latencies or sizes as a statistic of a group.
#pragma once

#include <memory>

#include "stats/group.h"
#include "stats/log_histogram.h"

namespace svasim::stats {

/// JSON: see log_histogram::to_json. The unit of the values stands in the documentation.
class histogram final : public statistic {
 public:
  using statistic::statistic;

  void add(std::uint64_t v) { m_recent.add(v); }
  void add(base::duration d) { m_recent.add(d.value()); }

  /// What was recorded since the last snapshot; all where there was none.
  const log_histogram& since_snapshot() const { return m_recent; }
  /// Everything since construction or the last reset. A copy; not for hot paths.
  log_histogram whole() const;

  const char* kind() const override { return "histogram"; }
  void reset(base::duration) override;
  void snapshot(base::duration) override;
  nlohmann::json to_json(span which) const override;

 private:
  // Snapshots move what was recorded aside rather than copy it for a later subtraction: min and max
  // of the span then stay exact.
  log_histogram m_recent;
  std::unique_ptr<log_histogram> m_before;
};

}  // namespace svasim::stats
