#include "tlm/smmu/command_queue.h"

#include "smmu_bench.h"

using namespace svasim;
using arch::opcode;
using base::duration;
using base::ns;
using test::run_dry;
using test::run_until;
using test::smmu_bench;

namespace {

// From the defaults of command_queue_params and tbu_params.
constexpr duration decode = ns(5);
constexpr duration invalidate = ns(10);
constexpr duration dti = ns(20);

arch::command sync_by_msi(base::pa at, std::uint32_t data) {
  arch::command c;
  c.op = opcode::sync;
  c.signal = arch::sync_signal::interrupt;
  c.address = at.value();
  c.msi_data = data;
  return c;
}

}  // namespace

TEST_CASE("a TLBI takes its fetch, decode, the way to the TBU, the search and the way back") {
  smmu_bench b;
  b.put(opcode::tlbi_nh_all);
  b.publish();
  const duration over = smmu_bench::start + smmu_bench::latency + decode + dti + invalidate + dti;
  run_until(over - ns(1));
  CHECK(b.invalidated.empty());
  CHECK_FALSE(b.commands.empty());
  run_until(over);
  CHECK(b.invalidated == std::vector<opcode>{opcode::tlbi_nh_all});
  CHECK(b.commands.empty());
  CHECK(b.tbu.statistics().invalidations.value() == 1);
}

TEST_CASE("commands are carried out in order, one at a time") {
  smmu_bench b;
  const std::vector<opcode> all{opcode::tlbi_nh_all, opcode::cfgi_ste, opcode::tlbi_nh_asid,
                                opcode::cfgi_cd_all};
  for (const opcode op : all) b.put(op);
  b.publish();
  run_dry();
  CHECK(b.invalidated == all);
  CHECK(kit::now() ==
        smmu_bench::start + smmu_bench::latency + (decode + dti + invalidate + dti) * 4);
}

TEST_CASE("nothing beyond PROD is read or carried out") {
  smmu_bench b;
  b.put(opcode::tlbi_nh_all);
  b.publish();
  b.put(opcode::tlbi_nh_all);
  run_dry();
  CHECK(b.invalidated.size() == 1);
  REQUIRE(b.command_memory.arrivals.size() == 1);
  CHECK(b.command_memory.arrivals[0].length == 16);
  b.publish();
  run_dry();
  CHECK(b.invalidated.size() == 2);
}

TEST_CASE("commands are fetched in batches that end with the ring") {
  smmu_bench b;
  for (int n = 0; n < 3; ++n) b.put(opcode::prefetch_config);
  b.publish();
  run_dry();
  for (int n = 0; n < 4; ++n) b.put(opcode::prefetch_config);
  b.publish();
  run_dry();
  const auto& reads = b.command_memory.arrivals;
  REQUIRE(reads.size() == 3);
  CHECK(reads[0].length == 3 * 16);
  CHECK(reads[1].address == smmu_bench::command_base.value() + 3 * 16);
  CHECK(reads[1].length == 16);
  CHECK(reads[2].address == smmu_bench::command_base.value());
  CHECK(reads[2].length == 3 * 16);
}

TEST_CASE("a ring that is full to the last place is worked off, however often it wraps") {
  smmu_bench b;
  for (int round = 0; round < 5; ++round) {
    for (int n = 0; n < 4; ++n) b.put(n % 2 == 0 ? opcode::tlbi_nh_all : opcode::prefetch_addr);
    b.publish();
    CHECK((b.commands.prod() ^ b.commands.cons()) == 4);  // full: same index, other wrap
    run_dry();
    CHECK(b.commands.empty());
    CHECK(b.commands.cons() == b.prod);
  }
  CHECK(b.invalidated.size() == 10);
}

TEST_CASE("bits of PROD beyond index and wrap do not count") {
  smmu_bench b;
  b.put(opcode::tlbi_nh_all);
  b.commands.write_prod(0xfffffff8 | b.prod);
  run_dry();
  CHECK(b.commands.prod() == 1);
  CHECK(b.invalidated.size() == 1);
}

