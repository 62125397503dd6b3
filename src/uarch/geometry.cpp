#include "uarch/geometry.h"

#include <fmt/format.h>

#include "base/bits.h"
#include "base/error.h"

namespace svasim::uarch {

void geometry::check(replacement policy) const {
  if (entries == 0) {
    return;
  }
  if (entries > max_entries) {
    throw base::input_error(
        fmt::format("entries must be at most {}, not {}", +max_entries, entries));
  }
  if (ways == 0 || ways > max_ways) {
    throw base::input_error(fmt::format("ways must be 1 to {}, not {}", +max_ways, ways));
  }
  if (entries % ways != 0) {
    throw base::input_error(fmt::format("{} entries are no multiple of {} ways", entries, ways));
  }
  if (policy == replacement::tree_plru && !base::is_power_of_two(ways)) {
    throw base::input_error(fmt::format("tree_plru needs a power of two of ways, not {}", ways));
  }
}

const char* to_string(replacement policy) {
  switch (policy) {
    case replacement::lru:
      return "lru";
    case replacement::tree_plru:
      return "tree_plru";
    case replacement::round_robin:
      return "round_robin";
    case replacement::shared_round_robin:
      return "shared_round_robin";
    case replacement::random:
      return "random";
    case replacement::srrip:
      return "srrip";
  }
  return "?";
}

}  // namespace svasim::uarch
