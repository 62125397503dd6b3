// Exact LRU miss curves of a trace: how many accesses miss in a TLB of every size, fully
// associative and at chosen ways, with and without the invalidations of the trace, for all of it,
// for each stream and for each PASID. No time: accesses and commands act in the order of the trace.
//
// An entry is one page of one stream, (StreamID, page), as in a trace's ground truth; SubstreamIDs
// choose the scope "pasid:" but are no part of the key. An access counts for the page its address
// lies in. Leaves out: entries of the size of a block mapping, prefetching, replacement other than
// LRU.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "analysis/reuse/scope.h"
#include "trace/record.h"

namespace svasim::reuse {

struct options {
  std::vector<std::uint64_t> page_bytes;  ///< powers of two; empty for the granule of the trace
  cache_options caches;
  bool total_only = false;  ///< no curves of single streams and PASIDs
  std::uint64_t max_pages = scope_options().max_pages;
};

/// Throws base::input_error with every option that is out of its range.
void check(const options& o);

/// The estimate that goes with a fully associative curve.
struct sampled_curve {
  std::uint64_t accesses = 0;  ///< in the sample
  std::uint64_t distinct_pages = 0;
  std::vector<miss_point> points;  ///< without causes
  /// Mean over the points of |estimated - exact| miss ratio, in 1/1000000.
  std::uint64_t mean_absolute_error_ppm = 0;
};

struct curve {
  std::string scope;  ///< "total", "sid:0x8", "pasid:0x8/5"
  std::uint64_t page_bytes = 0;
  std::uint32_t ways = 0;  ///< 0: fully associative
  bool invalidations = false;
  std::vector<miss_point> points;
  std::uint64_t accesses = 0;  ///< of the scope
  std::uint64_t distinct_pages = 0;
  // fully associative curves only
  std::uint64_t floor = 0;         ///< misses of a cache without limit
  std::uint64_t entries_near = 0;  ///< fewest with misses within 1 % of the accesses of the floor
  std::uint64_t entries_full = 0;  ///< fewest with no more misses than the floor
  std::optional<sampled_curve> sample;
};

struct result {
  std::uint64_t accesses = 0;        ///< single ones
  std::uint64_t runs = 0;            ///< records of kind access
  std::uint64_t distinct_pages = 0;  ///< of the first page size
  std::vector<curve> curves;
};

/// Reads `source` to its end. Throws base::input_error where an option is bad, the trace is, or it
/// has more pages, streams or PASIDs than memory is meant to hold.
result analyse(trace::source& source, const options& o);

/// {"accesses", "runs", "distinct_pages", "curves": [{"scope", "page_bytes", "ways",
/// "invalidations", "points": [{"entries", "misses"}]}]}, keys sorted. `causes` adds "compulsory",
/// "coherence", "capacity" and "conflict" to each point; a sample adds "sample" to fully
/// associative curves: {"accesses", "distinct_pages", "mean_absolute_error_ppm", "points"}.
std::string json_text(const result& r, bool causes);
/// Tables for a person.
std::string text(const result& r, bool causes);

}  // namespace svasim::reuse
