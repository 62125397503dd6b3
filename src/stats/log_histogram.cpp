#include "stats/log_histogram.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace svasim::stats {
namespace {

constexpr std::uint32_t whole_in_parts = 10000;

nlohmann::json or_null(std::optional<std::uint64_t> v) {
  return v ? nlohmann::json(*v) : nlohmann::json(nullptr);
}

}  // namespace

log_histogram& log_histogram::operator+=(const log_histogram& other) {
  m_bins += other.m_bins;
  m_count += other.m_count;
  m_sum += other.m_sum;
  m_min = std::min(m_min, other.m_min);
  m_max = std::max(m_max, other.m_max);
  return *this;
}

void log_histogram::clear() {
  m_bins.reset();
  m_count = 0;
  m_sum = 0;
  m_min = std::numeric_limits<std::uint64_t>::max();
  m_max = 0;
}

std::optional<std::uint64_t> log_histogram::min() const {
  return m_count == 0 ? std::nullopt : std::optional(m_min);
}

std::optional<std::uint64_t> log_histogram::max() const {
  return m_count == 0 ? std::nullopt : std::optional(m_max);
}

std::optional<std::uint64_t> log_histogram::quantile(std::uint32_t p) const {
  if (p == 0 || p > whole_in_parts) {
    throw std::invalid_argument("quantile: p must be from 1 to 10000 parts per 10^4");
  }
  if (m_count == 0) {
    return std::nullopt;
  }
  const auto rank =
      static_cast<std::uint64_t>((uint128{m_count} * p + whole_in_parts - 1) / whole_in_parts);
  std::uint64_t seen = 0;
  const auto& axis = m_bins.axis();
  for (int i = axis.index(m_min);; ++i) {
    seen += m_bins.at(i);
    if (seen >= rank) {
      return std::min(axis.upper(i), m_max);
    }
  }
}

std::vector<log_histogram::bin> log_histogram::bins() const {
  std::vector<bin> out;
  const auto& axis = m_bins.axis();
  for (int i = 0; i < axis.size(); ++i) {
    if (m_bins.at(i) != 0) {
      out.push_back({axis.upper(i), m_bins.at(i)});
    }
  }
  return out;
}

nlohmann::json log_histogram::to_json() const {
  nlohmann::json sparse = nlohmann::json::array();
  for (const bin& b : bins()) {
    sparse.push_back({b.upper_edge, b.count});
  }
  return {{"count", m_count},
          {"sum", stats::to_json(m_sum)},
          {"min", or_null(min())},
          {"max", or_null(max())},
          {"p50", or_null(quantile(5000))},
          {"p90", or_null(quantile(9000))},
          {"p99", or_null(quantile(9900))},
          {"p99_9", or_null(quantile(9990))},
          {"p99_99", or_null(quantile(9999))},
          {"bins", std::move(sparse)}};
}

}  // namespace svasim::stats
