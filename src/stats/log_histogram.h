// A histogram of 64-bit integers with a bounded relative error: values up to 255 exactly, above
// that 128 equal buckets per power of two. There is no upper edge that a value could fall beyond.
// The counts sit in a Boost.Histogram; count, sum, min and max are kept exactly beside it.
#pragma once

#include <boost/histogram/histogram.hpp>
#include <boost/histogram/make_histogram.hpp>
#include <cstdint>
#include <limits>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <tuple>
#include <vector>

#include "base/bits.h"
#include "stats/wide.h"

namespace svasim::stats {

/// The axis: which bucket holds a value, and which values a bucket holds.
class log_linear_axis {
 public:
  static constexpr unsigned sub_bits = 7;  // 128 buckets per octave: error at most 1/128 = 0.78 %

  constexpr int index(std::uint64_t v) const {
    const unsigned shift = base::log2_floor(v | (std::uint64_t{1} << sub_bits)) - sub_bits;
    return static_cast<int>((std::uint64_t{shift} << sub_bits) + (v >> shift));
  }
  constexpr int size() const { return ((63 - sub_bits) << sub_bits) + (2 << sub_bits); }
  /// The smallest value in bucket i; 0 <= i < size().
  constexpr std::uint64_t lower(int i) const {
    const auto n = static_cast<std::uint64_t>(i);
    const std::uint64_t shift = n < (2u << sub_bits) ? 0 : (n >> sub_bits) - 1;
    return (n - (shift << sub_bits)) << shift;
  }
  /// The largest value in bucket i; 0 <= i < size().
  constexpr std::uint64_t upper(int i) const {
    return i + 1 == size() ? std::numeric_limits<std::uint64_t>::max() : lower(i + 1) - 1;
  }
  // What Boost.Histogram asks of an axis beside index() and size(), to merge two histograms.
  constexpr std::uint64_t value(int i) const { return lower(i); }
  constexpr bool operator==(const log_linear_axis&) const { return true; }
};

/// The histogram as a value: copies, merges with +=. About 59 kB each. add() does not allocate.
class log_histogram {
 public:
  /// One bucket that holds something.
  struct bin {
    std::uint64_t upper_edge;  ///< the largest value that counts here
    std::uint64_t count;
  };

  void add(std::uint64_t v) {
    m_bins(v);
    m_sum += v;
    m_min = v < m_min ? v : m_min;
    m_max = v > m_max ? v : m_max;
    ++m_count;
  }
  /// Add all of `other`, as if its values had been added here.
  log_histogram& operator+=(const log_histogram& other);
  void clear();

  std::uint64_t count() const { return m_count; }
  uint128 sum() const { return m_sum; }
  /// Exact; empty where nothing was added.
  std::optional<std::uint64_t> min() const;
  std::optional<std::uint64_t> max() const;
  /// The value of rank ceil(p/10000 * count), as the upper edge of its bucket and never above
  /// max(): at most 0.78 % high, never low. `p` in parts per 10^4, 1 to 10000 (9999 is p99.99;
  /// 10000 is max()); else std::invalid_argument. Empty where nothing was added.
  std::optional<std::uint64_t> quantile(std::uint32_t p) const;
  /// The buckets that hold something, in rising order.
  std::vector<bin> bins() const;
  /// {"count", "sum", "min", "max", "p50", "p90", "p99", "p99_9", "p99_99",
  /// "bins": [[upper_edge, count], ...]}; min, max and quantiles are null where nothing was added.
  nlohmann::json to_json() const;

 private:
  using storage = boost::histogram::storage_adaptor<std::vector<std::uint64_t>>;
  boost::histogram::histogram<std::tuple<log_linear_axis>, storage> m_bins =
      boost::histogram::make_histogram_with(std::vector<std::uint64_t>{}, log_linear_axis{});
  std::uint64_t m_count = 0;
  uint128 m_sum = 0;
  std::uint64_t m_min = std::numeric_limits<std::uint64_t>::max();
  std::uint64_t m_max = 0;
};

}  // namespace svasim::stats
