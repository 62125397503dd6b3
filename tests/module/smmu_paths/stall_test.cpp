// The stall model (IHI 0070 3.12.2): a transaction that faults waits for software.
#include "arch/cd.h"
#include "tests/module/smmu/smmu_bench.h"

using namespace svasim;
using arch::opcode;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;
using test::small_smmu;
using test::smmu_bench;

namespace {

struct stall_bench : smmu_bench {
  explicit stall_bench(const smmu::smmu_params& p = small_smmu()) : smmu_bench(p) {
    arch::registers words;
    words.cr0 = 0xd;
    words.idr0 &= ~(3u << 24);  // STALL_MODEL: both
    tables.configure(words);
    regs = arch::register_view(words);
    domain = tables.add_domain({base::asid(1), base::vmid()});
    tables.attach(base::stream_id(1), domain);
    tables.attach(base::stream_id(2), domain);
    set_stall();
    tables.map(domain, base::iova(0x100000), 0x900000, 12, true);
  }
  // What table_builder writes terminates.
  void set_stall() {
    arch::structure_words words{};
    bytes.read(regs.table_base + 64, words.data(), 64);
    const base::pa at(arch::decode_ste(words).s1_context_ptr);
    bytes.read(at, words.data(), 64);
    arch::cd c = arch::decode_cd(words);
    c.s = true;
    bytes.write(at, arch::encode(c).data(), 64);
  }
  arch::event recorded(unsigned n) {
    arch::event_words words{};
    bytes.read(event_base + n * 32ull, words.data(), 32);
    return arch::decode_event(words);
  }
  void resume(std::uint16_t stag, bool retry, bool abort = true, std::uint32_t sid = 1) {
    arch::command c;
    c.op = opcode::resume;
    c.sid = base::stream_id(sid);
    c.stag = stag;
    c.retry = retry;
    c.abort = abort;
    put(c);
    publish();
  }
  void map(std::uint64_t page) {
    tables.map(domain, base::iova(page), page + 0x40000000, 12, true);
  }
  unsigned events_written() const { return events.prod() & 7; }

  arch::domain_id domain;
};

}  // namespace

TEST_CASE("a stalled access is recorded and waits, and goes on when CMD_RESUME retries it") {
  stall_bench b;
  auto& r = b.access(0x1000);
  run_dry();
  CHECK_FALSE(r.done());
  REQUIRE(b.events_written() == 1);
  const arch::event e = b.recorded(0);
  CHECK(e.type == arch::event_type::f_translation);
  CHECK(e.stall);
  CHECK(e.stag == 0);
  CHECK(e.input_address == 0x1000);
  run_until(us(50));
  b.map(0x1000);
  b.resume(0, true);
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(r.p->get_address() == 0x40001000);
  CHECK(b.tcu.statistics().retried.value() == 1);
  CHECK(b.tbu.statistics().faults.value() == 0);
  CHECK(b.output_of(0x1040) == 0x40001040);
  CHECK(b.tbu.statistics().translations.value() == 1);  // the second was a hit
}

TEST_CASE("the time from fault to resume belongs to the stage stalled") {
  stall_bench b;
  auto& r = b.access(0x1000);
  run_dry();
  run_until(us(50));
  b.map(0x1000);
  b.resume(0, true);
  run_dry();
  base::duration stalled;
  for (const auto& s : *r.ext().log) {
    if (s.what == kit::stage::stalled) stalled += s.length;
  }
  CHECK(stalled > us(45));
  CHECK(stalled < us(50));
}

TEST_CASE("CMD_RESUME ends a stalled access in an abort or as RAZ/WI") {
  stall_bench b;
  auto& aborted = b.access(0x1000);
  auto& zeroed = b.access(0x2000);
  run_dry();
  REQUIRE(b.events_written() == 2);
  b.resume(0, false, true);
  b.resume(1, false, false);
  run_dry();
  CHECK(aborted.done());
  CHECK_FALSE(aborted.p->is_response_ok());
  CHECK(zeroed.p->is_response_ok());
  CHECK(b.tcu.statistics().terminated.value() == 2);
  CHECK(b.events_written() == 2);
}

