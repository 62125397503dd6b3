// The state machine itself: how many reads, what may be shortcut, what the result says. Outcomes
// are the business of tests/golden/oracle.
#include "arch/walk.h"

#include <catch2/catch.hpp>
#include <vector>

#include "smmu_fixture.h"

using namespace svasim;
using namespace svasim::arch;
using test::smmu_fixture;
using step = translation_walk::step;

namespace {
constexpr std::uint64_t gib = std::uint64_t{1} << 30;

unsigned levels_of(unsigned size_shift) {
  return 4 - (size_shift - 12) / 9;
}

/// What a walk reads and offers, step by step.
struct recording {
  std::vector<fetch_request> fetches;
  std::vector<table_entry> tables;
  std::vector<stage2_translation> leaves;
  std::vector<stage_request> begins;
  decoded_config config;
  bool configured = false;
  translation_result result;
};

template <class Shortcut>
recording drive(const smmu_fixture& f, translation_walk& walk, Shortcut shortcut) {
  recording r;
  for (;;) {
    switch (walk.next()) {
      case step::fetch: {
        std::uint64_t words[8];
        f.reader()(walk.fetch(), words);
        r.fetches.push_back(walk.fetch());
        walk.supply(words);
        break;
      }
      case step::configured:
        r.configured = true;
        r.config = walk.config();
        break;
      case step::begin_stage:
        r.begins.push_back(walk.begin());
        shortcut(walk);
        break;
      case step::table:
        r.tables.push_back(walk.table());
        break;
      case step::stage2_leaf:
        r.leaves.push_back(walk.stage2_leaf());
        break;
      case step::update:
        walk.supply_update(walk.update().expected);
        break;
      case step::done:
        r.result = walk.result();
        return r;
    }
  }
}

recording drive(const smmu_fixture& f, const register_view& regs, const access_request& request) {
  translation_walk walk;
  walk.start(regs, request);
  return drive(f, walk, [](translation_walk&) {});
}

table_builder_params nested(unsigned ipa_bits, unsigned page_shift) {
  table_builder_params p = test::linear_nested();
  p.ipa_bits = ipa_bits;
  p.stage2_page_shift = page_shift;
  p.ipa_to_pa = 4 * gib;
  p.region = base::pa(6 * gib);
  return p;
}
}  // namespace

TEST_CASE("a stage 1 walk reads one descriptor for each level down to the leaf") {
  smmu_fixture f(test::linear_stage1());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(0)});
  f.tables.attach(base::stream_id(3), d);
  for (const unsigned shift : {12u, 21u, 30u}) {
    const std::uint64_t iova = shift * gib;
    f.tables.map(d, base::iova(iova), 2 * gib, shift, true);
    const auto r = f.translate(3, iova + 0xabc);
    CHECK(r.outcome == outcome::ok);
    CHECK(r.output.value() == 2 * gib + 0xabc);
    CHECK(r.count(fetch_kind::ste) == 1);
    CHECK(r.count(fetch_kind::cd) == 1);
    CHECK(r.count(fetch_kind::s1_descriptor) == levels_of(shift));
    CHECK(r.fetch_count() == 2 + levels_of(shift));
    CHECK(r.entry.size_shift == shift);
    CHECK(r.entry.kind == translation_kind::s1);
  }
}

TEST_CASE("a nested walk of n by m levels reads (n+1)(m+1)-1 descriptors") {
  for (const unsigned ipa_bits : {40u, 48u}) {
    for (const unsigned s2_shift : {12u, 21u, 30u}) {
      for (const unsigned s1_shift : {12u, 21u, 30u}) {
        smmu_fixture f(nested(ipa_bits, s2_shift));
        const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
        f.tables.attach(base::stream_id(3), d);
        f.tables.map(d, base::iova(gib), gib, s1_shift, true);
        const auto r = f.translate(3, gib + 0x123);
        const unsigned n = levels_of(s1_shift);
        // 40 bits start at level 1 with two tables (DDI 0487 D8.2).
        const unsigned m = levels_of(s2_shift) - (ipa_bits == 40 ? 1 : 0);
        INFO("n " << n << " m " << m);
        CHECK(r.outcome == outcome::ok);
        CHECK(r.output.value() == 5 * gib + 0x123);
        CHECK(r.count(fetch_kind::s1_descriptor) == n);
        const unsigned for_cd = m;
        CHECK(r.count(fetch_kind::s1_descriptor) + r.count(fetch_kind::s2_descriptor) - for_cd ==
              (n + 1) * (m + 1) - 1);
        CHECK(r.entry.size_shift == std::min(s1_shift, s2_shift));
        CHECK(r.entry.s1.size_shift == s1_shift);
        CHECK(r.entry.s2.size_shift == s2_shift);
        CHECK(r.entry.ipa == gib);
      }
    }
  }
}

