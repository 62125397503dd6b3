// Comparisons for a person and for a program.
#pragma once

#include <string>
#include <vector>

#include "analysis/compare/difference.h"

namespace svasim::compare {

/// A table for each comparison. Without `all` only the main figures that differ: latencies, rates,
/// walks, storage, miss ratios. Text from inputs has its control characters escaped.
std::string text(const std::vector<comparison>& all_of_them, bool all);

/// {"format":1, "comparisons":[{"base","other","metrics":[{"name","unit","base","other",
/// "difference","percent","confidence_95":[low,high],"samples":[n,m]}]}]}; means with at most six
/// digits behind the point; "percent" and "confidence_95" null where there is none.
std::string json_text(const std::vector<comparison>& all_of_them);

}  // namespace svasim::compare
