#include "tlm/smmu/command_queue.h"

#include <rapidcheck.h>

#include "base/child_process.h"
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

constexpr auto bad = static_cast<opcode>(0xff);

// A command queue as two lists.
struct naive_queue {
  std::vector<opcode> put, consumed;
  std::size_t published = 0;

  bool full() const { return put.size() - consumed.size() == 4; }
  bool stopped() const { return consumed.size() < published; }
  void run() {
    while (consumed.size() < published && put[consumed.size()] != bad) {
      consumed.push_back(put[consumed.size()]);
    }
  }
  std::vector<opcode> invalidations() const {
    std::vector<opcode> all;
    for (const opcode op : consumed) {
      if (op != opcode::sync) all.push_back(op);
    }
    return all;
  }
};

// What differs between the queue and a naive one, empty if nothing does.
std::string difference_after(const std::vector<std::uint8_t>& steps) {
  constexpr opcode choice[] = {opcode::tlbi_nh_all, opcode::cfgi_ste, opcode::sync, bad};
  smmu_bench b;
  naive_queue naive;
  for (const std::uint8_t step : steps) {
    if (step % 4 < 2 && !naive.full()) {
      naive.put.push_back(choice[step / 4 % 4]);
      b.put(naive.put.back());
    } else if (step % 4 == 2) {
      naive.published = naive.put.size();
      b.publish();
    } else if (step % 4 == 3 && naive.stopped()) {
      // As Linux does it: a CMD_SYNC takes the place of the bad one.
      arch::command nothing;
      nothing.op = opcode::sync;
      const auto words = arch::encode(nothing);
      const std::size_t at = naive.consumed.size();
      b.bytes.write(smmu_bench::command_base + at % 4 * 16, words.data(), 16);
      naive.put[at] = opcode::sync;
      b.errors.acknowledge(smmu::global_error::cmdq);
    }
    run_dry();
    naive.run();
    if ((b.commands.cons() & 7) != naive.consumed.size() % 8) return "CONS";
    if (b.invalidated != naive.invalidations()) return "what was carried out";
    if (b.commands.error_active() != naive.stopped()) return "the error";
  }
  return "";
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
  b.errors.acknowledge(smmu::global_error::cmdq);
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
  b.errors.acknowledge(smmu::global_error::cmdq);
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
  auto p = test::small_smmu();
  p.tcu.prefetch_limit = 0;
  smmu_bench b(p);
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

TEST_CASE("a fetch of commands that is aborted stops the queue with CERROR_ABT") {
  smmu_bench b;
  b.command_memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.put(opcode::tlbi_nh_all);
  b.publish();
  run_dry();
  CHECK(b.errors.value() == 1);
  CHECK(b.commands.cons() == 2u << 24);
  CHECK(b.invalidated.empty());
  b.command_memory.status = tlm::TLM_OK_RESPONSE;
  b.errors.acknowledge(1);
  run_dry();
  CHECK(b.commands.cons() == 1);
  CHECK(b.invalidated.size() == 1);
}

TEST_CASE("a second error toggles GERROR back, and is active again") {
  smmu_bench b;
  b.put(static_cast<opcode>(0xff));
  b.publish();
  run_dry();
  b.errors.acknowledge(1);
  run_dry();
  CHECK(b.errors.value() == 0);
  CHECK(b.errors.acknowledged() == 1);
  CHECK(b.commands.error_active());
}

TEST_CASE("an MSI that is aborted raises MSI_CMDQ_ABT, and the queue goes on") {
  smmu_bench b;
  b.put(sync_by_msi(base::pa(0x12000040), 1));
  b.put(opcode::tlbi_nh_all);
  b.command_memory.on_request = [&](auto& p) {
    b.command_memory.status = p.is_write() ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  b.publish();
  run_dry();
  CHECK(b.errors.value() == 1u << 4);
  CHECK(b.commands.empty());
  CHECK(b.invalidated.size() == 1);
}

TEST_CASE("a sync without address tells by a wired interrupt, one with SIG_SEV by an event") {
  smmu_bench b;
  unsigned interrupts = 0, events = 0;
  b.commands.on_sync_interrupt = [&] { ++interrupts; };
  b.commands.on_sync_event = [&] { ++events; };
  b.put(sync_by_msi(base::pa(0), 0));
  arch::command sev;
  sev.op = opcode::sync;
  sev.signal = arch::sync_signal::event;
  b.put(sev);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(interrupts == 1);
  CHECK(events == 1);
  CHECK(b.command_memory.arrivals.size() == 1);  // the fetch
}

TEST_CASE("RESUME, STALL_TERM and prefetches go to whom they concern, with their fields") {
  auto p = test::small_smmu();
  smmu_bench b(p);
  b.regs.caps.stall_model = 0;
  std::vector<arch::command> resumed, terminated, prefetched;
  b.engine.on_resume = [&](const arch::command& c) { resumed.push_back(c); };
  b.engine.on_stall_term = [&](const arch::command& c) { terminated.push_back(c); };
  b.engine.on_prefetch = [&](const arch::command& c) { prefetched.push_back(c); };
  arch::command c;
  c.sid = base::stream_id(7);
  c.op = opcode::resume;
  c.stag = 0x1234;
  c.retry = true;
  b.put(c);
  c.op = opcode::stall_term;
  b.put(c);
  c.op = opcode::prefetch_addr;
  c.address = 0x5000;
  b.put(c);
  b.publish();
  run_dry();
  REQUIRE(resumed.size() == 1);
  CHECK(resumed[0].stag == 0x1234);
  CHECK(resumed[0].retry);
  REQUIRE(terminated.size() == 1);
  CHECK(terminated[0].sid == base::stream_id(7));
  REQUIRE(prefetched.size() == 1);
  CHECK(prefetched[0].address == 0x5000);
  CHECK(kit::now() == smmu_bench::start + smmu_bench::latency + decode * 3);
}

TEST_CASE("CFGI_VMS_PIDM and DPTI need MPAM and DPT, and take the time of an invalidation") {
  smmu_bench b;
  b.put(opcode::dpti_all);
  b.publish();
  run_dry();
  CHECK(b.commands.cons() == 1u << 24);
  const duration stopped = kit::now();
  b.regs.caps.dpt = b.regs.caps.mpam = true;
  b.put(opcode::cfgi_vms_pidm);
  b.commands.write_prod(2);
  b.errors.acknowledge(1);
  run_dry();
  CHECK(b.commands.empty());
  CHECK(kit::now() == stopped + smmu_bench::latency + (decode + dti + invalidate + dti) * 2);
}

TEST_CASE("CMDQEN stops the queue between two commands, which are not lost") {
  smmu_bench b;
  for (int n = 0; n < 4; ++n) b.put(opcode::tlbi_nh_all);
  b.publish();
  unsigned told = 0;
  b.commands.on_quiet = [&] { ++told; };
  run_until(smmu_bench::start + smmu_bench::latency + decode + dti + ns(1));  // in the first
  b.regs.cmdq_enabled = false;
  CHECK_FALSE(b.commands.quiet());
  run_dry();
  CHECK(b.commands.quiet());
  CHECK(told == 1);
  CHECK(b.commands.cons() == 1);
  CHECK(b.invalidated.size() == 1);
  b.regs.cmdq_enabled = true;
  b.commands.wake();
  run_dry();
  CHECK(b.invalidated.size() == 4);
}

TEST_CASE("a sync waits for the event records of the transactions before it") {
  smmu_bench b;
  b.event_memory.latency = base::us(3);
  b.access(0x1000);  // there is no STE: F_STE_FETCH or C_BAD_STE
  run_until(kit::now() + base::us(1));
  REQUIRE(b.port.requests[0].done());
  REQUIRE(b.event_memory.arrivals.size() == 1);
  b.put(opcode::sync);
  b.publish();
  run_until(b.event_memory.arrivals[0].at + base::us(3) - ns(1));
  CHECK_FALSE(b.commands.empty());
  run_dry();
  CHECK(b.commands.empty());
}

TEST_CASE("a sync does not wait for a stall record that finds the event queue full") {
  smmu_bench b;
  for (int n = 0; n < 4; ++n) {
    b.events.record({});
    run_dry();
  }
  arch::event stalled;
  stalled.stall = true;
  b.events.record_stall(stalled);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.commands.empty());
  CHECK_FALSE(b.events.drained());
}

TEST_CASE("the command queue agrees with a naive one after any steps of software") {
  REQUIRE(rc::check("command queue", [](const std::vector<std::uint8_t>& steps) {
    // One simulation a process.
    return base::in_child([&steps] { return difference_after(steps); }).empty();
  }));
}
