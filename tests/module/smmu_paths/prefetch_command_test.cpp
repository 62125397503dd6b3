// CMD_PREFETCH_CONFIG and CMD_PREFETCH_ADDR (IHI 0070 4.2): they warm caches and leave no trace.
#include "tests/module/smmu/smmu_bench.h"

using namespace svasim;
using arch::opcode;
using test::run_dry;
using test::small_smmu;
using test::smmu_bench;

namespace {

struct prefetch_bench : smmu_bench {
  explicit prefetch_bench(const smmu::smmu_params& p = small_smmu()) : smmu_bench(p) {
    const arch::domain_id d = tables.add_domain({base::asid(1), base::vmid()});
    tables.attach(base::stream_id(1), d);
    for (std::uint64_t page = 1; page <= 8; ++page) {
      tables.map(d, base::iova(page << 12), 0x40000000 + (page << 12), 12, true);
    }
  }
  void prefetch(opcode op, std::uint64_t address = 0, std::uint8_t size = 0,
                std::uint8_t stride = 0) {
    arch::command c;
    c.op = op;
    c.sid = base::stream_id(1);
    c.address = address;
    c.size = size;
    c.stride = stride;
    put(c);
    publish();
    run_dry();
  }
  std::uint64_t config_reads() const { return walker.statistics().config_reads.value(); }
  std::uint64_t reads() const { return walker.statistics().descriptor_reads(); }
};

}  // namespace

TEST_CASE("PREFETCH_CONFIG reads STE and CD, and no descriptor") {
  prefetch_bench b;
  b.prefetch(opcode::prefetch_config);
  CHECK(b.config_reads() == 2);
  CHECK(b.reads() == 0);
  CHECK(b.output_of(0x1000) == 0x40001000);
  CHECK(b.config_reads() == 2);
}

TEST_CASE("PREFETCH_ADDR translates 2^Size pages at their stride into the TLB of the TCU") {
  auto p = small_smmu();
  p.tcu.tlb.entries = p.tcu.tlb.ways = 16;
  prefetch_bench b(p);
  b.prefetch(opcode::prefetch_addr, 0x1000, 2, 1);  // pages 1, 3, 5, 7
  CHECK(b.tcu.statistics().prefetches.value() == 4);
  for (const std::uint64_t page : {1, 3, 5, 7}) CHECK(b.output_of(page << 12) != 0);
  CHECK(b.tcu.statistics().tlb.hits.value() == 4);
}

TEST_CASE("without a TLB in the TCU, PREFETCH_ADDR warms the walk caches") {
  prefetch_bench b;
  b.prefetch(opcode::prefetch_addr, 0x1000);
  CHECK(b.reads() == 4);
  b.output_of(0x2000);
  CHECK(b.reads() == 5);
}

TEST_CASE("a prefetch of nothing that is mapped records no event") {
  prefetch_bench b;
  b.prefetch(opcode::prefetch_addr, 0x800000000);
  arch::command c;
  c.op = opcode::prefetch_config;
  c.sid = base::stream_id(77);
  b.put(c);
  b.publish();
  run_dry();
  CHECK(b.events.prod() == 0);
  CHECK(b.tcu.statistics().faults.value() == 0);
}

TEST_CASE("one PREFETCH_ADDR makes no more translations than its limit") {
  auto p = small_smmu();
  p.tcu.prefetch_limit = 3;
  prefetch_bench b(p);
  b.prefetch(opcode::prefetch_addr, 0x1000, 31);
  CHECK(b.tcu.statistics().prefetches.value() == 3);
}

TEST_CASE("a prefetch under way during an invalidation enters no cache") {
  auto p = small_smmu();
  p.tcu.tlb.entries = p.tcu.tlb.ways = 16;
  prefetch_bench b(p);
  arch::command c;
  c.op = opcode::prefetch_addr;
  c.sid = base::stream_id(1);
  c.address = 0x1000;
  b.put(c);
  b.put(opcode::tlbi_nh_all);
  b.publish();
  run_dry();
  b.output_of(0x1000);
  CHECK(b.tcu.statistics().tlb.hits.value() == 0);
}
