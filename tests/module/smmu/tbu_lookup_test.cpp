// What the TLBs of the TBU hold, under which tag, and what a lookup costs.
#include "tbu_bench.h"

using namespace svasim;
using base::ns;
using test::leaf;
using test::small_tbu;
using test::tbu_bench;

TEST_CASE("a miss asks the TCU after both lookups and goes on when the answer has crossed back") {
  tbu_bench b;
  const base::duration start = kit::now();
  const auto& r = b.read(0x1040);
  REQUIRE(b.tcu.arrivals.size() == 1);
  CHECK(b.tcu.arrivals[0].at == start + test::main_time + test::dti_time);
  CHECK(b.tcu.arrivals[0].address == 0x1040);
  CHECK(b.tcu.arrivals[0].sid == base::stream_id(1));
  b.settle();
  const base::duration answered = kit::now();
  b.translate(0, leaf(0x1040));
  CHECK(b.memory.arrivals.empty());
  test::run_dry();
  REQUIRE(b.memory.arrivals.size() == 1);
  CHECK(b.memory.arrivals[0].at == answered + test::dti_time);
  CHECK(b.memory.arrivals[0].address == 0x80001040);
  CHECK(r.answered == answered + test::dti_time + test::memory_time);
  b.check_drained();
}

TEST_CASE("a uTLB hit costs the uTLB's lookup, and asks nobody") {
  tbu_bench b;
  b.load(0x1000);
  const base::duration start = kit::now();
  const auto& r = b.read(0x1fc0);
  CHECK(r.answered == start + test::utlb_time + test::memory_time);
  CHECK(b.memory.arrivals.back().address == 0x80001fc0);
  CHECK(b.tcu.arrivals.size() == 1);
  CHECK(b.stats().utlb.hits.value() == 1);
}

TEST_CASE("a main TLB hit costs both lookups and fills the uTLB") {
  auto p = small_tbu();
  p.utlb.entries = p.utlb.ways = 1;
  tbu_bench b(p);
  b.load(0x1000);
  b.load(0x2000);
  CHECK(b.lookup_of(0x1000) == test::main_time);
  b.settle();
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
  b.settle();
  CHECK(b.lookup_of(0x2000) == test::main_time);
  CHECK(b.stats().main_tlb.hits.value() == 2);
  CHECK(b.stats().utlb.hits.value() == 1);
  CHECK(b.stats().translations.value() == 2);
}

TEST_CASE("a uTLB that is left out takes no time and counts nothing") {
  auto p = small_tbu();
  p.utlb.entries = p.utlb.ways = 0;
  tbu_bench b(p);
  b.load(0x1000);
  CHECK(b.lookup_of(0x1000) == ns(3));
  CHECK(b.stats().utlb.lookups.value() == 0);
  CHECK(b.stats().main_tlb.hits.value() == 1);
}

TEST_CASE("without a main TLB a uTLB miss asks the TCU after one lookup") {
  auto p = small_tbu();
  p.main_tlb.entries = p.main_tlb.ways = 0;
  tbu_bench b(p);
  const base::duration start = kit::now();
  b.read(0x1000);
  CHECK(b.tcu.arrivals[0].at == start + test::utlb_time + test::dti_time);
  CHECK(b.stats().main_tlb.lookups.value() == 0);
}

TEST_CASE("lookups are hits and misses, nothing else") {
  tbu_bench b;
  for (const std::uint64_t page : {1, 2, 1, 3, 4, 5, 6, 1, 2, 7, 3}) b.load(page << 12);
  for (const auto* tlb : {&b.stats().utlb, &b.stats().main_tlb}) {
    CHECK(tlb->lookups.value() == tlb->hits.value() + tlb->misses.value());
    CHECK(tlb->hits.value() > 0);
  }
  CHECK(b.stats().utlb.lookups.value() == 11);
  CHECK(b.stats().main_tlb.lookups.value() == b.stats().utlb.misses.value());
  CHECK(b.stats().main_tlb.misses.value() == 7);
  CHECK(b.stats().translations.value() == 7);
}

TEST_CASE("with leaf span a 2 MiB entry hits on every 4 KiB page inside it, at the right output") {
  tbu_bench b;
  b.load(0x201000, leaf(0x201000, 21));
  CHECK(b.lookup_of(0x3ff000) == test::utlb_time);
  CHECK(b.memory.arrivals.back().address == 0x803ff000);
  b.settle();
  CHECK(b.lookup_of(0x200000) == test::utlb_time);
  CHECK(b.lookup_of(0x400000) == kit::never);
}

