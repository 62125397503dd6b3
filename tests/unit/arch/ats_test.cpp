// ATS Translation Requests and Translated transactions (IHI 0070 3.9.1, 13.6, 13.7, 5.2 EATS).
#include "arch/ats.h"

#include <catch2/catch.hpp>

#include "raw_smmu.h"

using namespace svasim;
using namespace svasim::arch;
using test::raw_smmu;

namespace {
constexpr std::uint64_t dbm = std::uint64_t{1} << 51;
constexpr std::uint64_t leaf_at = 0x101000;
constexpr std::uint32_t rec_cfg_ats = 1u << 3;

/// Full ATS, one 1 GiB block from VA 0 to 2 GiB, readable and writable unprivileged.
raw_smmu with_ats(std::uint64_t word = 0x8000'0741) {
  raw_smmu f;
  f.ste.eats = 1;
  f.put(0x100000, 0x101003);
  f.put(leaf_at, word);
  return f;
}
translation_result translated(raw_smmu& f, std::uint64_t address, bool write = false) {
  access_request request;
  request.kind = transaction_kind::translated;
  request.address = address;
  request.write = write;
  return f.translate(request);
}
}  // namespace

TEST_CASE("a Translation Request gets the leaf with read always and write unless NW is set") {
  raw_smmu f = with_ats();
  const auto c = f.ats(0x1234'5678, false);
  CHECK(c.status == ats_status::success);
  CHECK(c.read);
  CHECK(c.write);
  CHECK_FALSE(c.execute);
  CHECK(c.size_shift == 30);
  CHECK(c.address == 0x8000'0000);
  CHECK(f.ats(0x1234'5678, true).write);  // a page that is writable anyway may be granted
}

TEST_CASE("missing permissions and missing pages are an answer of one STU, and no event") {
  raw_smmu f = with_ats(0x8000'07c1);  // read-only
  CHECK(f.ats(0x1000, false).read);
  CHECK_FALSE(f.ats(0x1000, false).write);
  const std::uint64_t words[] = {0, 0x8000'0341, 0x8000'0701, 0x0008'0000'8000'0000 | 0x741};
  f.cd.ips = 5;
  for (const std::uint64_t word : words) {  // absent, no AF, privileged only, still readable
    f.put(leaf_at, word);
    const auto c = f.ats(0x1234'5678, false);
    CHECK(c.status == ats_status::success);
    CHECK(c.granted() == (word == words[3]));
    CHECK_FALSE(c.recorded);
    if (!c.granted()) {
      CHECK(c.size_shift == 12);
      CHECK(c.address == 0x1234'5000);
    }
  }
}

TEST_CASE("execute is granted only where asked for and readable, and privilege is echoed") {
  raw_smmu f = with_ats();
  CHECK(f.ats(0x1000, true, true).execute);
  CHECK_FALSE(f.ats(0x1000, true, false).execute);
  f.put(leaf_at, 0x8000'0741 | std::uint64_t{1} << 54);  // UXN
  CHECK_FALSE(f.ats(0x1000, true, true).execute);
  CHECK(f.ats(0x1000, true, true).read);
}

TEST_CASE("a request with NW = 0 makes a clean page dirty before its answer, with NW = 1 never") {
  const std::uint64_t clean = 0x8000'03c1 | dbm;  // no AF, read-only by AP[2]
  raw_smmu f = with_ats(clean);
  f.cd.ha = f.cd.hd = true;
  const auto no_write = f.ats(0x1000, true);
  CHECK(no_write.read);
  CHECK_FALSE(no_write.write);
  CHECK(f.get(leaf_at) == (clean | 1u << 10));  // any grant sets AF
  const auto write = f.ats(0x1000, false);
  CHECK(write.write);
  CHECK(f.get(leaf_at) == (0x8000'0741 | dbm));
  CHECK(f.ats(0x1000, true).write);  // dirty already
  f.put(leaf_at, clean);
  f.cd.hd = false;  // access flag only: W = 0
  CHECK_FALSE(f.ats(0x1000, false).write);
  CHECK(f.ats(0x1000, false).read);
}

TEST_CASE("stage 2 is not walked where stage 1 grants nothing") {
  raw_smmu f = with_ats(0x701);  // privileged only
  f.identity_stage2();
  CHECK_FALSE(f.ats(0x1000, false).granted());
  CHECK(f.reads.back() == leaf_at);
}

TEST_CASE("a nested answer has what both stages allow, and the smaller of both sizes") {
  raw_smmu f = with_ats(0x741);
  f.identity_stage2();
  f.put(raw_smmu::s2_root, 0x201003);
  f.put(0x201000, 0x7c1);          // 2 MiB blocks: the CD and the tables
  f.put(0x201000 + 8, 0x20'0741);  // read-only
  const auto c = f.ats(0x20'1234, false);
  CHECK(c.read);
  CHECK_FALSE(c.write);
  CHECK(c.size_shift == 21);
  CHECK(c.address == 0x20'0000);
}

TEST_CASE("split-stage ATS answers with the IPA, and needs ATSCHK") {
  raw_smmu f = with_ats(0x4000'0741);
  f.identity_stage2();
  f.put(raw_smmu::s2_root + 8, 0x10'4000'07c1);  // IPA 1 GiB is at 65 GiB
  f.ste.eats = 2;
  const auto c = f.ats(0x1234, false);
  CHECK(c.granted());
  CHECK(c.address == 0x4000'0000);
  f.ste.eats = 1;
  CHECK(f.ats(0x1234, false).address == 0x10'4000'0000);
  f.ste.eats = 2;
  f.registers.cr0 &= ~(1u << 4);
  CHECK(f.ats(0x1234, false).status == ats_status::unsupported_request);
}

TEST_CASE("without ATS for the stream the answer is UR and F_BAD_ATS_TREQ") {
  raw_smmu f = with_ats();
  const auto refused = [&] {
    const auto c = f.ats(0x1234'5678, false);
    CHECK(c.status == ats_status::unsupported_request);
    CHECK(c.recorded);
    CHECK(c.event.type == event_type::f_bad_ats_treq);
    CHECK(c.event.input_address == 0x1234'5000);
  };
  f.ste.eats = 0;
  f.cd.valid = false;  // is not looked at
  refused();
  f.ste.eats = 1;
  f.ste.config = ste_config::bypass;
  refused();
  f.registers.cr0 &= ~1u;  // SMMUEN = 0
  refused();
  CHECK(f.reads.empty());
}

TEST_CASE("a stream that aborts answers UR without an event") {
  raw_smmu f = with_ats();
  f.ste.config = ste_config::abort;
  const auto c = f.ats(0x1000, false);
  CHECK(c.status == ats_status::unsupported_request);
  CHECK_FALSE(c.recorded);
}

TEST_CASE("configuration errors are CA, and are recorded with REC_CFG_ATS alone") {
  raw_smmu f = with_ats();
  const auto check = [&](event_type type) {
    f.registers.cr2 = 2;
    CHECK(f.ats(0x1000, false).status == ats_status::completer_abort);
    CHECK_FALSE(f.ats(0x1000, false).recorded);
    f.registers.cr2 = 2 | rec_cfg_ats;
    CHECK(f.ats(0x1000, false).recorded);
    CHECK(f.ats(0x1000, false).event.type == type);
  };
  f.cd.valid = false;
  check(event_type::c_bad_cd);
  f.ste.s1_cd_max = 4;
  check(event_type::f_stream_disabled);
  f.ste.valid = false;
  check(event_type::c_bad_ste);
  access_request request;
  request.sid = base::stream_id(9);
  request.kind = transaction_kind::translation_request;
  CHECK(f.translate(request).outcome == outcome::fault);
  f.registers.cr2 = rec_cfg_ats;  // RECINVSID is needed too
  CHECK(f.translate(request).outcome == outcome::abort);
  f.registers.cr2 = 2 | rec_cfg_ats;
  f.registers.idr0 &= ~(1u << 23);  // no REC_CFG_ATS
  CHECK(f.translate(request).outcome == outcome::abort);
}

TEST_CASE("S1DSS = 1 without PASID grants everything in place, or what stage 2 grants") {
  raw_smmu f = with_ats();
  f.ste.s1_cd_max = 4;
  f.ste.dss = s1dss::bypass;
  const auto c = f.ats(0x1234'5678, false, true);
  CHECK(c.read);
  CHECK(c.write);
  CHECK(c.execute);
  CHECK(c.size_shift == 52);
  CHECK(c.address == 0);
  f.identity_stage2();
  f.put(raw_smmu::s2_root, 0x10'0000'0741);  // read-only, at 64 GiB
  CHECK(f.ats(0x1234'5678, false).address == 0x10'0000'0000);
  CHECK_FALSE(f.ats(0x1234'5678, false).write);
  f.ste.eats = 2;
  CHECK(f.ats(0x1234'5678, false).address == 0);
  CHECK_FALSE(f.ats(0x1234'5678, false).write);
}

TEST_CASE("CD.S and CD.A do not apply to Translation Requests") {
  raw_smmu f = with_ats(0);
  f.cd.s = true;
  const auto c = f.ats(0x1000, false);
  CHECK(c.status == ats_status::success);
  CHECK_FALSE(c.event.stall);
  CHECK_FALSE(c.recorded);
}

TEST_CASE("a Translated transaction passes unread without ATSCHK, else by the STE alone") {
  raw_smmu f = with_ats();
  f.cd.valid = false;
  auto r = translated(f, 0x1234'5678);
  CHECK(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x1234'5678);
  CHECK(f.reads == std::vector<std::uint64_t>{0x1000});
  f.registers.cr0 &= ~(1u << 4);
  r = translated(f, 0x1234'5678);
  CHECK(r.outcome == outcome::ok);
  CHECK(f.reads.empty());
}

TEST_CASE("a Translated transaction of a stream without ATS is F_TRANSL_FORBIDDEN") {
  raw_smmu f = with_ats();
  f.ste.eats = 0;
  auto r = translated(f, 0x1234'5678, true);
  CHECK(r.outcome == outcome::fault);
  CHECK(r.event.type == event_type::f_transl_forbidden);
  CHECK(r.event.input_address == 0x1234'5678);
  CHECK_FALSE(r.event.read);
  f.ste.eats = 1;
  f.ste.config = ste_config::bypass;
  CHECK(translated(f, 0).event.type == event_type::f_transl_forbidden);
  f.ste.config = ste_config::abort;
  CHECK(translated(f, 0).event.type == event_type::none);
  CHECK(translated(f, 0).outcome == outcome::abort);
  f.registers.cr0 &= ~1u;
  CHECK(translated(f, 0).event.type == event_type::f_transl_forbidden);
}

TEST_CASE("with split-stage ATS a Translated transaction goes through stage 2, with its events") {
  raw_smmu f = with_ats();
  f.identity_stage2();
  f.ste.eats = 2;
  f.put(raw_smmu::s2_root + 8, 0x10'4000'0741);  // read-only
  const auto r = translated(f, 0x4000'1234);
  CHECK(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x10'4000'1234);
  CHECK(r.entry.kind == translation_kind::s2);
  CHECK(f.reads == std::vector<std::uint64_t>{0x1000, raw_smmu::s2_root + 8});
  const auto w = translated(f, 0x4000'1234, true);
  CHECK(w.outcome == outcome::fault);
  CHECK(w.event.type == event_type::f_permission);
  CHECK(w.event.stage2);
  CHECK(w.event.ipa == 0x4000'1000);
}

TEST_CASE("a TLB entry answers a Translation Request like the walk that made it") {
  raw_smmu f = with_ats();
  access_request request;
  request.kind = transaction_kind::translation_request;
  request.address = 0x1234'5678;
  request.write = true;
  const register_view regs = f.store();
  translation_walk walk;
  walk.start(regs, request);
  run(walk, f.reader(), f.updater());
  REQUIRE(ats_admitted(walk.config(), regs));
  const auto c = complete(walk.result().entry, walk.config(), regs, request, 12);
  CHECK(encode_entry(c) == encode_entry(f.ats(request.address, false)));
}

TEST_CASE("completion entries encode their size in the low address bits") {
  ats_completion c;
  c.address = 0x1234'5678'9000;
  c.read = true;
  CHECK(encode_entry(c) == 0x1234'5678'9001);
  c.size_shift = 13;  // S, bit 12 = 0
  c.address = 0x1234'5678'8000;
  CHECK(encode_entry(c) == 0x1234'5678'8801);
  c.size_shift = 16;  // ..0111
  c.address = 0x1234'5678'0000;
  c.write = c.execute = c.privileged = true;
  CHECK(encode_entry(c) == (0x1234'5678'7800 | 0x1b));
  c.size_shift = 21;
  c.address = 0x1234'5660'0000;
  CHECK(encode_entry(c) == (0x1234'566f'f800 | 0x1b));
}
