// Unloaded translation time at every granule and start level, cold and warm, in closed form.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "validate/walk_bench.h"

namespace svasim::test {
namespace {

using base::duration;
using base::ns;
using validate::stage_shape;
using validate::table_shapes;
using validate::walk_bench;

constexpr duration read = ns(64);

// Every start level of smmuv3.md 5.2 and 5.3, with as many input bits as it has without
// concatenated tables.
constexpr stage_shape shapes[] = {{12, -1, 52}, {12, 0, 48}, {12, 1, 39}, {12, 2, 30},
                                  {12, 3, 21},  {14, 0, 48}, {14, 1, 47}, {14, 2, 36},
                                  {14, 3, 25},  {16, 1, 48}, {16, 2, 42}, {16, 3, 29}};
// Stage 2 with 16K starts at level 0 only for more than 48 bits.
stage_shape for_stage2(stage_shape s) {
  if (s.granule_shift == 14 && s.start_level == 0) s.input_bits = 52;
  return s;
}
unsigned levels(const stage_shape& s) {
  return static_cast<unsigned>(4 - s.start_level);
}
std::string name(const stage_shape& s) {
  return fmt::format("{}K from level {}", (1 << s.granule_shift) / 1024, s.start_level);
}

smmu::smmu_params params(bool walk_caches) {
  smmu::smmu_params p;
  p.tbu.utlb.latency = ns(1);
  p.tbu.main_tlb.latency = ns(3);
  p.tbu.dti_latency = ns(20);
  p.tcu.configuration_cache.latency = ns(5);
  p.tcu.walk_cache.latency = ns(7);
  p.tcu.walk_cache.nested = walk_caches;
  if (walk_caches) return p;
  smmu::walk_cache_params& w = p.tcu.walk_cache;
  for (auto* c : {&w.s1_l0, &w.s1_l1, &w.s1_l2, &w.s2_l0, &w.s2_l1, &w.s2_l2}) {
    c->entries = c->ways = 0;
  }
  return p;
}
constexpr duration around = ns(1 + 3 + 20 + 5 + 20);  // TLBs, DTI, configuration cache, DTI

// Two neighbouring pages: the time of the first access and of the second.
struct times {
  std::uint64_t first, second;
};
times measure(const table_shapes& t, bool walk_caches) {
  const std::string text = base::in_child([&] {
    walk_bench b(params(walk_caches), t, read);
    const std::uint64_t page = 1ull << t.s1.granule_shift;
    const std::uint64_t pair = b.tables.take_output();
    const std::uint64_t va = 2 * page;
    b.tables.map(va, pair);
    b.tables.map(va + page, b.tables.take_output());
    const duration first = b.translation_time(va);
    return fmt::format("{} {}", first.value(), b.translation_time(va + page).value());
  });
  const std::size_t gap = text.find(' ');
  return {std::stoull(text.substr(0, gap)), std::stoull(text.substr(gap + 1))};
}

// A lookup of walk caches, unless the walk begins at its leaf.
duration lookup(const stage_shape& s) {
  return s.start_level == 3 ? ns(0) : ns(7);
}

TEST_CASE("a stage-1 walk takes a read for each level, cold, at every granule and start level") {
  for (const stage_shape& s : shapes) {
    INFO(name(s));
    const times t = measure({false, s, {}}, false);
    CHECK(t.first == (around + (2 + levels(s)) * read).value());  // STE and CD too
    CHECK(t.second == (around + levels(s) * read).value());
  }
}

TEST_CASE("warm walk caches leave stage 1 one read at every granule and start level") {
  for (const stage_shape& s : shapes) {
    INFO(name(s));
    const times t = measure({false, s, {}}, true);
    CHECK(t.first == (around + lookup(s) + (2 + levels(s)) * read).value());
    CHECK(t.second == (around + lookup(s) + read).value());
  }
}

TEST_CASE("a nested walk takes (n+1)(m+1)-1 reads at every pair of granules and start levels") {
  for (const stage_shape& s1 : shapes) {
    for (const stage_shape& given : shapes) {
      const stage_shape s2 = for_stage2(given);
      INFO(name(s1) << " over " << name(s2));
      const times t = measure({true, s1, s2}, false);
      const unsigned nested = (levels(s1) + 1) * (levels(s2) + 1) - 1;
      CHECK(t.first == (around + (1 + levels(s2) + 1 + nested) * read).value());
      CHECK(t.second == (around + nested * read).value());
    }
  }
}

TEST_CASE("warm walk caches leave a nested walk one read a stage, at every pair") {
  for (const stage_shape& s1 : shapes) {
    for (const stage_shape& given : shapes) {
      const stage_shape s2 = for_stage2(given);
      INFO(name(s1) << " over " << name(s2));
      const times t = measure({true, s1, s2}, true);
      duration expected = around + lookup(s1) + read + lookup(s2) + read;
      // The place of a table is known only where stage 2 maps all of it in one page, and where
      // there is a walk cache that a table of this level is in.
      const bool in_cache = s1.start_level < 3;
      if (!in_cache || s1.granule_shift > s2.granule_shift) expected = expected + lookup(s2) + read;
      CHECK(t.second == expected.value());
    }
  }
}

}  // namespace
}  // namespace svasim::test
