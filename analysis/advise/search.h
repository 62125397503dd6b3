// The cheapest combination of sizes that reaches a target, found with few trials. Each axis is a
// rising list of sizes; a larger size never costs less and, so it is assumed, never makes a design
// that reaches the target miss it. Then a combination that fails rules out all that are smaller in
// every axis, and one that passes all that cost more.
//
// First the largest of all is tried; then each axis is brought down by bisection with the others as
// they are (coordinate descent); then what is still cheaper than the best and not ruled out is
// tried, the most expensive first, until nothing is left. Under the assumption the answer is exact.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

namespace svasim::advise {

/// One index into the sizes of each axis.
using combination = std::vector<std::size_t>;

struct search_space {
  std::vector<std::size_t> sizes;                          ///< how many each axis has, at least 1
  std::function<std::uint64_t(const combination&)> cost;   ///< in bits
  std::function<bool(const combination&)> reaches_target;  ///< a trial; asked once for each
};

struct search_result {
  std::optional<combination> best;  ///< empty where not even the largest reaches the target
  std::vector<combination> trials;  ///< in their order
};

/// At most 1,000,000 combinations; throws std::logic_error beyond.
search_result search(const search_space& space);

}  // namespace svasim::advise
