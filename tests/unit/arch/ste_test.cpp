#include "arch/ste.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "base/bits.h"

using namespace svasim;
using namespace svasim::arch;

namespace {
/// Nested, 4K, 40-bit IPA, 3 levels: legal with the default registers.
ste legal_ste() {
  ste s;
  s.valid = true;
  s.config = ste_config::nested;
  s.s1_context_ptr = 0x4000'0000;
  s.s2_t0sz = 24;
  s.s2_sl0 = 1;
  s.s2_ps = 5;
  s.s2_aa64 = true;
  s.s2_ttb = 0x5000'0000;
  return s;
}

std::string why(const std::function<void(ste&)>& change, const registers& words = {}) {
  ste s = legal_ste();
  change(s);
  const char* reason = check(s, idr(words));
  return reason == nullptr ? "" : reason;
}
}  // namespace

TEST_CASE("an STE written by Linux decodes field by field") {
  const ste s = decode_ste({0x000000004c99900b, 0x00000000000000d6, 0, 0, 0, 0, 0, 0});
  CHECK(s.valid);
  CHECK(s.config == ste_config::stage1);
  CHECK(s.s1_context_ptr == 0x4c999000);
  CHECK(s.s1_cd_max == 0);
  CHECK(s.dss == s1dss::substream0);
  CHECK(s.stage1_on());
  CHECK_FALSE(s.stage2_on());
}

TEST_CASE("every Config of 0b0xx aborts") {
  for (std::uint64_t config = 0; config < 4; ++config) {
    CHECK(decode_ste({1 | config << 1}).config == ste_config::abort);
  }
}

