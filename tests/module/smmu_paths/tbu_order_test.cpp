// The TBU's tokens, order of issue and release, hazards on leaf tables, ports.
#include "tests/module/smmu/tbu_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::leaf;
using test::run_dry;
using test::small_tbu;
using test::tbu_bench;

namespace {

std::vector<std::uint64_t> outputs(const tbu_bench& b, std::size_t from) {
  std::vector<std::uint64_t> all;
  for (std::size_t i = from; i < b.memory.arrivals.size(); ++i) {
    all.push_back(b.memory.arrivals[i].address);
  }
  return all;
}

}  // namespace

TEST_CASE("a translation request waits until one of the tokens is back") {
  auto p = small_tbu();
  p.tokens = 2;
  tbu_bench b(p);
  for (std::uint64_t n = 1; n <= 3; ++n) b.read(n << 12);
  CHECK(b.tcu.arrivals.size() == 2);
  CHECK(b.stats().waited_token.value() == 1);
  b.settle();
  const duration answered = kit::now();
  b.translate(1, leaf(0x2000));
  run_dry();
  REQUIRE(b.tcu.arrivals.size() == 3);
  CHECK(b.tcu.arrivals[2].at == answered + 2 * test::dti_time);
  b.settle();
  b.translate(0, leaf(0x1000));
  b.translate(2, leaf(0x3000));
  run_dry();
  b.check_drained();
}

TEST_CASE("released in order, a hit waits for the miss of its stream and direction before it") {
  auto p = small_tbu();
  p.release = smmu::release_rule::in_order;
  tbu_bench b(p);
  b.load(0x1000);
  b.load(0x1000, leaf(0x1000), 2);
  const std::size_t before = b.memory.arrivals.size();
  const std::size_t asked = b.tcu.arrivals.size();
  b.read(0x2000);
  b.read(0x1000);
  b.write(0x1040);
  b.read(0x1080, 2);
  b.settle();
  CHECK(outputs(b, before) == std::vector<std::uint64_t>{0x80001040, 0x80001080});
  b.translate(asked, leaf(0x2000));
  run_dry();
  CHECK(outputs(b, before) ==
        std::vector<std::uint64_t>{0x80001040, 0x80001080, 0x80002000, 0x80001000});
  b.check_drained();
}

TEST_CASE("released in order, a fault is answered in its turn") {
  auto p = small_tbu();
  p.release = smmu::release_rule::in_order;
  tbu_bench b(p);
  b.read(0x1000);
  b.read(0x2000);
  b.settle();
  b.translate(1, test::fault());
  b.settle();
  CHECK(b.port.order.empty());
  b.translate(0, leaf(0x1000));
  run_dry();
  CHECK(b.port.order.size() == 2);
  CHECK_FALSE(b.port.requests[1].p->is_response_ok());
  b.check_drained();
}

TEST_CASE("released in order, requests that wait for their turn take places of the egress") {
  auto p = small_tbu();
  p.release = smmu::release_rule::in_order;
  p.egress = 2;
  tbu_bench b(p);
  b.load(0x1000);
  const std::size_t asked = b.tcu.arrivals.size();
  b.read(0x2000);
  b.read(0x1000);
  b.read(0x1040);
  const auto& third = b.read(0x1080);
  b.settle();
  CHECK(third.accepted == kit::never);
  CHECK(b.stats().refused_egress.value() == 1);
  b.translate(asked, leaf(0x2000));
  run_dry();
  CHECK(third.done());
  b.check_drained();
}

TEST_CASE("issued out of order, hits pass misses that wait aside for a slot") {
  auto p = small_tbu();
  p.slots = 1;
  p.issue = smmu::issue_order::out_of_order;
  p.reorder_slots = 1;
  tbu_bench b(p);
  b.load(0x1000);
  const std::size_t before = b.memory.arrivals.size();
  const std::size_t asked = b.tcu.arrivals.size();
  b.read(0x2000);
  b.read(0x3000);
  CHECK(b.stats().aside.value() == 1);
  b.read(0x1000);
  CHECK(outputs(b, before) == std::vector<std::uint64_t>{0x80001000});
  const auto& fourth = b.read(0x4000);
  CHECK(fourth.accepted == kit::never);
  CHECK(b.stats().refused_slots.value() == 1);
  b.settle();
  for (std::uint64_t page = 2; page <= 4; ++page) {
    b.translate(asked + page - 2, leaf(page << 12));
    b.settle();
  }
  CHECK(outputs(b, before) ==
        std::vector<std::uint64_t>{0x80001000, 0x80002000, 0x80003000, 0x80004000});
  b.check_drained();
}

