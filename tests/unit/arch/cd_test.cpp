#include "arch/cd.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <functional>
#include <string>

#include "base/bits.h"

using namespace svasim;
using namespace svasim::arch;

namespace {
/// Both halves in use, 4K, 48 bits: legal with the default registers.
cd legal_cd() {
  cd c;
  c.valid = true;
  c.aa64 = true;
  c.a = true;
  c.r = true;
  c.ips = 5;
  for (auto& half : c.half) {
    half.tsz = 16;
    half.granule_shift = 12;
    half.ttb = 0x4000'0000;
  }
  return c;
}

std::string why(const std::function<void(cd&)>& change, const registers& words = {},
                bool s1_stalld = false) {
  cd c = legal_cd();
  change(c);
  ste s;
  s.s1_stalld = s1_stalld;
  const char* reason = check(c, s, idr(words));
  return reason == nullptr ? "" : reason;
}
}  // namespace

TEST_CASE("a CD written by Linux decodes field by field") {
  const cd c = decode_cd({0x0001e204c0003510, 0x4d57b000, 0, 0xfffffffff404ff44, 0, 0, 0, 0});
  CHECK(c.valid);
  CHECK(c.aa64);
  CHECK(c.half[0].tsz == 16);
  CHECK(c.half[0].granule_shift == 12);
  CHECK(c.half[0].ttb == 0x4d57b000);
  CHECK_FALSE(c.half[0].epd);
  CHECK(c.half[1].epd);
  CHECK(c.ips == 4);
  CHECK(c.a);
  CHECK(c.r);
  CHECK_FALSE(c.s);
  CHECK(c.aset);
  CHECK(c.asid == base::asid(1));
}

TEST_CASE("TG0 and TG1 encode the same granules differently") {
  const auto granules = [](std::uint64_t tg) {
    const cd c = decode_cd({tg << 6 | tg << 22});
    return std::pair<unsigned, unsigned>(c.half[0].granule_shift, c.half[1].granule_shift);
  };
  CHECK(granules(0) == std::pair(12u, 0u));
  CHECK(granules(1) == std::pair(16u, 14u));
  CHECK(granules(2) == std::pair(14u, 12u));
  CHECK(granules(3) == std::pair(0u, 16u));
}

TEST_CASE("any CD decodes, and encode of what was decoded decodes the same") {
  REQUIRE(rc::check("cd round trip", [](const structure_words& words) {
    const structure_words once = encode(decode_cd(words));
    const structure_words twice = encode(decode_cd(once));
    check(decode_cd(words), ste(), idr());
    return once == twice;
  }));
}

TEST_CASE("a legal CD passes, and each rule of 5.4 refuses its own violation") {
  CHECK(why([](cd&) {}).empty());
  CHECK(why([](cd& c) { c.valid = false; }) == "V is 0");
  CHECK(why([](cd& c) { c.aa64 = false; }) == "AA64 or ENDI is not supported");
  CHECK(why([](cd& c) { c.endi = true; }) == "AA64 or ENDI is not supported");
  CHECK(why([](cd& c) { c.half[0].granule_shift = 0; }) == "TG is not supported");
  CHECK(why([](cd& c) { c.half[0].tsz = 15; }) == "TSZ is out of range");
  CHECK(why([](cd& c) { c.half[1].tsz = 40; }) == "TSZ is out of range");
  CHECK(why([](cd& c) { c.ips = 0, c.half[1].ttb = 1ull << 32; }) == "TTB is beyond IPS");
  CHECK(why([](cd& c) { c.a = false; }) == "A is 0 where faults can only abort");
  CHECK(why([](cd& c) { c.s = true; }) == "S is set where stalls are not allowed");
}

TEST_CASE("a half with EPD may hold anything") {
  CHECK(why([](cd& c) { c.half[1] = {63, 0, true, false, false, base::low_mask(52)}; }).empty());
}

TEST_CASE("small tables widen the range of TSZ") {
  registers stt;
  stt.idr3 |= 1u << 9;
  CHECK(why([](cd& c) { c.half[0].tsz = 48; }, stt).empty());
  CHECK(why([](cd& c) { c.half[0].tsz = 49; }, stt) == "TSZ is out of range");
  CHECK(why([](cd& c) { c.half[0].granule_shift = 16, c.half[0].tsz = 48; }, stt) ==
        "TSZ is out of range");
}

TEST_CASE("a granule the implementation lacks is refused") {
  registers only4k;
  only4k.idr5 = 0x15;
  CHECK(why([](cd&) {}, only4k).empty());
  CHECK(why([](cd& c) { c.half[0].granule_shift = 14; }, only4k) == "TG is not supported");
}

TEST_CASE("stalls are a matter of the stall model and S1STALLD") {
  registers both, forced;
  both.idr0 &= ~(3u << 24);
  forced.idr0 = (forced.idr0 & ~(3u << 24)) | 2u << 24;
  CHECK(why([](cd& c) { c.s = true; }, both).empty());
  CHECK(why([](cd& c) { c.s = true; }, both, true) == "S is set where stalls are not allowed");
  CHECK(why([](cd&) {}, forced) == "S is 0 where faults can only stall");
}

TEST_CASE("a level 1 CD descriptor is valid by bit 0 and points at 4 KiB") {
  CHECK_FALSE(decode_l1cd(0x12345ffe).valid);
  CHECK(decode_l1cd(0x12345fff).valid);
  CHECK(decode_l1cd(0x12345fff).l2_ptr == 0x12345000);
}
