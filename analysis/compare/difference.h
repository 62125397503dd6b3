// How far one figure is from another, and how sure that is: with repeated seeds on both sides the
// 95 % confidence interval of the difference of means by Student's t, paired where both sides ran
// the same seeds (what is random is then the same in both), else Welch's for unequal variances.
// Seeds must be independent; what one run leaves to chance beyond them is not covered.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/compare/sample_set.h"

namespace svasim::compare {

struct interval {
  double low = 0, high = 0;
  /// Whether zero is outside: the difference is real with 95 % confidence.
  bool excludes_zero() const { return low > 0 || high < 0; }
};

struct difference {
  std::string metric, unit;
  double base = 0, other = 0;  ///< means, in `unit`
  std::optional<interval> confidence;

  double size() const { return other - base; }
  bool none() const;
  /// Of the base, in percent; empty where the base is 0.
  std::optional<double> percent() const;
};

/// The 95 % interval of mean(b) - mean(a) for independent samples; empty below two samples on
/// either side.
std::optional<interval> welch_interval(const std::vector<double>& a, const std::vector<double>& b);
/// The same for samples taken in pairs: a[i] belongs to b[i]. Empty below two pairs.
std::optional<interval> paired_interval(const std::vector<double>& a, const std::vector<double>& b);

/// Points into the sets that were compared, which must outlive it.
struct comparison {
  const sample_set* base = nullptr;
  const sample_set* other = nullptr;
  std::vector<difference> metrics;  ///< of all that both sides have, in the order of the base
};

comparison compare(const sample_set& base, const sample_set& other);

/// Which sets are compared with which: one argument's sets with its first; sets of several
/// arguments with those of the first that have the same label, or with its only one. Throws
/// base::input_error where nothing can be compared.
/// The result points into `arguments`.
std::vector<comparison> compare_all(const std::vector<std::vector<sample_set>>& arguments);
std::vector<comparison> compare_all(std::vector<std::vector<sample_set>>&&) = delete;

}  // namespace svasim::compare
