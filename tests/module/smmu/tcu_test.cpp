// Configuration, walks and invalidation, seen from a device behind the whole SMMU.
#include "tlm/smmu/tcu.h"

#include "smmu_bench.h"

using namespace svasim;
using arch::opcode;
using base::ns;
using test::run_dry;
using test::run_until;
using test::small_smmu;
using test::smmu_bench;
using manner = test::scripted_target::manner;

namespace {

constexpr base::stream_id stream{1};

// Two address spaces with a page each at 0x1000, stream 1 attached to the first.
struct two_spaces : smmu_bench {
  explicit two_spaces(const smmu::smmu_params& p = small_smmu())
      : smmu_bench(p),
        first(tables.add_domain({base::asid(1), {}})),
        second(tables.add_domain({base::asid(2), {}})) {
    tables.map(first, base::iova(0x1000), 0x90001000, 12, true);
    tables.map(second, base::iova(0x1000), 0xa0001000, 12, true);
    tables.attach(stream, first);
  }
  /// As software does it: new STE, CFGI_STE; the address space before stays as it is.
  void move_stream() {
    tables.attach(stream, second);
    arch::command c;
    c.op = opcode::cfgi_ste;
    c.sid = stream;
    put(c);
    put(opcode::sync);
    publish();
  }
  arch::domain_id first, second;
};

}  // namespace

TEST_CASE("an access is translated by the tables of its stream") {
  two_spaces b;
  CHECK(b.output_of(0x1234 & ~0x3full) == 0x90001200);
  CHECK(b.walker.statistics().config_reads.value() == 2);  // STE, CD
  CHECK(b.walker.statistics().descriptor_reads() == 4);
  b.walk_checker.check_drained();
  b.tcu_checker.check_drained();
}

TEST_CASE("STE and CD of a stream are read once, tables that are known are not read again") {
  two_spaces b;
  b.tables.map(b.first, base::iova(0x2000), 0x90002000, 12, true);
  b.output_of(0x1000);
  CHECK(b.output_of(0x2000) == 0x90002000);
  CHECK(b.walker.statistics().config_reads.value() == 2);
  CHECK(b.walker.statistics().descriptor_reads() == 5);
}

TEST_CASE("a fault is recorded as an event that software can read") {
  two_spaces b;
  CHECK(b.output_of(0x5040) == 0);
  CHECK(b.events.prod() == 1);
  arch::event_words words;
  b.bytes.read(smmu_bench::event_base, words.data(), 32);
  const arch::event e = arch::decode_event(words);
  CHECK(e.type == arch::event_type::f_translation);
  CHECK(e.sid == stream);
  CHECK(e.input_address == 0x5040);
}

TEST_CASE("a walk read that ends in an external abort ends in F_WALK_EABT") {
  two_spaces b;
  unsigned reads = 0;
  b.walk_memory.on_request = [&](auto&) {
    if (++reads == 3) b.walk_memory.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
  };
  CHECK(b.output_of(0x1000) == 0);
  arch::event_words words;
  b.bytes.read(smmu_bench::event_base, words.data(), 32);
  CHECK(arch::decode_event(words).type == arch::event_type::f_walk_eabt);
}

TEST_CASE("after CFGI and CMD_SYNC a stream is in its new address space, without any TLBI") {
  two_spaces b;
  REQUIRE(b.output_of(0x1000) == 0x90001000);
  b.move_stream();
  run_dry();
  CHECK(b.output_of(0x1000) == 0xa0001000);
}

TEST_CASE("the same with a TLB in the TCU, tagged by stream") {
  auto p = small_smmu();
  p.tcu.tlb = {16, 4, uarch::replacement::lru, ns(3), "test"};
  p.tbu.main_tlb.entries = p.tbu.main_tlb.ways = 0;
  p.tbu.utlb.entries = p.tbu.utlb.ways = 0;
  two_spaces b(p);
  b.tables.map(b.first, base::iova(0x2000), 0x90002000, 12, true);
  b.tables.map(b.second, base::iova(0x2000), 0xa0002000, 12, true);
  REQUIRE(b.output_of(0x1000) == 0x90001000);
  REQUIRE(b.output_of(0x2000) == 0x90002000);
  REQUIRE(b.output_of(0x2000) == 0x90002000);
  REQUIRE(b.tcu.statistics().tlb.hits.value() == 1);
  b.move_stream();
  run_dry();
  CHECK(b.output_of(0x1000) == 0xa0001000);
  CHECK(b.output_of(0x2000) == 0xa0002000);
}