TEST_CASE("a bad command stops the queue before it, with its error, until acknowledged") {
  smmu_bench b;
  b.put(opcode::tlbi_nh_all);
  b.put(static_cast<opcode>(0xff));
  b.put(opcode::tlbi_nh_asid);
  b.publish();
  run_dry();
  CHECK(b.invalidated == std::vector<opcode>{opcode::tlbi_nh_all});
  CHECK(b.commands.error_active());
  CHECK(b.commands.cons() == (1u | 1u << 24));  // at the bad one, CERROR_ILL
  b.publish();                                  // more commands do not get it going
  run_dry();
  CHECK(b.invalidated.size() == 1);

  arch::command repaired;
  repaired.op = opcode::cfgi_ste;
  const auto words = arch::encode(repaired);
  b.bytes.write(smmu_bench::command_base + 16, words.data(), 16);
  b.commands.acknowledge_error();
  run_dry();
  CHECK_FALSE(b.commands.error_active());
  CHECK(b.invalidated ==
        std::vector<opcode>{opcode::tlbi_nh_all, opcode::cfgi_ste, opcode::tlbi_nh_asid});
  CHECK(b.commands.cons() == 3);
}

TEST_CASE("a bad command that was acknowledged but not repaired stops the queue again") {
  smmu_bench b;
  b.put(opcode::atc_inv);  // there is no ATS
  b.publish();
  run_dry();
  b.commands.acknowledge_error();
  run_dry();
  CHECK(b.commands.error_active());
  CHECK((b.commands.cons() & 0xff) == 0);
}

TEST_CASE("a sync with MSI writes its word after the commands before it, one without writes none") {
  smmu_bench b;
  constexpr base::pa word{0x12000040};
  b.put(opcode::tlbi_nh_all);
  b.put(sync_by_msi(word, 0xabcd1234));
  b.publish();
  run_dry();
  REQUIRE(b.command_memory.arrivals.size() == 2);
  const auto& msi = b.command_memory.arrivals[1];
  CHECK(msi.write);
  CHECK(msi.address == word.value());
  CHECK(msi.length == 4);
  CHECK(msi.at == smmu_bench::start + smmu_bench::latency + decode + dti + invalidate + dti +
                      decode + dti + dti);
  CHECK(b.bytes.read64(word) == 0xabcd1234);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.command_memory.arrivals.size() == 3);  // the fetch
  CHECK(b.commands.empty());
}

TEST_CASE("a sync completes when the transactions taken before it have") {
  smmu_bench b;
  b.walk_memory.how = test::scripted_target::manner::on_demand;
  b.access(0x1000);
  b.put(opcode::sync);
  b.publish();
  run_until(smmu_bench::start + base::us(50));
  CHECK_FALSE(b.commands.empty());
  b.walk_memory.status = tlm::TLM_GENERIC_ERROR_RESPONSE;  // the fetch of the STE aborts
  b.walk_memory.answer(*b.walk_memory.arrivals.at(0).p);
  run_dry();
  CHECK(b.port.requests[0].p->is_response_error());
  CHECK(b.commands.empty());
}

TEST_CASE("a sync does not wait for transactions taken after it") {
  smmu_bench b;
  b.walk_memory.how = test::scripted_target::manner::on_demand;
  b.put(opcode::sync);
  b.publish();
  run_until(smmu_bench::start + smmu_bench::latency + decode + dti + ns(1));
  b.access(0x1000);
  run_dry();
  CHECK(b.commands.empty());
  CHECK_FALSE(b.port.requests[0].done());
}

TEST_CASE("commands without effect take their decode only") {
  smmu_bench b;
  b.put(opcode::prefetch_config);
  b.put(opcode::prefetch_addr);
  b.publish();
  run_dry();
  CHECK(kit::now() == smmu_bench::start + smmu_bench::latency + decode * 2);
  CHECK(b.invalidated.empty());
}

TEST_CASE(
    "with CR0.VMW a TLBI goes to every VMID that differs only in the low bits it leaves out") {
  smmu_bench b;
  b.regs.vmid_wildcard_bits = 2;
  const auto domain = b.tables.add_domain({base::asid(1), base::vmid(5)});
  b.tables.attach(base::stream_id(1), domain);
  const auto remap = [&](std::uint64_t output, std::uint16_t vmid) {
    b.tables.map(domain, base::iova(0x1000), output, 12, true);
    arch::command c;
    c.op = opcode::tlbi_nh_all;
    c.vmid = base::vmid(vmid);
    b.put(c);
    b.publish();
    run_dry();
    return b.output_of(0x1000);
  };
  CHECK(remap(0x80000000, 5) == 0x80000000);
  CHECK(remap(0x90000000, 6) == 0x90000000);
  CHECK(remap(0xa0000000, 9) == 0x90000000);  // another VM: the old translation stays
}
