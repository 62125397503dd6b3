#include "analysis/advise/sizes.h"

#include <algorithm>
#include <map>
#include <optional>

#include "analysis/reuse/reuse.h"
#include "base/error.h"

namespace svasim::advise {
namespace {

constexpr std::uint64_t smallest = 4;

std::uint64_t power_above(std::uint64_t n) {
  std::uint64_t out = 1;
  while (out < n) out *= 2;
  return out;
}

bool is_power(std::uint64_t n) {
  return n != 0 && (n & (n - 1)) == 0;
}

// Misses of the whole trace by number of entries, with its invalidations.
std::map<std::uint64_t, std::uint64_t> miss_curve(const structure_shape& s, std::uint64_t reach,
                                                  std::uint64_t most, trace::source& source) {
  reuse::options o;
  o.page_bytes = {reach};
  o.total_only = true;
  o.caches.max_entries = std::max(reuse::cache_options::fewest_max_entries, power_above(most));
  if (!s.fully_associative()) o.caches.ways = static_cast<std::uint32_t>(s.ways);
  const reuse::result r = reuse::analyse(source, o);
  std::map<std::uint64_t, std::uint64_t> out;
  for (const reuse::curve& c : r.curves) {
    if (!c.invalidations || c.ways != o.caches.ways) continue;
    for (const reuse::miss_point& p : c.points) out[p.entries] = p.misses;
  }
  return out;
}

}  // namespace

std::vector<std::uint64_t> all_sizes(const structure_shape& s, std::uint64_t most) {
  std::vector<std::uint64_t> out;
  for (std::uint64_t n = s.fully_associative() ? smallest : s.ways; n <= most; n *= 2) {
    out.push_back(n);
  }
  if (out.empty()) out.push_back(s.entries);
  return out;
}

std::uint64_t reach_of(const std::string& path, std::uint64_t leaf_bytes) {
  constexpr std::uint64_t page = 4096;
  if (path.find("configuration_cache") != std::string::npos) return 0;
  if (path.find("walk_cache") == std::string::npos) return leaf_bytes;
  // A descriptor of level 2 leads to the table of 2 MiB, and so on.
  if (path.size() > 3 && path.compare(path.size() - 3, 3, "_l2") == 0) return page << 9;
  if (path.size() > 3 && path.compare(path.size() - 3, 3, "_l1") == 0) return page << 18;
  return page << 27;
}

size_list useful_sizes(const structure_shape& s, std::vector<std::uint64_t> sizes,
                       trace::source& source) {
  const trace::summary& about = source.about();
  const std::uint64_t leaf = about.page_size.value() != 0 ? about.page_size.value()
                                                          : std::uint64_t{1} << about.granule_shift;
  const std::uint64_t reach = reach_of(s.path, leaf);
  const bool ways_known = s.fully_associative() || is_power(s.ways);
  if (reach == 0 || !ways_known) return {std::move(sizes), {}};
  std::map<std::uint64_t, std::uint64_t> misses;
  try {
    misses = miss_curve(s, reach, sizes.back(), source);
  } catch (const base::input_error&) {  // more pages than memory is meant to hold
    return {std::move(sizes), {}};
  }
  size_list out;
  std::optional<std::uint64_t> fewest;
  for (const std::uint64_t n : sizes) {
    const auto known = misses.find(n);
    if (known != misses.end() && fewest && known->second >= *fewest) {
      out.left_out.push_back(n);
      continue;
    }
    if (known != misses.end()) fewest = known->second;
    out.sizes.push_back(n);
  }
  return out;
}

}  // namespace svasim::advise