TEST_CASE("the same with TLBs tagged by ASID") {
  auto p = small_smmu();
  p.tbu.tag = smmu::tlb_tag::asid;
  p.tcu.tlb = {16, 4, uarch::replacement::lru, ns(3), "test"};
  two_spaces b(p);
  REQUIRE(b.output_of(0x1000) == 0x90001000);
  b.move_stream();
  run_dry();
  CHECK(b.output_of(0x1000) == 0xa0001000);
}

TEST_CASE("a walk under way when its stream is moved enters no cache") {
  two_spaces b;
  b.access(0x1000);
  run_until(smmu_bench::start + base::ns(24 + 64 * 3));  // among the table reads
  b.move_stream();
  run_dry();
  CHECK(b.port.requests[0].p->get_address() == 0x90001000);
  CHECK(b.output_of(0x1000) == 0xa0001000);
}

TEST_CASE("a walk that waits for a slot while its stream is moved reads the new configuration") {
  auto p = small_smmu();
  p.tcu.walk_slots = 1;
  two_spaces b(p);
  b.tables.map(b.first, base::iova(0x2000), 0x90002000, 12, true);
  b.tables.map(b.second, base::iova(0x2000), 0xa0002000, 12, true);
  b.output_of(0x1000);  // STE and CD are in the configuration cache now
  b.walk_memory.how = manner::on_demand;
  b.access(0x3000);                // walks, and its read is not answered yet
  auto& waits = b.access(0x2000);  // waits for the slot, with the old configuration in hand
  run_until(kit::now() + base::us(1));
  b.tables.attach(stream, b.second);
  arch::command c;
  c.op = opcode::cfgi_ste;
  c.sid = stream;
  b.put(c);
  b.publish();
  run_until(kit::now() + base::us(1));
  b.walk_memory.how = manner::at_once;
  b.walk_memory.answer(*b.walk_memory.arrivals.back().p);
  run_dry();
  CHECK(waits.p->get_address() == 0xa0002000);
  CHECK(b.output_of(0x2000) == 0xa0002000);
}

TEST_CASE("after a TLBI and CMD_SYNC a page that was moved is found at its new place") {
  two_spaces b;
  REQUIRE(b.output_of(0x1000) == 0x90001000);
  b.tables.map(b.first, base::iova(0x1000), 0xb0001000, 12, true);
  CHECK(b.output_of(0x1000) == 0x90001000);  // still in the TLB
  arch::command c;
  c.op = opcode::tlbi_nh_va;
  c.asid = base::asid(1);
  c.address = 0x1000;
  c.leaf = true;
  b.put(c);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.output_of(0x1000) == 0xb0001000);
}

TEST_CASE("translation slots of the TCU bound what is under way, and nothing is lost") {
  auto p = small_smmu();
  p.tcu.slots = 2;
  p.tcu.walk_slots = 1;
  p.tbu.slots = 16;
  two_spaces b(p);
  for (std::uint64_t n = 0; n < 16; ++n) {
    b.tables.map(b.first, base::iova(0x10000 + (n << 12)), 0x90010000 + (n << 12), 12, true);
  }
  for (std::uint64_t n = 0; n < 16; ++n) b.access(0x10000 + (n << 12));
  run_dry();
  for (std::uint64_t n = 0; n < 16; ++n) {
    CHECK(b.port.requests[n].p->get_address() == 0x90010000 + (n << 12));
  }
  CHECK(b.tcu.statistics().slots.max() == 2);
  CHECK(b.tcu.statistics().waited.value() == 14);
  CHECK(b.walker.statistics().slots.max() == 1);
}

TEST_CASE("walk reads that memory refuses go on one after the other, in order") {
  auto p = small_smmu();
  p.tbu.slots = 8;
  two_spaces b(p);
  b.output_of(0x1000);
  const std::size_t before = b.walk_memory.arrivals.size();
  b.walk_memory.how = manner::held;
  for (std::uint64_t n = 2; n < 6; ++n) b.access(n << 12);
  run_until(kit::now() + base::us(1));
  for (std::size_t n = 0; n < 4; ++n) {
    REQUIRE(b.walk_memory.arrivals.size() == before + n + 1);
    b.walk_memory.answer(*b.walk_memory.arrivals.back().p);
    run_until(kit::now() + base::us(1));
  }
  run_dry();
  for (const auto& r : b.port.requests) CHECK(r.answers == 1);
  for (std::size_t n = 1; n < 4; ++n) {
    CHECK(b.walk_memory.arrivals[before + n - 1].address <
          b.walk_memory.arrivals[before + n].address);
  }
}