TEST_CASE("a later fault of the same page and kind joins the record, another page has its own") {
  auto p = small_smmu();
  p.tbu.hazard = smmu::hazard_rule::none;
  stall_bench b(p);
  auto& first = b.access(0x1000);
  auto& joined = b.access(0x1040);
  auto& write = b.access(0x1080, 1, true);
  auto& other = b.access(0x2000);
  run_dry();
  CHECK(b.events_written() == 3);
  CHECK(b.tcu.statistics().stalls_joined.value() == 1);
  b.map(0x1000);
  b.resume(0, true);
  run_dry();
  CHECK(first.p->is_response_ok());
  CHECK(joined.p->is_response_ok());
  CHECK_FALSE(write.done());
  CHECK_FALSE(other.done());
  b.resume(1, true);
  run_dry();
  CHECK(write.p->is_response_ok());
}

TEST_CASE("a retried access that faults again is recorded again") {
  stall_bench b;
  auto& r = b.access(0x1000);
  run_dry();
  b.resume(0, true);
  run_dry();
  CHECK_FALSE(r.done());
  CHECK(b.events_written() == 2);
}

TEST_CASE("CMD_RESUME of another stream, or of a STAG not in use, does nothing") {
  stall_bench b;
  auto& r = b.access(0x1000);
  run_dry();
  b.resume(0, false, true, 2);
  b.resume(7, false);
  b.resume(0xffff, false);
  run_dry();
  CHECK_FALSE(r.done());
  CHECK(b.commands.empty());
}

TEST_CASE("CMD_STALL_TERM ends all stalled accesses of a stream, and no other's") {
  stall_bench b;
  auto& first = b.access(0x1000);
  auto& second = b.access(0x2000);
  auto& other = b.access(0x3000, 2);
  run_dry();
  arch::command c;
  c.op = opcode::stall_term;
  c.sid = base::stream_id(1);
  b.put(c);
  b.publish();
  run_dry();
  CHECK(first.done());
  CHECK(second.done());
  CHECK_FALSE(first.p->is_response_ok());
  CHECK_FALSE(other.done());
}

TEST_CASE("CMD_SYNC does not wait for stalled accesses") {
  stall_bench b;
  auto& r = b.access(0x1000);
  auto& waits_behind = b.access(0x1040);
  run_dry();
  b.put(opcode::sync);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(b.commands.empty());
  b.map(0x1000);
  b.resume(0, true);
  b.put(opcode::sync);
  b.publish();
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(waits_behind.p->is_response_ok());
  CHECK(b.commands.empty());
}

TEST_CASE("beyond STALL_MAX an access waits, and is recorded when a record is free") {
  auto p = small_smmu();
  p.tcu.stalls = 1;
  stall_bench b(p);
  auto& first = b.access(0x1000);
  auto& second = b.access(0x2000);
  run_dry();
  CHECK(b.events_written() == 1);
  CHECK(b.tcu.statistics().stalls_waited.value() == 1);
  b.map(0x1000);
  b.resume(0, true);
  run_dry();
  CHECK(first.p->is_response_ok());
  REQUIRE(b.events_written() == 2);
  CHECK(b.recorded(1).input_address == 0x2000);
  b.map(0x2000);
  b.resume(b.recorded(1).stag, true);
  run_dry();
  CHECK(second.p->is_response_ok());
}

TEST_CASE("a full event queue loses no stall, its record is written when there is room") {
  auto p = small_smmu();
  p.event_queue.log2_entries = 0;
  p.tbu.hazard = smmu::hazard_rule::none;
  stall_bench b(p);
  for (std::uint64_t page = 1; page <= 4; ++page) b.access(page << 12);
  run_dry();
  std::uint32_t seen = 0;
  for (unsigned turn = 0; turn < 4; ++turn) {
    const arch::event e = b.recorded(0);
    seen |= 1u << (e.input_address >> 12);
    b.events.write_cons(b.events.prod());
    run_dry();
    b.resume(e.stag, false);
    run_dry();
  }
  CHECK(seen == 0x1e);
  for (const auto& r : b.port.requests) CHECK(r.done());
}

TEST_CASE("a stalled access holds its slot of the TBU, others of the stream overtake it") {
  stall_bench b;
  b.access(0x1000);
  run_dry();
  CHECK(b.tbu.statistics().slots.current() == 1);
  CHECK(b.output_of(0x100000) == 0x900000);
}
