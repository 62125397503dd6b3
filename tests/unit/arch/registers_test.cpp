#include "arch/registers.h"

#include <catch2/catch.hpp>

using namespace svasim::arch;

TEST_CASE("the identification words of QEMU's SMMU decode to what they announce") {
  registers words;
  words.idr0 = 0xd44101b;
  words.idr1 = 0x2730010;
  words.idr3 = 0x1414;
  words.idr5 = 0x74;
  const idr caps(words);
  CHECK(caps.s1p);
  CHECK(caps.s2p);
  CHECK(caps.asid16);
  CHECK(caps.vmid16);
  CHECK(caps.st_level2);
  CHECK(caps.term_model);
  CHECK(caps.stall_model == 1);
  CHECK(caps.httu == 0);
  CHECK_FALSE(caps.ats);
  CHECK_FALSE(caps.pri);
  CHECK_FALSE(caps.cd2l);
  CHECK_FALSE(caps.hyp);
  CHECK(caps.sid_bits == 16);
  CHECK(caps.ssid_bits == 0);
  CHECK(caps.cmdq_bits == 19);
  CHECK(caps.eventq_bits == 19);
  CHECK(caps.had);
  CHECK(caps.xnx);
  CHECK(caps.ril);
  CHECK_FALSE(caps.stt);
  CHECK(caps.oas_bits == 44);
  CHECK(caps.ias_bits == 44);
  CHECK(caps.granule_supported(12));
  CHECK(caps.granule_supported(14));
  CHECK(caps.granule_supported(16));
  CHECK_FALSE(caps.granule_supported(13));
}

TEST_CASE("AArch32 LPAE tables make the IPA at least 40 bits") {
  registers words;
  words.idr0 |= 3u << 2;
  words.idr5 = 0x71;  // 36 bits
  CHECK(idr(words).oas_bits == 36);
  CHECK(idr(words).ias_bits == 40);
}

TEST_CASE("address size codes and bits belong together") {
  const unsigned bits[] = {32, 36, 40, 42, 44, 48, 52, 56};
  for (unsigned code = 0; code < 8; ++code) {
    CHECK(address_size_bits(code) == bits[code]);
    CHECK(address_size_code(bits[code]) == code);
  }
  CHECK(address_size_code(39) == 1);
  CHECK(address_size_code(43) == 3);
}

TEST_CASE("a linear stream table base is aligned to the table") {
  registers words;
  words.strtab_base = 0x4000'0000'1234'5fff;  // RA set, low bits set
  words.strtab_base_cfg = 8;
  CHECK(register_view(words).table_base.value() == 0x12344000);
}

TEST_CASE("a two-level stream table base is aligned to the level 1 table, at least 64 bytes") {
  registers words;
  words.strtab_base = 0x1234'5fff;
  words.strtab_base_cfg = 1u << 16 | 8u << 6 | 16;  // 256 entries of 8 bytes
  CHECK(register_view(words).table_base.value() == 0x12345800);
  words.strtab_base_cfg = 1u << 16 | 8u << 6 | 7;  // one entry
  CHECK(register_view(words).table_base.value() == 0x12345fc0);
}

TEST_CASE("a reserved SPLIT acts as 6, a LOG2SIZE beyond SIDSIZE as SIDSIZE") {
  registers words;
  words.strtab_base_cfg = 1u << 16 | 9u << 6 | 63;
  const register_view view(words);
  CHECK(view.split == 6);
  CHECK(view.log2_size == 16);
  CHECK(view.two_level);
}

TEST_CASE("control registers decode to their bits") {
  registers words;
  words.cr0 = 0x1d;
  words.cr2 = 0x2;
  words.gbpa = 1u << 20;
  const register_view view(words);
  CHECK(view.enabled);
  CHECK(view.eventq_enabled);
  CHECK(view.cmdq_enabled);
  CHECK(view.ats_check);
  CHECK(view.record_invalid_sid);
  CHECK_FALSE(view.e2h);
  CHECK(view.abort_when_disabled);
}