TEST_CASE("the worst cold miss with four levels, four levels and two-level tables makes 36 reads") {
  table_builder_params p = nested(48, 12);
  p.two_level_stream_table = true;
  p.stream_id_bits = 16;
  smmu_fixture f(p);
  f.registers.idr0 |= 1u << 19;  // CD2L
  f.registers.idr1 |= 20u << 6;  // SSIDSIZE
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(0x1234), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  // A level 1 CD table in guest memory whose entry 1 leads to a page with CDs 64 to 127.
  const base::pa l1_entry(base::pa(f.registers.strtab_base) + 8 * 0x12);
  const base::pa ste_at = decode_l1std(f.memory.read64(l1_entry)).l2_ptr + 64 * 0x34;
  structure_words words;
  f.memory.read(ste_at, words.data(), sizeof words);
  ste s = decode_ste(words);
  const cd c = f.read_cd(base::pa(s.s1_context_ptr + 4 * gib));
  const std::uint64_t l1cd = 0x1000, cds = 0x2000;  // IPAs
  f.tables.map(d, base::iova(8 * gib), l1cd, 12, true);
  f.tables.map(d, base::iova(9 * gib), cds, 12, true);
  f.memory.write64(base::pa(4 * gib + l1cd + 8), cds | 1);
  f.write_cd(base::pa(4 * gib + cds + 64 * 5), c);
  s.s1_format = 1;
  s.s1_cd_max = 8;
  s.s1_context_ptr = l1cd;
  words = encode(s);
  f.memory.write(ste_at, words.data(), sizeof words);

  auto request = smmu_fixture::access(0x1234, gib);
  request.has_ssid = true;
  request.ssid = base::substream_id(64 + 5);
  const auto r = f.translate(request);
  CHECK(r.outcome == outcome::ok);
  CHECK(r.fetch_count() == 36);
  CHECK(r.count(fetch_kind::l1std) == 1);
  CHECK(r.count(fetch_kind::l1cd) == 1);
}

TEST_CASE("a cached configuration leaves only the descriptors to read, with the same result") {
  smmu_fixture f(test::linear_nested());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  const register_view regs(f.registers);
  const auto request = smmu_fixture::access(3, gib);
  const recording cold = drive(f, regs, request);
  REQUIRE(cold.configured);
  translation_walk walk;
  walk.start(regs, request);
  walk.use_config(cold.config);
  const recording warm = drive(f, walk, [](translation_walk&) {});
  CHECK_FALSE(warm.configured);
  CHECK(warm.fetches.size() == 24);
  CHECK(warm.result.output == cold.result.output);
}

TEST_CASE("a disabled SMMU does not listen to a cached configuration") {
  smmu_fixture f(test::linear_stage1());
  f.registers.cr0 = 0;
  const register_view regs(f.registers);
  translation_walk walk;
  walk.start(regs, smmu_fixture::access(3, 0x1000));
  walk.use_config(decoded_config());
  CHECK(walk.next() == step::done);
  CHECK(walk.result().outcome == outcome::ok);
  CHECK(walk.result().entry.kind == translation_kind::disabled);
}

TEST_CASE("stage 1 alone tells of each table below the root, and each one resumes the walk there") {
  smmu_fixture f(test::linear_stage1());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(0)});
  f.tables.attach(base::stream_id(3), d);
  const std::uint64_t iova = 0x1234'5678'9000;
  f.tables.map(d, base::iova(iova), 2 * gib, 12, true);
  const register_view regs(f.registers);
  const auto request = smmu_fixture::access(3, iova);
  const recording cold = drive(f, regs, request);
  REQUIRE(cold.tables.size() == 3);
  for (unsigned i = 0; i < 3; ++i) {
    const table_entry& t = cold.tables[i];
    CHECK(t.stage == stage::s1);
    CHECK(t.level == static_cast<int>(i) + 1);
    CHECK_FALSE(t.root);
    CHECK(t.shift == 39 - 9 * i);
    CHECK(t.prefix == iova >> t.shift << t.shift);
    CHECK(t.covers(iova));
    translation_walk walk;
    walk.start(regs, request);
    walk.use_config(cold.config);
    const recording resumed = drive(f, walk, [&](translation_walk& w) { w.resume_at(t); });
    CHECK(resumed.fetches.size() == 3 - i);
    CHECK(resumed.tables.size() == 2 - i);  // the one resumed at is not news
    CHECK(resumed.result.output == cold.result.output);
  }
}

TEST_CASE(
    "a nested walk tells each stage 1 table with its PA, the root too, and may skip its stage 2") {
  smmu_fixture f(test::linear_nested());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  const register_view regs(f.registers);
  const auto request = smmu_fixture::access(3, gib);
  const recording cold = drive(f, regs, request);
  std::vector<table_entry> s1;
  for (const auto& t : cold.tables) {
    if (t.stage == stage::s1) {
      s1.push_back(t);
    }
  }
  REQUIRE(s1.size() == 4);
  CHECK(s1[0].root);
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(s1[i].pa_known);
    translation_walk walk;
    walk.start(regs, request);
    walk.use_config(cold.config);
    const recording resumed = drive(f, walk, [&](translation_walk& w) {
      if (w.begin().stage == stage::s1) {
        w.resume_at(s1[i]);
      }
    });
    // One stage 1 read without stage 2, the levels below with it, and stage 2 of the output.
    CHECK(resumed.fetches.size() == 1 + (3 - i) * 5 + 4);
    CHECK(resumed.result.output == cold.result.output);
  }
}