TEST_CASE("with page span a 2 MiB leaf is entered page by page, at the right output") {
  auto p = small_tbu();
  p.span = smmu::tlb_span::page;
  tbu_bench b(p);
  b.load(0x201040, leaf(0x201040, 21));
  CHECK(b.memory.arrivals.back().address == 0x80201040);
  CHECK(b.lookup_of(0x201fc0) == test::utlb_time);
  CHECK(b.memory.arrivals.back().address == 0x80201fc0);
  CHECK(b.lookup_of(0x202000) == kit::never);
  CHECK(b.lookup_of(0x200fc0) == kit::never);
}

TEST_CASE("tagged by stream, streams do not share entries, nor do substreams") {
  tbu_bench b;
  b.load(0x1000, leaf(0x1000), 1);
  CHECK(b.lookup_of(0x1000, 2) == kit::never);
  b.access(0x1000, false, 1, 0);
  CHECK(b.tcu.arrivals.size() == 3);
  b.access(0x1000, false, 1, 5);
  CHECK(b.tcu.arrivals.size() == 4);
  CHECK(b.lookup_of(0x1000, 1) == test::utlb_time);
}

TEST_CASE("tagged by ASID, streams of one address space share entries") {
  auto p = small_tbu();
  p.tag = smmu::tlb_tag::asid;
  tbu_bench b(p);
  b.load(0x1000, leaf(0x1000), 1);
  b.load(0x2000, leaf(0x2000), 2);  // from now on the ASID of stream 2 is known
  CHECK(b.stats().translations.value() == 2);
  CHECK(b.lookup_of(0x1000, 2) == test::utlb_time);
  b.settle();
  CHECK(b.lookup_of(0x2000, 1) == test::utlb_time);
}

TEST_CASE("tagged by ASID, streams of different address spaces do not share") {
  auto p = small_tbu();
  p.tag = smmu::tlb_tag::asid;
  tbu_bench b(p);
  b.load(0x1000, leaf(0x1000, 12, true, 1), 1);
  b.load(0x2000, leaf(0x2000, 12, true, 2), 2);
  CHECK(b.lookup_of(0x1000, 2) == kit::never);
  CHECK(b.lookup_of(0x2000, 1) == kit::never);
}

TEST_CASE("the ASID of the stream heard of longest ago is forgotten first") {
  auto p = small_tbu();
  p.tag = smmu::tlb_tag::asid;
  p.stream_tags = 2;
  tbu_bench b(p);
  for (const std::uint32_t sid : {1, 2, 3}) b.load(0x1000, leaf(0x1000), sid);
  CHECK(b.lookup_of(0x1000, 3) == test::utlb_time);
  b.settle();
  CHECK(b.lookup_of(0x1000, 2) == test::utlb_time);
  b.settle();
  CHECK(b.lookup_of(0x1000, 1) == kit::never);
}

TEST_CASE("a bypassed stream keeps its addresses, is not entered and asks each time") {
  tbu_bench b;
  arch::translation_result bypass;
  bypass.outcome = arch::outcome::ok;
  bypass.output = base::pa(0x1040);
  b.load(0x1040, bypass);
  CHECK(b.memory.arrivals.back().address == 0x1040);
  CHECK(b.port.requests.back().p->is_response_ok());
  CHECK(b.stats().main_tlb.fills.value() == 0);
  CHECK(b.lookup_of(0x1040) == kit::never);
}

TEST_CASE("a write that hits a read-only entry is translated again, and faulted by the TCU") {
  tbu_bench b;
  b.load(0x1000, leaf(0x1000, 12, false));
  const auto& w = b.write(0x1000);
  b.settle();
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(b.tcu.arrivals[1].write);
  b.translate(1, test::fault());
  test::run_dry();
  CHECK(w.p->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(b.stats().faults.value() == 1);
  CHECK(b.stats().utlb.hits.value() == 1);
  CHECK(b.lookup_of(0x1000) == test::utlb_time);  // reads go on as before
}

TEST_CASE("a write that hits a read-only entry goes on when the TCU allows it now") {
  tbu_bench b;
  b.load(0x1000, leaf(0x1000, 12, false));
  b.write(0x1000);
  b.settle();
  b.translate(1, leaf(0x1000, 12, true));
  b.settle();
  CHECK(b.port.requests.back().p->is_response_ok());
  b.write(0x1000);
  CHECK(b.tcu.arrivals.size() == 2);
}
