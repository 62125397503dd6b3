#include "stats/counter.h"

#include <nlohmann/json.hpp>

namespace svasim::stats {

nlohmann::json counter::to_json(span which) const {
  return which == span::whole ? value() : since_snapshot();
}

}  // namespace svasim::stats
