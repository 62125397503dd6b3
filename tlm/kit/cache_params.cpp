#include "tlm/kit/cache_params.h"

#include "base/error.h"

namespace svasim::kit {

void describe_policy(describe::visitor& v, uarch::replacement& policy, const char* provenance) {
  using r = uarch::replacement;
  v.choice("policy", policy,
           {{"lru", r::lru},
            {"tree_plru", r::tree_plru},
            {"round_robin", r::round_robin},
            {"shared_round_robin", r::shared_round_robin},
            {"random", r::random},
            {"srrip", r::srrip}},
           "Which way of a full set makes room.", provenance);
}

namespace {

// What is wrong with the shape; empty when nothing is.
std::string defect(const uarch::geometry& shape, uarch::replacement policy) {
  try {
    if (shape.entries != 0) shape.check(policy);
    return {};
  } catch (const base::input_error& e) {
    return e.problems().front().message;
  }
}

}  // namespace

void cache_params::describe(describe::visitor& v) {
  v.field("entries", entries, {0, 1048576}, "entries", "Entries held; 0 leaves the structure out.",
          provenance);
  v.field("ways", ways, {0, 65536}, "ways", "Associativity; as many as entries: fully associative.",
          provenance);
  describe_policy(v, policy, provenance);
  v.field("latency", latency, base::ps(0), base::us(10), "Time of a lookup.", provenance);
  const std::string problem = defect(shape(), policy);
  v.rule(problem.empty(), "ways", problem);
}

}  // namespace svasim::kit