TEST_CASE("misses wait for the first whose descriptor is in the same leaf table, then ask") {
  auto p = small_tbu();
  p.hazard = smmu::hazard_rule::leaf_table;
  tbu_bench b(p);
  b.read(0x1000);
  b.read(0x2000);
  b.read(0x3000);
  b.read(0x400000);
  CHECK(b.tcu.arrivals.size() == 2);
  CHECK(b.stats().table_hazards.value() == 2);
  b.settle();
  b.translate(0, leaf(0x1000));
  b.settle();
  // They no longer wait for each other.
  REQUIRE(b.tcu.arrivals.size() == 4);
  b.translate(1, leaf(0x400000));
  b.translate(2, leaf(0x2000));
  b.translate(3, leaf(0x3000));
  run_dry();
  CHECK(b.memory.arrivals.size() == 4);
  b.check_drained();
}

TEST_CASE("a block serves all that wait for its leaf table") {
  auto p = small_tbu();
  p.hazard = smmu::hazard_rule::leaf_table;
  tbu_bench b(p);
  b.read(0x1000);
  b.read(0x2000);
  b.read(0x2040);
  b.settle();
  b.translate(0, leaf(0x1000, 21));
  run_dry();
  CHECK(b.tcu.arrivals.size() == 1);
  CHECK(b.memory.arrivals.size() == 3);
  b.check_drained();
}

TEST_CASE("with one uTLB port a lookup begins when the one before is over") {
  auto p = small_tbu();
  p.utlb.ports = 1;
  tbu_bench b(p);
  b.load(0x1000);
  const std::size_t before = b.memory.arrivals.size();
  const duration start = kit::now();
  b.read(0x1000);
  b.read(0x1040);
  run_dry();
  CHECK(b.memory.arrivals[before].at == start + test::utlb_time);
  CHECK(b.memory.arrivals[before + 1].at == start + 2 * test::utlb_time);
  CHECK(b.stats().refused_ports.value() == 1);
  b.check_drained();
}

TEST_CASE("with one main TLB port its lookups come one after the other") {
  auto p = small_tbu();
  p.utlb.entries = p.utlb.ways = 0;
  p.main_tlb.ports = 1;
  tbu_bench b(p);
  b.load(0x1000);
  const std::size_t before = b.memory.arrivals.size();
  const duration start = kit::now();
  b.read(0x1000);
  b.read(0x1040);
  run_dry();
  CHECK(b.memory.arrivals[before].at == start + ns(3));
  CHECK(b.memory.arrivals[before + 1].at == start + ns(6));
}

namespace {

// A stage-1 page of 4 KiB within a stage-2 block of 2 MiB.
void check_nested(smmu::nested_entries how, duration lookup, std::uint64_t fills) {
  auto p = small_tbu();
  p.utlb.entries = p.utlb.ways = 0;
  p.nested_entries = how;
  arch::translation_result nested = leaf(0x200000, 12);
  arch::translation& t = nested.entry;
  t.kind = arch::translation_kind::nested;
  t.vmid = base::vmid(3);
  t.s2.size_shift = 21;
  t.s2.level = 2;
  tbu_bench b(p);
  b.load(0x200000, nested);
  CHECK(b.lookup_of(0x200040) == lookup);
  CHECK(b.memory.arrivals.back().address == 0x80200040);
  CHECK(b.stats().main_tlb.fills.value() == fills);
}

}  // namespace

TEST_CASE("a split nested entry takes two places and two lookups of the main TLB") {
  check_nested(smmu::nested_entries::split, ns(6), 2);
}

TEST_CASE("a merged nested entry takes one place and one lookup of the main TLB") {
  check_nested(smmu::nested_entries::merged, ns(3), 1);
}

TEST_CASE("what leaves the TBU takes its egress latency") {
  auto p = small_tbu();
  p.egress_latency = ns(2);
  tbu_bench b(p);
  b.load(0x1000);
  CHECK(b.lookup_of(0x1000) == test::utlb_time + ns(2));
}

TEST_CASE("a fault that is RAZ/WI ends well, without memory, and reads zeros") {
  tbu_bench b;
  auto& r = b.port.make(tlm::TLM_READ_COMMAND, 0x1000, 8);
  r.ext().sid = base::stream_id(1);
  std::fill_n(r.p->get_data_ptr(), 8, static_cast<unsigned char>(0xff));
  b.port.send(r);
  b.settle();
  auto zero = test::fault();
  zero.response = arch::fault_response::zero;
  b.translate(0, zero);
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(std::count(r.p->get_data_ptr(), r.p->get_data_ptr() + 8, 0) == 8);
  CHECK(b.memory.arrivals.empty());
  CHECK(b.stats().zeroed.value() == 1);
}