TEST_CASE("a stage 1 table without its PA still needs stage 2 when a walk resumes there") {
  smmu_fixture f(test::linear_nested());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  const register_view regs(f.registers);
  const auto request = smmu_fixture::access(3, gib);
  const recording cold = drive(f, regs, request);
  table_entry last;
  for (const auto& t : cold.tables) {
    last = t.stage == stage::s1 ? t : last;
  }
  REQUIRE(last.level == 3);
  last.pa_known = false;
  translation_walk walk;
  walk.start(regs, request);
  walk.use_config(cold.config);
  const recording resumed = drive(f, walk, [&](translation_walk& w) {
    if (w.begin().stage == stage::s1) {
      w.resume_at(last);
    }
  });
  CHECK(resumed.fetches.size() == 5 + 4);
  CHECK(resumed.result.output == cold.result.output);
}

TEST_CASE("an IPA cache answers every stage 2 walk: a nested walk then reads n descriptors") {
  smmu_fixture f(test::linear_nested());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  const register_view regs(f.registers);
  const auto request = smmu_fixture::access(3, gib + 0x10);
  const recording cold = drive(f, regs, request);
  REQUIRE(cold.leaves.size() == 6);  // CD, four tables, the output
  translation_walk walk;
  walk.start(regs, request);
  const recording warm = drive(f, walk, [&](translation_walk& w) {
    for (const auto& leaf : cold.leaves) {
      if (w.begin().stage == stage::s2 && leaf.contains(w.begin().address)) {
        w.use_stage2(leaf);
        return;
      }
    }
  });
  CHECK(warm.fetches.size() == 1 + 1 + 4);
  CHECK(warm.leaves.empty());
  CHECK(warm.result.output == cold.result.output);
}

TEST_CASE("stage 2 walks say what they are for: the CD, the tables, the input") {
  smmu_fixture f(test::linear_nested());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  const register_view regs(f.registers);
  const recording r = drive(f, regs, smmu_fixture::access(3, gib));
  std::vector<event_class> purposes;
  for (const auto& b : r.begins) {
    if (b.stage == stage::s2) {
      purposes.push_back(b.purpose);
    }
  }
  using c = event_class;
  CHECK(purposes == std::vector<c>{c::cd, c::table, c::table, c::table, c::table, c::input});
}

TEST_CASE("asking again at a fetch gives the same fetch") {
  smmu_fixture f(test::linear_stage1());
  const register_view regs(f.registers);
  translation_walk walk;
  walk.start(regs, smmu_fixture::access(3, 0x1000));
  REQUIRE(walk.next() == step::fetch);
  const base::pa at = walk.fetch().address;
  REQUIRE(walk.next() == step::fetch);
  CHECK(walk.fetch().address == at);
  CHECK(walk.fetch().size == 64);
}

TEST_CASE("a stall fault waits with a stall record, CD.A = 0 gives zeroes") {
  smmu_fixture f(test::linear_stage1());
  f.registers.idr0 &= ~(3u << 24 | 1u << 26);  // stalls and RAZ/WI can be chosen
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(0)});
  f.tables.attach(base::stream_id(3), d);
  const base::pa cd_at(f.read_ste(3).s1_context_ptr);
  cd c = f.read_cd(cd_at);
  c.s = true;
  f.write_cd(cd_at, c);
  const auto stalled = f.translate(3, gib);
  CHECK(stalled.outcome == outcome::fault);
  CHECK(stalled.response == fault_response::stall);
  CHECK(stalled.event.stall);
  c.s = false;
  c.a = false;
  f.write_cd(cd_at, c);
  const auto zero = f.translate(3, gib);
  CHECK(zero.response == fault_response::zero);
  CHECK_FALSE(zero.event.stall);
  CHECK(zero.outcome == outcome::fault);
  c.r = false;
  f.write_cd(cd_at, c);
  CHECK(f.translate(3, gib).outcome == outcome::abort);
  CHECK(f.translate(3, gib).response == fault_response::zero);
}

TEST_CASE("an EL2 stream has one half, one privilege, no VMID, and global entries") {
  smmu_fixture f(test::linear_stage1());
  f.registers.idr0 |= 1u << 9;  // Hyp
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(7)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(gib), gib, 12, true);
  ste s = f.read_ste(3);
  s.strw = 2;
  f.write_ste(3, s);
  const auto r = f.translate(3, gib);
  REQUIRE(r.outcome == outcome::ok);
  CHECK(r.entry.world == stream_world::el2);
  CHECK(r.entry.vmid == base::vmid(0));
  CHECK(r.entry.global);
  CHECK(f.translate(3, 0xffff'ffff'ffff'f000).event.type == event_type::f_translation);
  f.registers.cr2 |= 1;  // E2H
  CHECK(f.translate(3, gib).entry.world == stream_world::el2_e2h);
  CHECK_FALSE(f.translate(3, gib).entry.global);
  CHECK(f.translate(3, gib).entry.asid == base::asid(1));
}
