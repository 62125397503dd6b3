// What a number that is not known well may be: the range that stands beside its value,
//   "slots": {"value": 64, "source": "A: ...", "range": [16, 256]}
// or, where there is none, half to double of the value, as far as legal. Zero has no such range.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "describe/document.h"
#include "describe/effective.h"

namespace svasim::describe {

/// Both ends included, in the base unit of the parameter.
struct value_range {
  std::uint64_t low = 0, high = 0;

  friend bool operator==(const value_range& a, const value_range& b) {
    return a.low == b.low && a.high == b.high;
  }
};

/// A count or a quantity.
bool is_number(declaration::kind k);

/// Dotted path -> range, where `d`, which was read well, gives one.
std::map<std::string, value_range> stated_ranges(const declaration& root, const document& d);

/// For a number that has `value`; none where there is only one.
std::optional<value_range> usual_range(const parameter_info& p, std::uint64_t value);

}  // namespace svasim::describe