TEST_CASE("the fields of an STE sit where IHI 0070 5.2 puts them") {
  ste s = legal_ste();
  s.vmid = base::vmid(0xabcd);
  s.s2_r = true;
  const auto w = encode(s);
  CHECK(w[0] == (0x4000'0000 | 0xf));
  CHECK(base::bits(w[2], 15, 0) == 0xabcd);
  CHECK(base::bits(w[2], 37, 32) == 24);
  CHECK(base::bits(w[2], 39, 38) == 1);
  CHECK(base::bits(w[2], 50, 48) == 5);
  CHECK(base::bit(w[2], 51));
  CHECK(base::bit(w[2], 58));
  CHECK(w[3] == 0x5000'0000);
}

TEST_CASE("any eight words decode, and encode of what was decoded decodes the same") {
  REQUIRE(rc::check("ste round trip", [](const structure_words& words) {
    const structure_words once = encode(decode_ste(words));
    const structure_words twice = encode(decode_ste(once));
    check(decode_ste(words), idr());
    return once == twice;
  }));
}

TEST_CASE("a legal STE passes, and each rule of 5.2 refuses its own violation") {
  CHECK(why([](ste&) {}).empty());
  CHECK(why([](ste& s) { s.valid = false; }) == "V is 0");
  CHECK(why([](ste& s) { s.s2_tg = 3; }) == "S2TG is not supported");
  CHECK(why([](ste& s) { s.s2_sl0 = 3; }) == "S2SL0 is reserved");
  CHECK(why([](ste& s) { s.s2_t0sz = 40; }) == "S2T0SZ is out of range");
  CHECK(why([](ste& s) { s.s2_t0sz = 15; }) == "S2T0SZ is out of range");
  CHECK(why([](ste& s) { s.s2_sl0 = 0; }) == "S2T0SZ and S2SL0 do not fit together");
  CHECK(why([](ste& s) { s.s2_ps = 0, s.s2_ttb = 1ull << 32; }) == "S2TTB is beyond S2PS");
  CHECK(why([](ste& s) { s.s2_aa64 = false; }) == "S2AA64 or S2ENDI is not supported");
  CHECK(why([](ste& s) { s.s2_endi = true; }) == "S2AA64 or S2ENDI is not supported");
  CHECK(why([](ste& s) { s.s2_ha = true; }) == "S2HA or S2HD is not supported");
  CHECK(why([](ste& s) { s.s2_s = true; }) == "S2S is not supported");
  CHECK(why([](ste& s) { s.s1_cd_max = 1; }) == "S1CDMax is beyond IDR1.SSIDSIZE");
  CHECK(why([](ste& s) { s.s1_stalld = true; }) == "S1STALLD is set where stalls cannot be chosen");
}

TEST_CASE("a stream that bypasses or aborts may have anything in its other fields") {
  const auto garbage = [](ste_config config) {
    return [config](ste& s) { s.config = config, s.s2_tg = 3, s.s1_cd_max = 31, s.s2_s = true; };
  };
  CHECK(why(garbage(ste_config::abort)).empty());
  CHECK(why(garbage(ste_config::bypass)).empty());
}

TEST_CASE("a stage the implementation lacks makes the STE illegal") {
  registers no_s1, no_s2;
  no_s1.idr0 &= ~2u;
  no_s2.idr0 &= ~1u;
  CHECK(why([](ste& s) { s.config = ste_config::stage1; }, no_s1) == "stage 1 is not implemented");
  CHECK(why([](ste& s) { s.config = ste_config::stage2; }, no_s1).empty());
  CHECK(why([](ste&) {}, no_s2) == "stage 2 is not implemented");
  CHECK(why([](ste& s) { s.config = ste_config::stage1; }, no_s2).empty());
}

TEST_CASE("a 16-bit VMID needs VMID16") {
  registers narrow;
  narrow.idr0 &= ~(1u << 18);
  CHECK(why([](ste& s) { s.vmid = base::vmid(0xff); }, narrow).empty());
  CHECK(why([](ste& s) { s.vmid = base::vmid(0x100); }, narrow) == "S2VMID has more than 8 bits");
}

TEST_CASE("CD tables need SSIDSIZE, and two-level ones CD2L") {
  registers words;
  words.idr1 |= 8u << 6;
  CHECK(why([](ste& s) { s.s1_cd_max = 8; }, words).empty());
  CHECK(why([](ste& s) { s.s1_cd_max = 9; }, words) == "S1CDMax is beyond IDR1.SSIDSIZE");
  CHECK(why([](ste& s) { s.s1_cd_max = 8, s.s1_format = 1; }, words) == "S1Fmt is not supported");
  words.idr0 |= 1u << 19;
  CHECK(why([](ste& s) { s.s1_cd_max = 8, s.s1_format = 2; }, words).empty());
  CHECK(why([](ste& s) { s.s1_cd_max = 8, s.s1_format = 3; }, words) == "S1Fmt is not supported");
}

TEST_CASE("EATS counts only with ATS, and the rules of 5.2 hold for it") {
  registers ats;
  ats.idr0 = (ats.idr0 | 1u << 10) & ~(3u << 24);  // stalls can be chosen
  CHECK(why([](ste& s) { s.eats = 3; }).empty());
  CHECK(why([](ste& s) { s.eats = 3; }, ats) == "EATS needs the device permission table");
  CHECK(why([](ste& s) { s.eats = 1; }, ats).empty());
  CHECK(why([](ste& s) { s.eats = 1, s.s2_s = true; }, ats) == "EATS with S2S");
  CHECK(why([](ste& s) { s.eats = 2; }, ats).empty());
  const auto split_alone = [](ste& s) { s.eats = 2, s.config = ste_config::stage1; };
  CHECK(why(split_alone, ats) == "split-stage ATS is not supported");
  ats.idr0 |= 1u << 11;
  CHECK(why([](ste& s) { s.eats = 2; }, ats) == "split-stage ATS is not supported");
}

TEST_CASE("stage 2 start levels accept exactly the T0SZ ranges of the architecture's table") {
  struct row {
    unsigned tg, sl0, first, last;  // T0SZ range with up to 16 concatenated tables
  };
  // DDI 0487 D8.2, 48-bit input, no small tables: 4K L2, L1, L0; 16K L3, L2, L1; 64K L3, L2, L1.
  const row rows[] = {{0, 0, 30, 39}, {0, 1, 21, 33}, {0, 2, 16, 24},
                      {2, 0, 35, 39}, {2, 1, 24, 38}, {2, 2, 16, 27},
                      {1, 0, 31, 39}, {1, 1, 18, 34}, {1, 2, 16, 21}};
  for (const row& r : rows) {
    for (unsigned t0sz = 0; t0sz < 64; ++t0sz) {
      const std::string reason = why([&](ste& s) {
        s.s2_tg = static_cast<std::uint8_t>(r.tg);
        s.s2_sl0 = static_cast<std::uint8_t>(r.sl0);
        s.s2_t0sz = static_cast<std::uint8_t>(t0sz);
      });
      INFO("tg " << r.tg << " sl0 " << r.sl0 << " t0sz " << t0sz << " " << reason);
      CHECK(reason.empty() == (t0sz >= r.first && t0sz <= r.last));
    }
  }
}

TEST_CASE("the stage 2 input may not be wider than the IAS") {
  registers words;
  words.idr5 = 0x74;  // 44 bits
  const auto with = [](unsigned t0sz) {
    return [t0sz](ste& s) { s.s2_sl0 = 2, s.s2_t0sz = static_cast<std::uint8_t>(t0sz); };
  };
  CHECK(why(with(20), words).empty());
  CHECK(why(with(19), words) == "S2T0SZ is out of range");
}

TEST_CASE("a level 1 stream table descriptor spans 2^(Span-1) entries and is aligned to them") {
  const l1std d = decode_l1std(0x12345fc9);  // Span 9: 256 STEs, 16 KiB
  CHECK(d.valid());
  CHECK(d.span == 9);
  CHECK(d.l2_ptr.value() == 0x12344000);
  CHECK_FALSE(decode_l1std(0x12345fc0).valid());
  CHECK(decode_l1std(0x12345fcb).valid());
  CHECK_FALSE(decode_l1std(0x12345fcc).valid());
  CHECK_FALSE(decode_l1std(0x12345fdf).valid());
}
