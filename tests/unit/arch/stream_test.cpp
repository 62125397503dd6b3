// What the STE and the registers change about a transaction: overrides, VMID wildcards, long
// ranges, merging of records.
#include <catch2/catch.hpp>

#include "arch/command.h"
#include "arch/invalidation.h"
#include "raw_smmu.h"

using namespace svasim;
using namespace svasim::arch;
using test::raw_smmu;

namespace {
/// A 1 GiB block for privileged code only.
raw_smmu with_privileged_block() {
  raw_smmu f;
  f.registers.idr1 |= 1u << 26;  // ATTR_PERMS_OVR
  f.put(0x100000, 0x101003);
  f.put(0x101000, 0x8000'0701);
  return f;
}
}  // namespace

TEST_CASE("PRIVCFG makes transactions privileged or not, in permission and record") {
  raw_smmu f = with_privileged_block();
  CHECK(f.translate(0).event.type == event_type::f_permission);
  f.ste.privcfg = 3;
  CHECK(f.translate(0).outcome == outcome::ok);
  access_request privileged;
  privileged.privileged = true;
  f.ste.privcfg = 2;
  const auto r = f.translate(privileged);
  CHECK(r.event.type == event_type::f_permission);
  CHECK_FALSE(r.event.privileged);
  f.ste.privcfg = 1;  // reserved: as it comes
  CHECK(f.translate(privileged).outcome == outcome::ok);
  f.ste.privcfg = 3;
  f.registers.idr1 &= ~(1u << 26);
  CHECK(f.translate(0).event.type == event_type::f_permission);
}

TEST_CASE("INSTCFG makes reads instruction or data, and leaves writes data") {
  raw_smmu f = with_privileged_block();
  f.put(0x101000, 0x8000'0741 | std::uint64_t{1} << 54);  // UXN
  f.ste.instcfg = 3;
  const auto r = f.translate(0);
  CHECK(r.event.type == event_type::f_permission);
  CHECK(r.event.instruction);
  CHECK(f.translate(0, true).outcome == outcome::ok);
  access_request fetch;
  fetch.instruction = true;
  f.ste.instcfg = 2;
  CHECK(f.translate(fetch).outcome == outcome::ok);
}

TEST_CASE("a hit sees the overrides of the STE like a walk") {
  raw_smmu f = with_privileged_block();
  f.ste.privcfg = 3;
  const translation entry = f.translate(0).entry;
  decoded_config config;
  config.privcfg = 3;
  CHECK(hit(entry, config, register_view(f.registers), {}).outcome == outcome::ok);
  config.privcfg = 2;
  CHECK(hit(entry, config, register_view(f.registers), {}).event.type == event_type::f_permission);
}

TEST_CASE(
    "what is not to be recorded is an abort that keeps its event: R, S2R, EVENTQEN, RECINVSID") {
  raw_smmu f;  // nothing is mapped
  const auto recorded = [&] { return f.translate(0x1234).outcome == outcome::fault; };
  CHECK(recorded());
  f.cd.r = false;
  CHECK_FALSE(recorded());
  CHECK(f.translate(0x1234).event.type == event_type::f_translation);
  f.cd.r = true;
  f.registers.cr0 &= ~4u;  // EVENTQEN
  CHECK_FALSE(recorded());
  f.cd.s = true;  // a stall record waits for the queue
  CHECK(recorded());
  f.registers.cr0 |= 4u;
  f.ste.config = ste_config::stage2;
  CHECK(recorded());
  f.ste.s2_r = false;
  CHECK_FALSE(recorded());
  f.ste.s2_s = true;
  CHECK(recorded());
  CHECK(f.translate(0x1234).event.stall);
  access_request unknown;
  unknown.sid = base::stream_id(2);
  CHECK(f.translate(unknown).event.type == event_type::c_bad_streamid);
  CHECK(f.translate(unknown).outcome == outcome::fault);
  f.registers.cr2 = 0;
  CHECK(f.translate(unknown).outcome == outcome::abort);
}

TEST_CASE("a fault of stage 2 on a stage 1 table answers to S2R and S2S, not to the CD") {
  raw_smmu f;
  f.identity_stage2();
  f.put(raw_smmu::s2_root, 0x201003);
  f.put(0x201000, 0x202003);
  f.put(0x202000 + 8 * 2, 0x27c3);  // the CD's page alone
  f.cd.s = true;
  auto r = f.translate(0x1234);
  CHECK(r.event.type == event_type::f_translation);
  CHECK(r.event.stage2);
  CHECK(r.event.cls == event_class::table);
  CHECK(r.event.ipa == 0x100000);
  CHECK(r.response == fault_response::abort);
  f.ste.s2_s = true;
  CHECK(f.translate(0x1234).response == fault_response::stall);
}

TEST_CASE("RESUME and STALL_TERM decode to what becomes of which transaction") {
  const command retry = decode_command({0x44 | 1u << 12 | std::uint64_t{7} << 32, 0xabcd});
  CHECK(retry.op == opcode::resume);
  CHECK(retry.sid == base::stream_id(7));
  CHECK(retry.retry);
  CHECK_FALSE(retry.abort);
  CHECK(retry.stag == 0xabcd);
  const command abort = decode_command({0x44 | 1u << 13, 0});
  CHECK_FALSE(abort.retry);
  CHECK(abort.abort);
  CHECK(decode_command({0x45 | std::uint64_t{9} << 32, 0}).sid == base::stream_id(9));
}

TEST_CASE("MEV and the overrides sit where IHI 0070 5.2 puts them") {
  ste s;
  s.mev = true;
  s.privcfg = 2;
  s.instcfg = 3;
  s.s2_ds = true;
  s.s2_sl0_2 = true;
  const auto w = encode(s);
  CHECK(w[1] == (1u << 19 | std::uint64_t{2} << 48 | std::uint64_t{3} << 50));
  CHECK(w[3] == 0xc);
  cd c;
  c.ds = true;
  CHECK(encode(c)[2] == std::uint64_t{1} << 58);
}

TEST_CASE("VMW lets an invalidation ignore low VMID bits, where IDR0 has it") {
  registers words;
  words.cr0 = 2u << 6;
  CHECK(register_view(words).vmid_wildcard_bits == 0);
  words.idr0 |= 1u << 17;
  CHECK(register_view(words).vmid_wildcard_bits == 2);
  words.cr0 = 7u << 6;
  CHECK(register_view(words).vmid_wildcard_bits == 4);
  command c;
  c.op = opcode::tlbi_s12_vmall;
  c.vmid = base::vmid(0x40);
  const idr caps(words);
  for (unsigned vmid = 0x3f; vmid <= 0x45; ++vmid) {
    entry_tag tag;
    tag.vmid = base::vmid(static_cast<std::uint16_t>(vmid));
    CHECK(invalidation(c, caps).covers(tag) == (vmid == 0x40));
    CHECK(invalidation(c, caps, 2).covers(tag) == (vmid >= 0x40 && vmid <= 0x43));
  }
}

TEST_CASE("SCALE has six bits with DS and five without, and no range wraps") {
  const raw_smmu f;
  const command c = decode_command({0x13 | std::uint64_t{0x20} << 20, 0x1000 | 1u << 10});
  CHECK(c.scale == 0x20);
  registers words = f.registers;
  CHECK(check(c, idr(words)) == command_error::none);
  const invalidation wide(c, idr(words));
  CHECK(wide.last() - wide.first() == (std::uint64_t{1} << 44) - 1);
  words.idr5 &= ~(1u << 7);
  CHECK(check(c, idr(words)) == command_error::ill);  // NUM = SCALE = TTL = 0
  words.idr5 |= 1u << 7;
  const command all =
      decode_command({0x13 | std::uint64_t{0x3f} << 20 | 31u << 12, 0x1000 | 3u << 10});
  const invalidation everything(all, idr(words));
  CHECK(everything.last() == ~std::uint64_t{0});
  CHECK(everything.first() == 0x1000);
}

TEST_CASE("equal fault records of one page merge with MEV, other records only when equal") {
  event a;
  a.type = event_type::f_translation;
  a.input_address = 0x1234;
  event b = a;
  b.input_address = 0x1000;
  CHECK(may_merge(a, b, true));
  CHECK_FALSE(may_merge(a, b, false));
  b.input_address = 0x2000;
  CHECK_FALSE(may_merge(a, b, true));
  b = a;
  b.read = true;
  CHECK_FALSE(may_merge(a, b, true));
  b = a;
  a.stall = b.stall = true;
  CHECK_FALSE(may_merge(a, b, true));
  event c;
  c.type = event_type::c_bad_ste;
  CHECK(may_merge(c, c, false));
  c.type = event_type::c_bad_cd;
  CHECK_FALSE(may_merge(c, c, false));
}

TEST_CASE("E_PAGE_REQUEST and Reason sit where IHI 0070 7.3 puts them") {
  event e;
  e.type = event_type::e_page_request;
  e.input_address = 0x1234'5000;
  e.span = 0xab;
  e.page_access = 0x75;
  const auto w = encode(e);
  CHECK(w[1] == (std::uint64_t{0x75} << 33 | std::uint64_t{0xab} << 44));
  CHECK(w[2] == 0x1234'5000);
  CHECK(decode_event(w) == e);
  event f;
  f.type = event_type::f_cd_fetch;
  f.reason = 0x1234;
  f.gpcf = true;
  f.fetch_address = 0x8'0000'0000'1238;
  CHECK(encode(f)[1] == 0x1'1234);
  CHECK(encode(f)[3] == 0x8'0000'0000'1238);
  CHECK(decode_event(encode(f)) == f);
}
