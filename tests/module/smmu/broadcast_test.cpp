#include "tlm/smmu/broadcast.h"

#include "smmu_bench.h"

using namespace svasim;
using arch::opcode;
using base::duration;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;
using test::smmu_bench;

namespace {

constexpr duration there = ns(50), dti = ns(20), invalidate = ns(10);
constexpr duration one_tlbi = dti + invalidate + dti;

struct bench {
  explicit bench(const smmu::broadcast_params& p = {})
      : smmu(test::small_smmu(), [this, &p](smmu_bench& b) {
          cpus = std::make_unique<smmu::broadcast>("cpus", p, b.regs, b.engine, &b.root);
        }) {
    smmu.regs.caps.btm = true;
  }
  static arch::command tlbi(opcode op, std::uint64_t address = 0, std::uint16_t vmid = 0) {
    arch::command c;
    c.op = op;
    c.address = address;
    c.asid = base::asid(1);
    c.vmid = base::vmid(vmid);
    return c;
  }
  void send(const arch::command& c) { REQUIRE(cpus->invalidate(c)); }
  void sync() {
    REQUIRE(cpus->sync([this] { synced.push_back(kit::now()); }));
  }
  const smmu::broadcast_stats& stats() const { return cpus->statistics(); }

  std::unique_ptr<smmu::broadcast> cpus;
  std::vector<duration> synced;
  smmu_bench smmu;  // last: it starts the time
};

// CD.ASET of stream 1, whose STE and CD are changed where they lie.
void set_aset(bench& b, bool aset) {
  constexpr std::uint64_t bit = 1ull << 47;
  const base::pa ste = b.smmu.regs.table_base + 64;
  const base::pa cd{b.smmu.bytes.read64(ste) & 0xffffffffffffc0};
  const std::uint64_t word = b.smmu.bytes.read64(cd);
  b.smmu.bytes.write64(cd, aset ? word | bit : word & ~bit);
}

}  // namespace

TEST_CASE("a broadcast reaches the TLBs after its way, without a command queue") {
  bench b;
  b.send(bench::tlbi(opcode::tlbi_nh_va, 0x1000));
  b.sync();
  run_until(smmu_bench::start + there + one_tlbi - ns(1));
  CHECK(b.smmu.invalidated.empty());
  run_dry();
  CHECK(b.smmu.invalidated == std::vector<opcode>{opcode::tlbi_nh_va});
  CHECK(b.smmu.command_memory.arrivals.empty());
  // The Sync follows: the interval of the TBU there and back, and the answer to the CPU.
  CHECK(b.synced ==
        std::vector<duration>{smmu_bench::start + there + one_tlbi + dti + dti + there});
  CHECK(b.stats().sync_time.whole().max() == (b.synced[0] - smmu_bench::start).value());
}

TEST_CASE("after a broadcast and its Sync a remapped page is found at its new place") {
  bench b;
  const auto domain = b.smmu.tables.add_domain({base::asid(1), base::vmid(0)});
  b.smmu.tables.attach(base::stream_id(1), domain);
  set_aset(b, false);
  b.smmu.tables.map(domain, base::iova(0x1000), 0x80000000, 12, true);
  CHECK(b.smmu.output_of(0x1000) == 0x80000000);
  b.smmu.tables.map(domain, base::iova(0x1000), 0x90000000, 12, true);
  CHECK(b.smmu.output_of(0x1000) == 0x80000000);
  b.send(bench::tlbi(opcode::tlbi_nh_va, 0x1000));
  b.sync();
  run_dry();
  CHECK(b.smmu.output_of(0x1000) == 0x90000000);
}

