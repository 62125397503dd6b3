// What a design must reach: a metric against a value with unit, as in "translation_p99 < 1us",
// "throughput >= 20GB/s", "smmu.tbu.main_tlb.miss_ratio < 1%", "walks < 1000".
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/sweep/metric.h"

namespace svasim::advise {

class target {
 public:
  /// Throws base::input_error for another form, for a metric that no result has and for a value of
  /// another unit. Metrics of structures and stages (with a dot) are only known once there is a
  /// result.
  explicit target(const std::string& text);

  /// Takes the unit from a result. Throws base::input_error where there is no such metric or the
  /// value has another unit.
  void resolve(const std::vector<sweep::metric>& metrics);
  /// After resolve(). The metric's value in this result; throws std::runtime_error where it is
  /// missing.
  std::uint64_t value_in(const std::vector<sweep::metric>& metrics) const;
  bool met_by(std::uint64_t value) const;

  const std::string& metric() const { return m_metric; }
  const std::string& unit() const { return m_unit; }
  const std::string& text() const { return m_text; }

 private:
  enum class relation { less, less_equal, greater, greater_equal };

  std::string m_text, m_metric, m_value, m_unit;
  relation m_relation = relation::less;
  std::uint64_t m_limit = 0;
};

}  // namespace svasim::advise
