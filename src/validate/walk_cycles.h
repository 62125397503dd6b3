// How long translations take, and how many reads, that come one after the other to TBU, TCU and
// walker over hand-made tables (walk_bench.h): what the last one takes.
#pragma once

#include <string>

#include "describe/visitor.h"
#include "platforms/platform_params.h"
#include "validate/experiment.h"

namespace svasim::validate {

/// What the last access finds, after those before it.
enum class walk_case : std::uint8_t {
  cold,        ///< nothing
  configured,  ///< the configuration: another page, far away, was translated before
  l2,
  l1,
  l0,        ///< walk caches of the level above the leaf, one more, two more
  utlb,      ///< its own page
  main_tlb,  ///< its own page, after another one took its place in the micro TLB
};

struct walk_arguments {
  bool nested = false;
  std::uint32_t s1_levels = 4, s2_levels = 4;
  bool two_level_streams = false, two_level_cds = false;
  walk_case finds = walk_case::cold;
  base::duration read = base::ns(50);
  void describe(describe::visitor& v);
};

/// "time" of the last access in ps, "reads" of the SMMU for it.
figures walk(const platforms::platform_params& p, const walk_arguments& a);

}  // namespace svasim::validate
