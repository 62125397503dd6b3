#include "platforms/occupied.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

namespace svasim::platforms {

std::string occupied(const stats::group& root) {
  const nlohmann::json all = root.to_json();
  std::string out;
  for (const stats::documentation& d : root.document()) {
    if (d.kind != "occupancy") continue;
    std::string pointer = "/" + d.path + ".current";
    std::replace(pointer.begin(), pointer.end(), '.', '/');
    const auto current = all.at(nlohmann::json::json_pointer(pointer)).get<std::uint64_t>();
    if (current != 0) out += fmt::format("\n  {}: {} {}", d.path, current, d.unit);
  }
  return out;
}

}  // namespace svasim::platforms
