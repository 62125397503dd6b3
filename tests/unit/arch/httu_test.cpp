// Hardware update of access flag and dirty state (IHI 0070 3.13).
#include <catch2/catch.hpp>

#include "raw_smmu.h"

using namespace svasim;
using namespace svasim::arch;
using test::raw_smmu;
using addresses = std::vector<std::uint64_t>;

namespace {
constexpr std::uint64_t dbm = std::uint64_t{1} << 51;
constexpr std::uint64_t af = 1u << 10;
constexpr std::uint64_t ap2 = 1u << 7;  // stage 1 read-only
constexpr std::uint64_t leaf_at = 0x101000;
// A 1 GiB block at 2 GiB: AP[1], SH = 3; AF and AP[2] are for the test to add.
constexpr std::uint64_t block = 0x8000'0341;

/// VA 0 to 1 GiB by one block.
raw_smmu with_block(std::uint64_t word) {
  raw_smmu f;
  f.put(0x100000, 0x101003);
  f.put(leaf_at, word);
  return f;
}
}  // namespace

TEST_CASE("HA sets the access flag of the leaf by one compare-and-swap, and the access goes on") {
  raw_smmu f = with_block(block);
  f.cd.ha = true;
  const auto r = f.translate(0x1234);
  CHECK(r.outcome == outcome::ok);
  CHECK(r.output.value() == 0x8000'1234);
  CHECK(f.get(leaf_at) == (block | af));
  CHECK(f.updates == addresses{leaf_at});
  CHECK(r.updates == 1);
  CHECK(r.fetch_count() == 4);  // STE, CD, two descriptors: the swap is no fetch
  f.translate(0x1234);
  CHECK(f.updates.empty());
}

TEST_CASE("without HA a clear access flag faults, or counts as set with AFFD, and memory stays") {
  raw_smmu f = with_block(block);
  CHECK(f.translate(0x1234).event.type == event_type::f_access);
  f.cd.affd = true;
  CHECK(f.translate(0x1234).outcome == outcome::ok);
  CHECK(f.get(leaf_at) == block);
  f.cd.ha = true;  // HA comes first
  CHECK(f.translate(0x1234).outcome == outcome::ok);
  CHECK(f.get(leaf_at) == (block | af));
}

TEST_CASE("a write with HD makes a writable-clean leaf dirty, a read does not") {
  raw_smmu f = with_block(block | af | ap2 | dbm);
  f.cd.ha = f.cd.hd = true;
  const auto read = f.translate(0x1234);
  CHECK(read.outcome == outcome::ok);
  CHECK(f.updates.empty());
  CHECK(read.entry.s1.writable_clean);
  CHECK_FALSE(read.entry.s1.allowed.unpriv_write());
  const auto write = f.translate(0x1234, true);
  CHECK(write.outcome == outcome::ok);
  CHECK(f.get(leaf_at) == (block | af | dbm));
  CHECK_FALSE(write.entry.s1.writable_clean);
  CHECK(write.entry.s1.allowed.unpriv_write());
}

TEST_CASE("access flag and dirty state change in one swap") {
  raw_smmu f = with_block(block | ap2 | dbm);
  f.cd.ha = f.cd.hd = true;
  CHECK(f.translate(0x1234, true).updates == 1);
  CHECK(f.get(leaf_at) == (block | af | dbm));
}

TEST_CASE("without DBM, or without HD, a write to a read-only leaf is a permission fault") {
  raw_smmu f = with_block(block | ap2);
  f.cd.ha = f.cd.hd = true;
  CHECK(f.translate(0x1234, true).event.type == event_type::f_permission);
  CHECK(f.get(leaf_at) == (block | ap2));  // nothing is updated for an access that faults
  f.put(leaf_at, block | af | ap2 | dbm);
  f.cd.hd = false;
  CHECK(f.translate(0x1234, true).event.type == event_type::f_permission);
}

TEST_CASE("a page that APTable makes read-only does not become dirty") {
  raw_smmu f = with_block(block | af | ap2 | dbm);
  f.cd.ha = f.cd.hd = true;
  f.put(0x100000, 0x101003 | std::uint64_t{1} << 62);
  CHECK(f.translate(0x1234, true).event.type == event_type::f_permission);
  CHECK(f.get(leaf_at) == (block | af | ap2 | dbm));
  CHECK_FALSE(f.translate(0x1234).entry.s1.writable_clean);
}

TEST_CASE("HA needs IDR0.HTTU 1, HD 2 and HA, at both stages") {
  raw_smmu f = with_block(block | af);
  const auto with = [&](unsigned httu, bool ha, bool hd) {
    f.registers.idr0 = (f.registers.idr0 & ~(3u << 6)) | httu << 6;
    f.cd.ha = ha;
    f.cd.hd = hd;
    return f.translate(0x1234).event.type;
  };
  CHECK(with(0, true, false) == event_type::c_bad_cd);
  CHECK(with(1, true, false) == event_type::none);
  CHECK(with(1, true, true) == event_type::c_bad_cd);
  CHECK(with(2, true, true) == event_type::none);
  CHECK(with(2, false, true) == event_type::c_bad_cd);
}

TEST_CASE("a swap that finds another word looks again at what it found") {
  raw_smmu f = with_block(block);
  f.cd.ha = true;
  SECTION("somebody set the access flag: nothing is left to do") {
    f.before_update = [&](std::uint64_t at) { f.put(at, block | af); };
    const auto r = f.translate(0x1234);
    CHECK(r.outcome == outcome::ok);
    CHECK(r.updates == 1);
  }
  SECTION("somebody unmapped it: the access faults") {
    f.before_update = [&](std::uint64_t at) { f.put(at, 0); };
    CHECK(f.translate(0x1234).event.type == event_type::f_translation);
    CHECK(f.get(leaf_at) == 0);
  }
  SECTION("somebody moved it: the access goes to the new place, by a second swap") {
    f.before_update = [&](std::uint64_t at) {
      if (f.updates.size() == 1) {
        f.put(at, block + 0x4000'0000);
      }
    };
    const auto r = f.translate(0x1234);
    CHECK(r.output.value() == 0xc000'1234);
    CHECK(r.updates == 2);
  }
}

TEST_CASE("an abort of the swap is F_WALK_EABT at the descriptor") {
  raw_smmu f = with_block(block);
  f.cd.ha = true;
  const register_view regs = f.store();
  const auto aborts = [](const fetch_request&, const descriptor_update&, std::uint64_t&) {
    return false;
  };
  const auto r = translate(regs, f.reader(), aborts, access_request());
  CHECK(r.event.type == event_type::f_walk_eabt);
  CHECK(r.event.fetch_address == leaf_at);
  CHECK_FALSE(r.event.stage2);
}

TEST_CASE("stage 2 sets its access flags for CD, tables and input, and dirties for input writes") {
  raw_smmu f = with_block(0x2'0000'0741);  // IPA 8 GiB
  f.identity_stage2();
  f.ste.s2_ha = f.ste.s2_hd = true;
  f.put(raw_smmu::s2_root, 0x3c1);  // no AF: the CD and all tables
  const std::uint64_t data_at = raw_smmu::s2_root + 8 * 8;
  f.put(data_at, 0x2'0000'0341 | dbm);  // readable, writable-clean, no AF
  const auto r = f.translate(0x1234, true);
  CHECK(r.outcome == outcome::ok);
  CHECK(f.updates == addresses{raw_smmu::s2_root, data_at});
  CHECK(f.get(raw_smmu::s2_root) == 0x7c1);
  CHECK(f.get(data_at) == (0x2'0000'07c1 | dbm));
}

TEST_CASE("a CD fetch and a table read never dirty stage 2") {
  raw_smmu f = with_block(0x2'0000'0741);
  f.identity_stage2();
  f.ste.s2_ha = f.ste.s2_hd = true;
  f.put(raw_smmu::s2_root, 0x741 | dbm);  // writable-clean
  f.put(raw_smmu::s2_root + 64, 0x2'0000'07c1);
  CHECK(f.translate(0x1234, true).outcome == outcome::ok);
  CHECK(f.get(raw_smmu::s2_root) == (0x741 | dbm));
}

TEST_CASE("an update of a stage 1 table is a write at stage 2: it dirties the table's page") {
  raw_smmu f = with_block(0x2'0000'0341);  // no AF
  f.identity_stage2();
  f.cd.ha = true;
  f.ste.s2_ha = f.ste.s2_hd = true;
  f.put(raw_smmu::s2_root, 0x741 | dbm);
  f.put(raw_smmu::s2_root + 64, 0x2'0000'07c1);
  const auto r = f.translate(0x1234);
  CHECK(r.outcome == outcome::ok);
  CHECK(f.updates == addresses{raw_smmu::s2_root, leaf_at});
  CHECK(f.get(raw_smmu::s2_root) == (0x7c1 | dbm));
  CHECK(f.get(leaf_at) == 0x2'0000'0741);
}

TEST_CASE("an update of a table that stage 2 does not let be written faults there as a TT write") {
  raw_smmu f = with_block(0x2'0000'0341);
  f.identity_stage2();
  f.cd.ha = true;
  f.put(raw_smmu::s2_root, 0x741);  // read-only
  const auto r = f.translate(0x1234);
  CHECK(r.event.type == event_type::f_permission);
  CHECK(r.event.stage2);
  CHECK(r.event.cls == event_class::table);
  CHECK_FALSE(r.event.table_read);
  CHECK(r.event.ipa == 0x101000);
  CHECK(f.get(leaf_at) == 0x2'0000'0341);
}

TEST_CASE("a TLB entry of a clean page asks for a walk when it is written, and not when read") {
  raw_smmu f = with_block(block | af | ap2 | dbm);
  f.cd.ha = f.cd.hd = true;
  access_request read;
  const translation clean = f.translate(read).entry;
  access_request write;
  write.write = true;
  CHECK_FALSE(needs_update(clean, read));
  CHECK(needs_update(clean, write));
  CHECK_FALSE(needs_update(f.translate(write).entry, write));
}

TEST_CASE("an IPA cache entry of a clean page is not used for a write") {
  raw_smmu f;
  f.ste.config = ste_config::stage2;
  f.ste.s2_ha = f.ste.s2_hd = true;
  f.put(raw_smmu::s2_root, 0x741 | dbm);
  const register_view regs = f.store();
  stage2_translation cached;
  for (const bool writes : {false, true}) {
    access_request request;
    request.write = writes;
    translation_walk walk;
    walk.start(regs, request);
    auto read = f.reader();
    f.reads.clear();
    using step = translation_walk::step;
    for (step s = walk.next(); s != step::done; s = walk.next()) {
      std::uint64_t words[8];
      if (s == step::fetch) {
        read(walk.fetch(), words);
        walk.supply(words);
      } else if (s == step::begin_stage && cached.leaf.size_shift != 0) {
        walk.use_stage2(cached);
      } else if (s == step::stage2_leaf) {
        cached = walk.stage2_leaf();
      } else if (s == step::update) {
        walk.supply_update(walk.update().expected);
      }
    }
    CHECK(walk.result().outcome == outcome::ok);
    CHECK(f.reads.size() == 2);  // STE and descriptor, both times
    CHECK(walk.result().updates == (writes ? 1 : 0));
  }
}

TEST_CASE("a clean page counts as writable for WXN") {
  raw_smmu f = with_block(block | af | ap2 | dbm);
  f.cd.wxn = true;
  access_request fetch;
  fetch.instruction = true;
  CHECK(f.translate(fetch).outcome == outcome::ok);
  f.cd.ha = f.cd.hd = true;
  CHECK(f.translate(fetch).event.type == event_type::f_permission);
}
