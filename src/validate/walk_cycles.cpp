#include "validate/walk_cycles.h"

#include <set>
#include <vector>

#include "validate/walk_bench.h"

namespace svasim::validate {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t far_output = 1ull << 40;

// 4 KiB granule: 9 bits a level, level -1 only 4.
stage_shape shape_of(std::uint32_t levels) {
  stage_shape s;
  s.granule_shift = 12;
  s.start_level = 4 - static_cast<int>(levels);
  s.input_bits = levels == 5 ? 52 : 12 + 9 * levels;
  return s;
}

// The one asked for comes last. What it finds depends on how far apart they are.
std::vector<std::uint64_t> accesses(const walk_arguments& a) {
  switch (a.finds) {
    case walk_case::cold:
      break;
    case walk_case::configured:
      return {page, 1ull << (12 + 9 * (a.s1_levels - 1))};
    case walk_case::l2:
      return {page, 2 * page};
    case walk_case::l1:
      return {page, 1ull << 21};
    case walk_case::l0:
      return {page, 1ull << 30};
    case walk_case::utlb:
      return {page, page};
    case walk_case::main_tlb:
      return {page, 2 * page, page};
  }
  return {page};
}

}  // namespace

void walk_arguments::describe(describe::visitor& v) {
  v.field("nested", nested, "Stage 2 under stage 1.", "");
  v.field("s1_levels", s1_levels, {1, 5}, "levels", "Of stage 1.", "");
  v.field("s2_levels", s2_levels, {1, 5}, "levels", "Of stage 2.", "");
  v.field("two_level_streams", two_level_streams, "A stream table of two levels.", "");
  v.field("two_level_cds", two_level_cds, "A table of CDs of two levels.", "");
  v.choice("finds", finds,
           {{"cold", walk_case::cold},
            {"configured", walk_case::configured},
            {"l2", walk_case::l2},
            {"l1", walk_case::l1},
            {"l0", walk_case::l0},
            {"utlb", walk_case::utlb},
            {"main_tlb", walk_case::main_tlb}},
           "What the access finds in caches.", "");
  v.field("read", read, base::ns(1), base::us(10), "Round trip of a read of the SMMU.", "");
}

figures walk(const platforms::platform_params& p, const walk_arguments& a) {
  table_shapes shapes;
  shapes.nested = a.nested;
  shapes.s1 = shape_of(a.s1_levels);
  shapes.s2 = shape_of(a.s2_levels);
  shapes.two_level_streams = a.two_level_streams;
  shapes.two_level_cds = a.two_level_cds;
  smmu::smmu_params smmu = p.smmu;
  if (a.finds == walk_case::main_tlb) smmu.tbu.utlb.entries = smmu.tbu.utlb.ways = 1;
  walk_bench b(smmu, shapes, a.read);
  const std::vector<std::uint64_t> all = accesses(a);
  // Far apart in stage 1 is far apart in stage 2 as well, where it has room; what is near in stage
  // 1 is near in both.
  const bool far = a.finds == walk_case::configured && a.s2_levels >= 4;
  for (const std::uint64_t va : std::set<std::uint64_t>(all.begin(), all.end())) {
    b.tables.map(va, far && va != page ? far_output : b.tables.take_output());
  }
  std::uint64_t before = 0;
  base::duration took;
  for (const std::uint64_t va : all) {
    before = b.reads();
    took = b.translation_time(va);
  }
  return {{"time", static_cast<double>(took.value())},
          {"reads", static_cast<double>(b.reads() - before)}};
}

}  // namespace svasim::validate
