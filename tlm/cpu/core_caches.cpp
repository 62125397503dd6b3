#include "tlm/cpu/core_caches.h"

#include "base/error.h"
#include "tlm/kit/cache_params.h"

namespace svasim::cpu {

void l2_params::describe(describe::visitor& v) {
  v.field("size", size, base::kib(4), base::mib(64), "Bytes of each core's cache.",
          "M: Neoverse N2, measurements 6");
  v.field("ways", ways, {1, 64}, "ways", "Associativity.", "T: Neoverse N2, 8 ways");
  kit::describe_policy(v, policy, "A: assumed");
  v.field("hit_cycles", hit_cycles, {0, 1000}, "cycles", "Time of an access that hits.",
          "M: 13 to 14 on Neoverse N2, measurements 6");
  std::string problem;
  try {
    shape().check(policy);
  } catch (const base::input_error& e) {
    problem = e.problems().front().message;
  }
  v.rule(problem.empty(), "ways", problem);
}

uarch::geometry l2_params::shape() const {
  return {static_cast<std::uint32_t>(size.value() >> core_caches::line_shift), ways};
}

core_caches::core_caches(const l2_params& params, const std::vector<stats::group*>& cores)
    : m_copies(slots) {
  for (stats::group* group : cores) {
    m_cores.push_back(std::make_unique<core_cache>(params, group));
  }
}

bool core_caches::access(unsigned core, bool write, base::pa at) {
  core_cache& own = *m_cores[core];
  const bool here = own.tags.lookup(0, at.value(), line_shift) != nullptr;
  const std::uint64_t line = at.value() >> line_shift;
  bool elsewhere = false;
  if (write && m_copies[slot(line)] > (here ? 1u : 0u)) elsewhere = drop(at, core);
  if (here && !elsewhere) {
    own.stats.hits += 1;
    return true;
  }
  own.stats.misses += 1;
  if (elsewhere) own.stats.shared += 1;
  if (here) return false;
  ++m_copies[slot(line)];
  own.tags.insert(0, at.value(), line_shift, 0,
                  [this](const auto& leaving) { --m_copies[slot(leaving.address >> line_shift)]; });
  return false;
}

// Drops the line everywhere but in core `but`; true where one had it.
bool core_caches::drop(base::pa at, unsigned but) {
  bool found = false;
  for (unsigned i = 0; i < m_cores.size(); ++i) {
    if (i == but || !m_cores[i]->tags.invalidate_page(0, at.value(), line_shift)) continue;
    found = true;
    m_cores[i]->stats.taken += 1;
    --m_copies[slot(at.value() >> line_shift)];
  }
  return found;
}

}  // namespace svasim::cpu
