// A number of things that happened.
#pragma once

#include <cstdint>

#include "stats/group.h"

namespace svasim::stats {

/// Counts up, modulo 2^64. JSON: one integer.
class counter final : public statistic {
 public:
  using statistic::statistic;

  counter& operator++() { return ++m_value, *this; }
  counter& operator+=(std::uint64_t n) { return m_value += n, *this; }
  /// Since construction or the last reset.
  std::uint64_t value() const { return m_value; }
  std::uint64_t since_snapshot() const { return m_value - m_at_snapshot; }

  const char* kind() const override { return "counter"; }
  void reset(base::duration) override { m_value = m_at_snapshot = 0; }
  void snapshot(base::duration) override { m_at_snapshot = m_value; }
  nlohmann::json to_json(span which) const override;

 private:
  std::uint64_t m_value = 0;
  std::uint64_t m_at_snapshot = 0;
};

}  // namespace svasim::stats
