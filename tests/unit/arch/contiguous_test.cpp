// The Contiguous hint (DDI 0487 D8.7, IHI 0070 6.2).
#include <catch2/catch.hpp>

#include "arch/command.h"
#include "arch/invalidation.h"
#include "raw_smmu.h"

using namespace svasim;
using namespace svasim::arch;
using test::raw_smmu;

namespace {
constexpr std::uint64_t hint = std::uint64_t{1} << 52;
}

TEST_CASE("a contiguous run spans what the architecture's table says, for each granule and level") {
  struct row {
    unsigned granule;
    int level;
    unsigned span;
  };
  const row rows[] = {{12, 3, 16}, {12, 2, 25}, {12, 1, 34}, {12, 0, 39}, {14, 3, 21},
                      {14, 2, 30}, {14, 1, 36}, {16, 3, 21}, {16, 2, 34}, {16, 1, 42}};
  for (const row& r : rows) {
    INFO("granule " << r.granule << " level " << r.level);
    CHECK(leaf_span(hint | 3, r.granule, r.level, true, 0, 52) == r.span);
    CHECK(leaf_span(3, r.granule, r.level, true, 0, 52) == level_shift(r.granule, r.level));
  }
}

TEST_CASE("one entry answers for the whole run, and where each of its pages goes") {
  raw_smmu f;
  f.put(0x100000, 0x101003);
  f.put(0x101000, 0x102003);
  f.put(0x102000, 0x103003);
  f.put(0x103000 + 8 * 0x35, hint | 0x8000'5743);  // page 5 of the run of VAs 0x3'0000
  const auto r = f.translate(0x3'5abc);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x8000'5abc);
  CHECK(r.entry.size_shift == 16);
  CHECK(r.entry.input == 0x3'0000);
  CHECK(r.entry.output.value() == 0x8000'0000);
  CHECK(r.entry.contains(0x3'ffff));
  CHECK_FALSE(r.entry.contains(0x4'0000));
}

TEST_CASE("a TLBI of any page of a run drops its entry, the pages beside it do not") {
  raw_smmu f;
  f.put(0x100000, 0x101003);
  f.put(0x101000, 0x102003);
  f.put(0x102000, 0x103003);
  f.put(0x103000 + 8 * 0x35, hint | 0x8000'5743);
  const entry_tag tag = tag_of(f.translate(0x3'5abc).entry);
  const idr caps(f.registers);
  command c;
  c.op = opcode::tlbi_nh_vaa;
  for (std::uint64_t page = 0x2'f000; page <= 0x4'0000; page += 0x1000) {
    c.address = page;
    CHECK(invalidation(c, caps).covers(tag) == (page >= 0x3'0000 && page < 0x4'0000));
  }
}

TEST_CASE("a run whose output is not aligned like its input gives one page, where the page goes") {
  raw_smmu f;
  f.put(0x100000, 0x101003);
  f.put(0x101000, 0x102003);
  f.put(0x102000, 0x103003);
  f.put(0x103000 + 8 * 0x35, hint | 0x8000'6743);
  const auto r = f.translate(0x3'5abc);
  CHECK(r.output.value() == 0x8000'6abc);
  CHECK(r.entry.size_shift == 12);
}

TEST_CASE("a run beyond the input size is no run") {
  raw_smmu f;
  f.cd.half[0].tsz = 31;  // 33 bits, level 1 with 8 entries: a run would be 16 GiB
  f.put(0x100000, hint | 0x741);
  CHECK(f.translate(0x1234).entry.size_shift == 30);
  f.cd.half[0].tsz = 30;
  CHECK(f.translate(0x1234).entry.size_shift == 34);
}

TEST_CASE("a nested entry is as large as the smaller of both spans") {
  raw_smmu f;
  f.identity_stage2();
  f.put(0x100000, 0x101003);
  f.put(0x101000, 0x102003);
  f.put(0x102000, 0x103003);
  f.put(0x103000 + 8 * 0x35, hint | 0x5743);
  auto r = f.translate(0x3'5abc);
  CHECK(r.entry.size_shift == 16);
  CHECK(r.entry.s2.size_shift == 30);
  // Stage 2 with a run of 4 KiB pages for the same IPAs.
  f.put(raw_smmu::s2_root, 0x201003);
  f.put(0x201000, 0x202003);
  f.put(0x201000 + 8, 0x20'0000 | 0x7c1);
  f.put(0x202000 + 8 * 2, 0x2000 | 0x7c3);  // the CD
  for (std::uint64_t page = 0x100; page < 0x104; ++page) {
    f.put(0x202000 + 8 * page, page << 12 | 0x7c3);
  }
  f.put(0x202000 + 8 * 5, hint | 0x7000'5000 | 0x7c3);
  r = f.translate(0x3'5abc);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x7000'5abc);
  CHECK(r.entry.size_shift == 16);
  CHECK(r.entry.s2.size_shift == 16);
  f.put(0x202000 + 8 * 5, 0x7000'5000 | 0x7c3);
  CHECK(f.translate(0x3'5abc).entry.size_shift == 12);
}
