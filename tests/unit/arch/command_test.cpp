#include "arch/command.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace svasim;
using namespace svasim::arch;

namespace {
command_error verdict(opcode op, const registers& words = {}) {
  command c;
  c.op = op;
  return check(c, idr(words));
}
constexpr auto none = command_error::none;
constexpr auto ill = command_error::ill;
}  // namespace

TEST_CASE("a TLBI_NH_VA of the oracle decodes to its fields and encodes to its bytes") {
  // p00433: asid 36391, vmid 62992, leaf, ttl 3, tg 2, num and scale 0
  const command_words words = {0x8e27f61000000012, 0x00005e9e01d8cb01};
  const command c = decode_command(words);
  CHECK(c.op == opcode::tlbi_nh_va);
  CHECK(c.asid == base::asid(36391));
  CHECK(c.vmid == base::vmid(62992));
  CHECK(c.address == 0x5e9e01d8c000);
  CHECK(c.leaf);
  CHECK(c.ttl == 3);
  CHECK(c.tg == 2);
  CHECK(c.num == 0);
  CHECK(c.scale == 0);
  CHECK(encode(c) == words);
  CHECK(check(c, idr()) == none);
}

TEST_CASE("every opcode survives encode and decode with all its fields") {
  REQUIRE(rc::check("command round trip", [](const command_words& words) {
    const command c = decode_command(words);
    check(c, idr());
    return decode_command(encode(c)) == c;
  }));
}

TEST_CASE("the fields of each command sit where IHI 0070 4 puts them") {
  command c;
  c.op = opcode::atc_inv;
  c.sid = base::stream_id(0x1234);
  c.has_ssid = true;
  c.ssid = base::substream_id(0x56789);
  c.global = true;
  c.size = 9;
  c.address = 0xabcd000;
  CHECK(encode(c) == command_words{0x0000123456789a40, 0xabcd009});

  c = {};
  c.op = opcode::sync;
  c.signal = sync_signal::interrupt;
  c.msi_data = 0x99;
  c.address = 0x8090040;
  CHECK(encode(c) == command_words{0x0000009900001046, 0x8090040});

  c = {};
  c.op = opcode::pri_resp;
  c.sid = base::stream_id(8);
  c.prg_index = 0x1ff;
  c.response = 2;
  CHECK(encode(c) == command_words{0x0000000800000041, 0x21ff});

  c = {};
  c.op = opcode::resume;
  c.sid = base::stream_id(8);
  c.retry = true;
  c.stag = 0xbeef;
  CHECK(encode(c) == command_words{0x0000000800001044, 0xbeef});

  c = {};
  c.op = opcode::cfgi_ste_range;
  c.range = 31;
  CHECK(encode(c) == command_words{0x04, 31});
}

TEST_CASE("an unknown opcode is illegal, and so is a Secure command") {
  for (const unsigned op : {0x00u, 0x1fu, 0x4fu, 0x71u, 0xffu}) {
    CHECK(verdict(static_cast<opcode>(op)) == ill);
    CHECK(name(static_cast<opcode>(op)) == "reserved");
  }
  command c;
  c.op = opcode::sync;
  CHECK(check(c, idr()) == none);
  c.secure = true;
  CHECK(check(c, idr()) == ill);
}

TEST_CASE("a TLB command for a stage the implementation lacks is illegal") {
  registers s1_only, s2_only;
  s1_only.idr0 &= ~1u;
  s2_only.idr0 &= ~2u;
  for (const auto op :
       {opcode::tlbi_nh_all, opcode::tlbi_nh_asid, opcode::tlbi_nh_va, opcode::tlbi_nh_vaa}) {
    CHECK(verdict(op, s1_only) == none);
    CHECK(verdict(op, s2_only) == ill);
  }
  for (const auto op : {opcode::tlbi_s12_vmall, opcode::tlbi_s2_ipa}) {
    CHECK(verdict(op, s1_only) == ill);
    CHECK(verdict(op, s2_only) == none);
  }
  CHECK(verdict(opcode::tlbi_nsnh_all, s1_only) == none);
  CHECK(verdict(opcode::tlbi_nsnh_all, s2_only) == none);
}

TEST_CASE("VMS and DPT commands need MPAM and DPT") {
  registers words;
  CHECK(verdict(opcode::cfgi_vms_pidm) == ill);
  CHECK(verdict(opcode::dpti_all) == ill);
  words.idr3 |= 1u << 7;
  CHECK(verdict(opcode::cfgi_vms_pidm, words) == none);
  CHECK(verdict(opcode::dpti_pa, words) == ill);
  words.idr3 |= 1u << 14;
  CHECK(verdict(opcode::dpti_all, words) == none);
  CHECK(verdict(opcode::dpti_pa, words) == none);
  CHECK(name(opcode::cfgi_vms_pidm) == "CFGI_VMS_PIDM");
  CHECK(name(command_error::atc_inv_sync) == "CERROR_ATC_INV_SYNC");
}

TEST_CASE("a range command of one granule needs a level, if ranges are implemented") {
  command c;
  c.op = opcode::tlbi_nh_va;
  c.tg = 1;
  CHECK(check(c, idr()) == ill);
  for (auto field : {&command::num, &command::scale, &command::ttl}) {
    command changed = c;
    changed.*field = 1;
    CHECK(check(changed, idr()) == none);
  }
  c.tg = 0;
  CHECK(check(c, idr()) == none);
  registers no_ril;
  no_ril.idr3 &= ~(1u << 10);
  c.tg = 1;
  CHECK(check(c, idr(no_ril)) == none);
}

TEST_CASE("ATS, PRI, stall and EL2 commands need their feature") {
  CHECK(verdict(opcode::atc_inv) == ill);
  CHECK(verdict(opcode::pri_resp) == ill);
  CHECK(verdict(opcode::resume) == ill);
  CHECK(verdict(opcode::tlbi_el2_all) == ill);
  registers words;
  words.idr0 = (words.idr0 | 1u << 10 | 1u << 16 | 1u << 9) & ~(3u << 24);
  CHECK(verdict(opcode::atc_inv, words) == none);
  CHECK(verdict(opcode::pri_resp, words) == none);
  CHECK(verdict(opcode::resume, words) == none);
  CHECK(verdict(opcode::tlbi_el2_all, words) == none);
  command c;
  c.op = opcode::pri_resp;
  c.response = 3;
  CHECK(check(c, idr(words)) == ill);
  c = {};
  c.op = opcode::atc_inv;
  c.size = 52;
  CHECK(check(c, idr(words)) == none);
  c.size = 53;
  CHECK(check(c, idr(words)) == ill);
}
