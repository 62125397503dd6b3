// 52-bit addresses (DDI 0487 D8.2, D8.3; IHI 0070 3.4): descriptors computed by hand.
#include <catch2/catch.hpp>
#include <string>

#include "raw_smmu.h"

using namespace svasim;
using namespace svasim::arch;
using test::raw_smmu;

namespace {
constexpr std::uint64_t va = 0xf'1234'5678'9abc;
using addresses = std::vector<std::uint64_t>;

/// 4K, DS, 52-bit VA: indexes of `va` are 0xf, 0x24, 0xd1, 0xb3, 0x189.
raw_smmu five_levels() {
  raw_smmu f;
  f.cd.ds = true;
  f.cd.half[0].tsz = 12;
  f.put(0x100078, 0x101003);
  f.put(0x101000 + 8 * 0x24, 0x102003);
  f.put(0x102000 + 8 * 0xd1, 0x103003);
  f.put(0x103000 + 8 * 0xb3, 0x104003);
  // OA 0xd'edcb'a987'6000: [51:50] = 3 in bits 9:8, [49:12] in place; AF, AP[1], page.
  f.put(0x104000 + 8 * 0x189, 0x0001'edcb'a987'6743);
  return f;
}
}  // namespace

TEST_CASE(
    "with DS a 4K walk of 52 bits starts at level -1 and gives OA 51 to 50 from bits 9 to 8") {
  raw_smmu f = five_levels();
  const auto r = f.translate(va);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0xd'edcb'a987'6abc);
  CHECK(r.count(fetch_kind::s1_descriptor) == 5);
  CHECK(f.reads == addresses{0x1000, 0x2000, 0x100078, 0x101120, 0x102688, 0x103598, 0x104c48});
  CHECK(r.entry.size_shift == 12);
}

TEST_CASE("a table descriptor with DS has bits 51 to 50 of the next table in bits 9 to 8") {
  raw_smmu f = five_levels();
  f.put(0x100078, 0x0002'0000'0010'1203);  // 0xa'0000'0010'1000
  f.put(0xa'0000'0010'1000 + 8 * 0x24, 0x102003);
  CHECK(f.translate(va).output.value() == 0xd'edcb'a987'6abc);
  CHECK(f.reads[3] == 0xa'0000'0010'1120);
}

TEST_CASE("without DS the same bits are shareability, and 52 bits are out of range") {
  raw_smmu f;
  f.put(0x100000, 0x101003);
  f.put(0x101000, 0x0000'edcb'8000'0741);  // 1 GiB block, SH = 3
  CHECK(f.translate(0x123).output.value() == 0xedcb'8000'0123);
  f.cd.half[0].tsz = 12;
  CHECK(f.translate(0x123).event.type == event_type::c_bad_cd);
}

TEST_CASE("with DS level 0 has blocks of 512 GiB, without it they are invalid") {
  raw_smmu f;
  f.put(0x100008, 0x0003'0080'0000'0741 | 0x100);  // 0xf'0080'0000'0000
  f.cd.ds = true;
  const auto r = f.translate(0x80'1234'5678);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0xf'0080'1234'5678);
  CHECK(r.entry.size_shift == 39);
  f.cd.ds = false;
  CHECK(f.translate(0x80'1234'5678).event.type == event_type::f_translation);
}

TEST_CASE("16K with DS resolves bits 51 to 47 at level 0 and has blocks of 64 GiB at level 1") {
  raw_smmu f;
  f.cd.ds = true;
  f.cd.half[0] = {12, 14, false, false, false, raw_smmu::s1_root};
  // 0xf'1234'5678'9abc: [51:47] = 0x1e, [46:36] = 0x123.
  f.put(0x100000 + 8 * 0x1e, 0x104003);
  f.put(0x104000 + 8 * 0x123, 0x0001'2340'0000'0000 | 0x641);  // [51:50] = 2: 0x9'2340'...
  const auto r = f.translate(va);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x9'2344'5678'9abc);
  CHECK(r.entry.size_shift == 36);
}

TEST_CASE("64K has OA 51 to 48 in bits 15 to 12 where the OAS is 52, and blocks of 4 TiB") {
  raw_smmu f;
  f.cd.half[0] = {12, 16, false, false, false, raw_smmu::s1_root};
  // [51:42] = 0x3c4, [41:29] = 0x11a2, [28:16] = 0x1678.
  f.put(0x100000 + 8 * 0x3c4, 0x11'0003);
  f.put(0x110000 + 8 * 0x11a2, 0x13'0003);
  f.put(0x130000 + 8 * 0x1678, 0x1234'5678'a743);
  CHECK(f.translate(va).output.value() == 0xa'1234'5678'9abc);
  f.put(0x100000 + 8 * 0x3c4, 0x0400'0000'a741);
  const auto block = f.translate(va);
  CHECK(block.output.value() == (0xa'0400'0000'0000 | (va & 0x3ff'ffff'ffff)));
  CHECK(block.entry.size_shift == 42);
  f.registers.idr5 = 5 | 7u << 4 | 1u << 10;  // OAS 48: bits 15:12 are not looked at
  CHECK(f.translate(va).event.type == event_type::f_translation);
  f.put(0x100000 + 8 * 0x3c4, 0x11'0003);
  CHECK(f.translate(va).output.value() == 0x1234'5678'9abc);
}

TEST_CASE("VAs of 52 bits need VAX besides DS") {
  raw_smmu f = five_levels();
  f.registers.idr5 &= ~(1u << 10);
  CHECK(f.translate(va).event.type == event_type::c_bad_cd);
  f.registers.idr5 |= 1u << 10;
  f.registers.idr5 &= ~(1u << 7);
  CHECK(f.translate(va).event.type == event_type::c_bad_cd);
}

TEST_CASE("an output beyond IPS is F_ADDR_SIZE for wide descriptors too") {
  raw_smmu f = five_levels();
  f.cd.ips = 5;  // 48 bits
  CHECK(f.translate(va).event.type == event_type::f_addr_size);
  f.put(0x104000 + 8 * 0x189, 0x0000'edcb'a987'6443);
  CHECK(f.translate(va).output.value() == 0xedcb'a987'6abc);
}

TEST_CASE("TTB may lie beyond 48 bits only where the tables are wide, and is aligned to 64 bytes") {
  raw_smmu f;
  f.cd.half[0].ttb = 0x8'0000'0010'0000;
  CHECK(f.translate(0).event.type == event_type::c_bad_cd);
  f.cd.ds = true;
  CHECK(f.translate(0).event.type == event_type::f_translation);
  CHECK(f.reads.back() == 0x8'0000'0010'0000);
  // One entry at level 1 is a table of 16 bytes; with DS it is aligned to 64.
  f.cd.half[0] = {33, 12, false, false, false, 0x100030};
  CHECK(f.translate(0).event.type == event_type::f_translation);
  CHECK(f.reads.back() == 0x100000);
  f.cd.ds = false;
  f.translate(0);
  CHECK(f.reads.back() == 0x100030);
}

TEST_CASE("stage 2 with S2DS starts at level -1, 0 or 1 for 52-bit IPAs") {
  raw_smmu f;
  f.ste.config = ste_config::stage2;
  f.ste.s2_ds = true;
  f.ste.s2_t0sz = 12;
  f.ste.s2_sl0 = 0;
  f.ste.s2_sl0_2 = true;
  f.put(0x200078, 0x201003);
  f.put(0x201000 + 8 * 0x24, 0x0003'0200'0000'07c1);  // 512 GiB block, S2AP = 3, [51:50] = 3
  const auto r = f.translate(va);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.output.value() == (0xf'0200'0000'0000 | (va & 0x7f'ffff'ffff)));
  CHECK(r.entry.s2.level == 0);
  // The same IPAs from level 0: 16 tables side by side, index [51:39] = 0x1e24.
  f.ste.s2_sl0 = 2;
  f.ste.s2_sl0_2 = false;
  f.put(0x200000 + 8 * 0x1e24, 0x0003'0200'0000'07c1);
  CHECK(f.translate(va).output.value() == r.output.value());
}

TEST_CASE("stage 2 start levels with S2DS accept exactly the sizes of DDI 0487 D8") {
  struct row {
    unsigned tg, sl0, first, last;
    bool sl0_2;
  };
  const row rows[] = {{0, 0, 12, 15, true},  {0, 2, 12, 24, false}, {0, 1, 21, 33, false},
                      {2, 3, 12, 16, false}, {2, 2, 13, 27, false}, {1, 2, 12, 21, false}};
  const raw_smmu f;
  for (const row& r : rows) {
    for (unsigned t0sz = 0; t0sz < 64; ++t0sz) {
      ste s = f.ste;
      s.config = ste_config::stage2;
      s.s2_ds = true;
      s.s2_tg = static_cast<std::uint8_t>(r.tg);
      s.s2_sl0 = static_cast<std::uint8_t>(r.sl0);
      s.s2_sl0_2 = r.sl0_2;
      s.s2_t0sz = static_cast<std::uint8_t>(t0sz);
      INFO("tg " << r.tg << " sl0 " << r.sl0 << " t0sz " << t0sz);
      CHECK((check(s, idr(f.registers)) == nullptr) == (t0sz >= r.first && t0sz <= r.last));
    }
  }
}

TEST_CASE("S2SL0_2 and level 0 of 16K are reserved without S2DS, and 4K level 0 below 44 bits") {
  raw_smmu f;
  ste s = f.ste;
  s.config = ste_config::stage2;
  const auto why = [&](const registers& words) {
    const char* text = check(s, idr(words));
    return std::string(text == nullptr ? "" : text);
  };
  s.s2_sl0_2 = true;  // RES0 without S2DS
  CHECK(why(f.registers).empty());
  s.s2_ds = true;
  CHECK(why(f.registers) == "S2SL0 is reserved");
  s.s2_ds = s.s2_sl0_2 = false;
  s.s2_tg = 2;
  s.s2_sl0 = 3;
  s.s2_t0sz = 16;
  CHECK(why(f.registers) == "S2SL0 is reserved");
  s.s2_tg = 0;
  s.s2_sl0 = 2;
  s.s2_t0sz = 24;
  CHECK(why(f.registers).empty());
  f.registers.idr5 = 3 | 7u << 4;  // 42 bits
  CHECK(why(f.registers) == "S2SL0 is reserved");
}
