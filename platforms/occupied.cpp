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

std::string under_way(const std::vector<std::unique_ptr<device_unit>>& devices,
                      const std::vector<std::unique_ptr<smmu_unit>>& smmus) {
  std::uint64_t in_flight = 0, tbu_slots = 0, tcu_slots = 0, walk_slots = 0;
  for (const auto& d : devices) in_flight += d->dma().statistics().in_flight.current();
  for (const auto& s : smmus) {
    for (unsigned t = 0; t < s->tbus(); ++t) tbu_slots += s->tbu(t).statistics().slots.current();
    tcu_slots += s->tcu().statistics().slots.current();
    walk_slots += s->walker().statistics().slots.current();
  }
  return fmt::format(
      "{} requests in flight at the device, {} TBU slots, {} TCU slots and {} walk slots in use",
      in_flight, tbu_slots, tcu_slots, walk_slots);
}

}  // namespace svasim::platforms
