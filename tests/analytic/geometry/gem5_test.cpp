// The gem5-like preset against the closed forms of gem5's SMMUv3 (prior-art.md 2): translation time
// in cycles of 1 ns, where M is the round trip of one read.
#include <fmt/format.h>

#include <sstream>

#include "base/child_process.h"
#include "describe/document.h"
#include "describe/reader.h"
#include "platforms/platform_params.h"
#include "walk_bench.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t mib2 = 1ull << 21, gib = 1ull << 30, gib512 = 1ull << 39;

smmu::smmu_params preset() {
  platforms::platform_params p;
  const std::string file = SVASIM_SOURCE_DIR "/platforms/gem5-like.json";
  describe::read_into(describe::document::from_file(file), p);
  return p.smmu;
}

// What the accesses take in turn, in cycles; 0 where that is no whole number of cycles.
struct access {
  std::uint64_t va, output;
};
std::vector<std::uint64_t> cycles(const table_shapes& shapes, std::uint64_t m,
                                  const std::vector<access>& accesses,
                                  smmu::smmu_params params = preset()) {
  const std::string text = base::in_child([&] {
    walk_bench b(params, shapes, base::ns(m));
    for (const access& a : accesses) b.tables.map(a.va, a.output);
    std::string out;
    for (const access& a : accesses) {
      const base::duration t = b.translation_time(a.va);
      out += fmt::format("{} ", t.value() % 1000 == 0 ? t.value() / 1000 : 0);
    }
    return out;
  });
  std::istringstream in(text);
  std::vector<std::uint64_t> out;
  for (std::uint64_t n; in >> n;) out.push_back(n);
  REQUIRE(out.size() == accesses.size());
  return out;
}

table_shapes stage1() {
  table_shapes s;
  s.two_level_streams = true;
  return s;
}
table_shapes nested() {
  table_shapes s = stage1();
  s.nested = true;
  return s;
}

constexpr std::uint64_t out = 0x20000000;

TEST_CASE("gem5-like: a micro TLB hit takes 2 cycles, a main TLB hit 5") {
  auto small = preset();
  small.tbu.utlb.entries = small.tbu.utlb.ways = 1;
  for (const std::uint64_t m : {50, 100}) {
    CHECK(cycles(stage1(), m, {{page, out}, {page, out}})[1] == 2);
    CHECK(cycles(stage1(), m, {{page, out}, {2 * page, out}, {page, out}}, small)[2] == 5);
  }
}

TEST_CASE("gem5-like: a cold stage-1 miss takes 45 + 4M, and its configuration 3(1 + M) more") {
  for (const std::uint64_t m : {50, 100}) {
    const auto t = cycles(stage1(), m, {{page, out}, {gib512, out}});
    CHECK(t[0] == 45 + 4 * m + 3 * (1 + m));
    CHECK(t[1] == 45 + 4 * m);
  }
}

TEST_CASE("gem5-like: stage-1 walk cache hits at L2, L1 and L0 leave 31 + M, 37 + 2M, 43 + 3M") {
  for (const std::uint64_t m : {50, 100}) {
    const auto t = cycles(stage1(), m, {{page, out}, {2 * page, out}, {mib2, out}, {gib, out}});
    CHECK(t[1] == 31 + m);
    CHECK(t[2] == 37 + 2 * m);
    CHECK(t[3] == 43 + 3 * m);
  }
}

TEST_CASE("gem5-like: a cold nested miss takes 102 + 24M, and its configuration 12 + 7M more") {
  for (const std::uint64_t m : {50, 100}) {
    const auto t = cycles(nested(), m, {{page, out}, {gib512, 2 * gib512}});
    CHECK(t[0] == 102 + 24 * m + 12 + 7 * m);
    CHECK(t[1] == 102 + 24 * m);
  }
}

TEST_CASE("gem5-like: nested with L2 hits in both stages takes 38 + 2M") {
  for (const std::uint64_t m : {50, 100}) {
    CHECK(cycles(nested(), m, {{page, out}, {2 * page, out + page}})[1] == 38 + 2 * m);
  }
}

TEST_CASE("gem5-like: a two-level CD table takes 10 + 5M more when nested") {
  table_shapes two = nested();
  two.two_level_cds = true;
  for (const std::uint64_t m : {50, 100}) {
    const std::uint64_t linear = cycles(nested(), m, {{page, out}})[0];
    CHECK(cycles(two, m, {{page, out}})[0] == linear + 10 + 5 * m);
  }
}

TEST_CASE("the worst case of nested walks, two-level tables and nothing cached, is 36 fetches") {
  table_shapes two = nested();
  two.two_level_cds = true;
  const std::string reads = base::in_child([&] {
    walk_bench b(preset(), two, base::ns(50));
    b.tables.map(page, out);
    b.translation_time(page);
    return fmt::format("{}", b.reads());
  });
  CHECK(reads == "36");
}

}  // namespace
}  // namespace svasim::test