TEST_CASE("a broadcast by ASID spares the entries of a CD with ASET, a command does not") {
  bench b;
  const auto domain = b.smmu.tables.add_domain({base::asid(1), base::vmid(0)});
  b.smmu.tables.attach(base::stream_id(1), domain);
  set_aset(b, true);
  b.smmu.tables.map(domain, base::iova(0x1000), 0x80000000, 12, true);
  CHECK(b.smmu.output_of(0x1000) == 0x80000000);
  b.smmu.tables.map(domain, base::iova(0x1000), 0x90000000, 12, true);
  b.send(bench::tlbi(opcode::tlbi_nh_va, 0x1000));
  b.send(bench::tlbi(opcode::tlbi_nh_asid));
  run_dry();
  CHECK(b.smmu.output_of(0x1000) == 0x80000000);
  b.smmu.put(bench::tlbi(opcode::tlbi_nh_va, 0x1000));
  b.smmu.publish();
  run_dry();
  CHECK(b.smmu.output_of(0x1000) == 0x90000000);
  b.smmu.tables.map(domain, base::iova(0x1000), 0xa0000000, 12, true);
  b.send(bench::tlbi(opcode::tlbi_nh_all));  // not by ASID
  run_dry();
  CHECK(b.smmu.output_of(0x1000) == 0xa0000000);
}

TEST_CASE("an SMMU without BTM, or with CR2.PTM, ignores broadcasts and answers a Sync at once") {
  bench b;
  b.smmu.regs.private_tlb = true;
  b.send(bench::tlbi(opcode::tlbi_nh_all));
  b.sync();
  run_dry();
  CHECK(b.smmu.invalidated.empty());
  CHECK(b.synced == std::vector<duration>{smmu_bench::start + there + there});
  b.smmu.regs.private_tlb = false;
  b.smmu.regs.caps.btm = false;
  b.send(bench::tlbi(opcode::tlbi_nh_all));
  run_dry();
  CHECK(b.smmu.invalidated.empty());
  CHECK(b.stats().ignored.value() == 2);
}

TEST_CASE("without stage 2 only broadcasts for VMID 0 concern the SMMU") {
  bench b;
  b.smmu.regs.caps.s2p = false;
  b.send(bench::tlbi(opcode::tlbi_nh_all, 0, 3));
  b.send(bench::tlbi(opcode::tlbi_s12_vmall));
  b.send(bench::tlbi(opcode::tlbi_nh_all));
  run_dry();
  CHECK(b.smmu.invalidated == std::vector<opcode>{opcode::tlbi_nh_all});
  CHECK(b.stats().ignored.value() == 2);
}

TEST_CASE("what is no TLB invalidation is ignored") {
  bench b;
  for (const auto op : {opcode::cfgi_ste, opcode::sync, opcode::atc_inv, opcode::tlbi_el2_all}) {
    b.send(bench::tlbi(op));
  }
  run_dry();
  CHECK(b.smmu.invalidated.empty());
  CHECK(b.stats().ignored.value() == 4);
}

TEST_CASE("a DVM Sync waits for the transactions taken before it") {
  bench b;
  b.smmu.walk_memory.how = test::scripted_target::manner::on_demand;
  b.smmu.access(0x1000);
  b.sync();
  run_until(smmu_bench::start + us(20));
  CHECK(b.synced.empty());
  b.smmu.walk_memory.status = tlm::TLM_GENERIC_ERROR_RESPONSE;
  b.smmu.walk_memory.answer(*b.smmu.walk_memory.arrivals.at(0).p);
  run_dry();
  CHECK(b.synced.size() == 1);
}

TEST_CASE("broadcasts and commands share the one invalidation token") {
  bench b;
  for (int n = 0; n < 2; ++n) {
    b.send(bench::tlbi(opcode::tlbi_nh_all));
    b.smmu.put(opcode::cfgi_ste);
  }
  b.smmu.publish();
  run_dry();
  CHECK(b.smmu.invalidated == std::vector<opcode>{opcode::tlbi_nh_all, opcode::cfgi_ste,
                                                  opcode::tlbi_nh_all, opcode::cfgi_ste});
  CHECK(kit::now() == smmu_bench::start + there + one_tlbi * 4);
}

TEST_CASE("broadcasts are held up to the places there are, then refused until there is room") {
  bench b({ns(50), 2});
  unsigned room = 0;
  b.cpus->on_room = [&] { ++room; };
  b.send(bench::tlbi(opcode::tlbi_nh_all));
  b.send(bench::tlbi(opcode::tlbi_nh_all));
  CHECK_FALSE(b.cpus->invalidate(bench::tlbi(opcode::tlbi_nh_all)));
  CHECK_FALSE(b.cpus->sync([] {}));
  CHECK(b.stats().refused.value() == 2);
  run_dry();
  CHECK(room == 2);
  b.sync();
  run_dry();
  CHECK(b.synced.size() == 1);
}
