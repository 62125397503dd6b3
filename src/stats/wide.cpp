#include "stats/wide.h"

#include <fmt/format.h>

#include <cstdint>
#include <limits>
#include <nlohmann/json.hpp>

namespace svasim::stats {

nlohmann::json to_json(uint128 v) {
  if (v <= std::numeric_limits<std::uint64_t>::max()) {
    return static_cast<std::uint64_t>(v);
  }
  return fmt::format("{}", v);
}

}  // namespace svasim::stats
