#include <nlohmann/json.hpp>

#include "analysis/reuse/reuse.h"

namespace svasim::reuse {
namespace {

using nlohmann::json;

json json_of(const std::vector<miss_point>& points, bool causes) {
  json out = json::array();
  for (const miss_point& p : points) {
    json one{{"entries", p.entries}, {"misses", p.misses}};
    if (causes) {
      one["compulsory"] = p.compulsory;
      one["coherence"] = p.coherence;
      one["capacity"] = p.capacity;
      one["conflict"] = p.conflict;
    }
    out.push_back(std::move(one));
  }
  return out;
}

json json_of(const curve& c, bool causes) {
  json out{{"scope", c.scope},
           {"page_bytes", c.page_bytes},
           {"ways", c.ways},
           {"invalidations", c.invalidations},
           {"points", json_of(c.points, causes)}};
  if (c.sample) {
    out["sample"] = {{"accesses", c.sample->accesses},
                     {"distinct_pages", c.sample->distinct_pages},
                     {"mean_absolute_error_ppm", c.sample->mean_absolute_error_ppm},
                     {"points", json_of(c.sample->points, false)}};
  }
  return out;
}

}  // namespace

std::string json_text(const result& r, bool causes) {
  json out{{"accesses", r.accesses},
           {"runs", r.runs},
           {"distinct_pages", r.distinct_pages},
           {"curves", json::array()}};
  for (const curve& c : r.curves) out["curves"].push_back(json_of(c, causes));
  return out.dump(1) + "\n";
}

}  // namespace svasim::reuse
