// Invalidation and CMD_SYNC as the TBU sees them.
#include "tbu_bench.h"

using namespace svasim;
using arch::opcode;
using base::duration;
using base::ns;
using test::command;
using test::leaf;
using test::run_dry;
using test::small_tbu;
using test::tbu_bench;
using manner = test::scripted_target::manner;

TEST_CASE("TLBI by VA drops the page it names from both TLBs, and no other") {
  tbu_bench b;
  b.load(0x1000);
  b.load(0x2000);
  b.tbu.invalidate(command(opcode::tlbi_nh_va, 0x1000));
  CHECK(b.stats().utlb.invalidated.value() == 1);
  CHECK(b.stats().main_tlb.invalidated.value() == 1);
  CHECK(b.lookup_of(0x2000) == test::utlb_time);
  CHECK(b.lookup_of(0x1000) == kit::never);
}

TEST_CASE("TLBI of another ASID drops nothing") {
  tbu_bench b;
  b.load(0x1000);
  b.tbu.invalidate(command(opcode::tlbi_nh_asid, 0, 2));
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
  b.tbu.invalidate(command(opcode::tlbi_nh_asid, 0, 1));
  CHECK(b.lookup_of(0x1000) == kit::never);
}

TEST_CASE("with invalidations off, entries stay") {
  auto p = small_tbu();
  p.apply_invalidations = false;
  tbu_bench b(p);
  b.load(0x1000);
  b.tbu.invalidate(command(opcode::tlbi_nh_all));
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
  CHECK(b.stats().invalidations.value() == 1);
}

TEST_CASE("an answer overtaken by an invalidation serves its access but is not entered") {
  tbu_bench b;
  const auto& r = b.read(0x1000);
  b.settle();
  b.tbu.invalidate(command(opcode::tlbi_nh_va, 0x1000));
  b.translate(0, leaf(0x1000));
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(b.stats().main_tlb.fills.value() == 0);
  CHECK(b.lookup_of(0x1000) == kit::never);
}

TEST_CASE("an answer on its way from the TCU is overtaken too") {
  tbu_bench b;
  b.read(0x1000);
  b.settle();
  b.translate(0, leaf(0x1000));
  test::run_until(kit::now() + test::dti_time - ns(1));
  b.tbu.invalidate(command(opcode::tlbi_nh_all));
  b.settle();
  CHECK(b.lookup_of(0x1000) == kit::never);
}

TEST_CASE("those that waited for an overtaken answer ask for themselves") {
  tbu_bench b;
  b.read(0x1000);
  const auto& second = b.read(0x1040);
  b.settle();
  b.tbu.invalidate(command(opcode::tlbi_nh_va, 0x1000));
  b.translate(0, leaf(0x1000));
  b.settle();
  CHECK_FALSE(second.done());
  REQUIRE(b.tcu.arrivals.size() == 2);
  b.translate(1, leaf(0x1000));
  run_dry();
  CHECK(second.done());
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
}

TEST_CASE("a miss that began after the invalidation is entered") {
  tbu_bench b;
  b.tbu.invalidate(command(opcode::tlbi_nh_all));
  b.load(0x1000);
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
}

TEST_CASE("CFGI makes the TBU ask anew which ASID a stream has") {
  auto p = small_tbu();
  p.tag = smmu::tlb_tag::asid;
  tbu_bench b(p);
  b.load(0x1000, leaf(0x1000, 12, true, 1));
  b.tbu.invalidate(command(opcode::cfgi_ste));
  CHECK(b.lookup_of(0x1000) == kit::never);
  b.settle();
  b.translate(1, leaf(0x1000, 12, true, 2));
  b.settle();
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
  CHECK(b.stats().main_tlb.fills.value() == 2);  // one for each ASID
}

TEST_CASE("an answer overtaken by a CFGI of its stream does not tell the stream's ASID") {
  auto p = small_tbu();
  p.tag = smmu::tlb_tag::asid;
  tbu_bench b(p);
  b.read(0x1000);
  b.settle();
  b.tbu.invalidate(command(opcode::cfgi_ste));
  b.translate(0, leaf(0x1000, 12, true, 1));
  b.settle();
  CHECK(b.lookup_of(0x1000) == kit::never);
}

TEST_CASE(
    "tagged by stream, CFGI drops the entries of the streams it names: their table may be "
    "another") {
  tbu_bench b;
  b.load(0x1000, leaf(0x1000), 1);
  b.load(0x1000, leaf(0x1000), 2);
  b.tbu.invalidate(command(opcode::cfgi_ste, 0, 0, 1));
  CHECK(b.lookup_of(0x1000, 2) == test::utlb_time);
  CHECK(b.lookup_of(0x1000, 1) == kit::never);
}

TEST_CASE("tagged by stream, an answer overtaken by CFGI of its stream is not entered") {
  tbu_bench b;
  b.read(0x1000, 1);
  b.read(0x1000, 2);
  b.settle();
  b.tbu.invalidate(command(opcode::cfgi_ste, 0, 0, 1));
  b.translate(0, leaf(0x1000));
  b.translate(1, leaf(0x1000));
  b.settle();
  CHECK(b.lookup_of(0x1000, 2) == test::utlb_time);
  CHECK(b.lookup_of(0x1000, 1) == kit::never);
}

TEST_CASE("with nothing under way a sync is over as it begins") {
  tbu_bench b;
  b.load(0x1000);
  REQUIRE(b.tbu.begin_sync());
  CHECK(b.tbu.synced_at() <= kit::now());
}

TEST_CASE("a sync waits for the transactions taken before it, and for no later ones") {
  tbu_bench b;
  unsigned told = 0;
  b.tbu.on_sync = [&] { ++told; };
  b.read(0x1000);
  b.settle();
  REQUIRE(b.tbu.begin_sync());
  CHECK(b.tbu.synced_at() == kit::never);
  b.read(0x2000);
  b.settle();
  const duration answered = kit::now();
  b.translate(0, leaf(0x1000));
  b.settle();
  CHECK(told == 1);
  CHECK(b.tbu.synced_at() == answered + test::dti_time + test::memory_time);
  CHECK(b.port.order == std::vector<std::uint64_t>{0});
}

TEST_CASE("a sync waits until memory has answered, not only until the translation is there") {
  tbu_bench b;
  b.memory.how = manner::held;
  const auto& r = b.read(0x1000);
  b.settle();
  b.translate(0, leaf(0x1000));
  b.settle();
  REQUIRE(b.tbu.begin_sync());
  CHECK(b.tbu.synced_at() == kit::never);
  b.memory.answer(*r.p, ns(30));
  CHECK(b.tbu.synced_at() == kit::now() + ns(30));
}

TEST_CASE("a sync waits for a transaction that ends in a fault as well") {
  tbu_bench b;
  b.read(0x1000);
  b.settle();
  REQUIRE(b.tbu.begin_sync());
  const duration answered = kit::now();
  b.translate(0, test::fault());
  run_dry();
  CHECK(b.tbu.synced_at() == answered + test::dti_time);
}

TEST_CASE("a second sync cannot begin while the first is not over") {
  tbu_bench b;
  b.read(0x1000);
  b.settle();
  REQUIRE(b.tbu.begin_sync());
  b.read(0x2000);
  CHECK_FALSE(b.tbu.begin_sync());
  b.settle();
  b.translate(0, leaf(0x1000));
  b.settle();
  REQUIRE(b.tbu.begin_sync());
  CHECK(b.tbu.synced_at() == kit::never);
  b.translate(1, leaf(0x2000));
  b.settle();
  CHECK(b.tbu.synced_at() < kit::never);
}
