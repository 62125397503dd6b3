// ATS at the SMMU's edge (IHI 0070 3.9, 13.6): Translation Requests and Translated transactions.
#include "ats_bench.h"

using namespace svasim;
using arch::ats_status;
using base::ns;
using test::ats_request_bench;
using test::run_dry;

namespace {

constexpr std::uint64_t va = 0x7000, output = 0x5000000;

arch::invalidation cfgi() {
  arch::command c;
  c.op = arch::opcode::cfgi_ste;
  c.sid = base::stream_id(validate::hand_tables::sid);
  return arch::invalidation(c, arch::idr());
}

}  // namespace

TEST_CASE("a Translation Request is answered with the page and its permissions") {
  ats_request_bench b(false, 1, false);
  b.tables.map(va, output);
  const auto& r = b.ask(va, true);
  const base::duration start = kit::now();
  run_dry();
  const arch::ats_completion& c = b.answers[0];
  CHECK(c.status == ats_status::success);
  CHECK(c.read);
  CHECK(c.write);
  CHECK(c.address == output);
  CHECK(c.size_shift == 12);
  // DTI both ways, configuration cache, STE and CD, walk cache, four descriptors.
  CHECK(r.answered == start + 2 * ns(20) + ns(3) + ns(4) + 6 * ns(64));
  CHECK(b.memory.arrivals.empty());
}

TEST_CASE("a Translation Request for nothing gets no access, an entry of the STU and no event") {
  ats_request_bench b(false, 1, false);
  b.ask(va);
  run_dry();
  CHECK(b.answers[0].status == ats_status::success);
  CHECK_FALSE(b.answers[0].granted());
  CHECK(b.answers[0].size_shift == 12);
  CHECK(b.events.empty());
}

TEST_CASE("with EATS = 0 a Translation Request is unsupported, and recorded") {
  ats_request_bench b(false, 0, false);
  b.tables.map(va, output);
  b.ask(va);
  run_dry();
  CHECK(b.answers[0].status == ats_status::unsupported_request);
  REQUIRE(b.events.size() == 1);
  CHECK(b.events[0].type == arch::event_type::f_bad_ats_treq);
}

TEST_CASE("split-stage ATS answers with the IPA, and needs ATSCHK") {
  ats_request_bench b(true, 2, true);
  b.tables.map(va, output);
  b.ask(va);
  run_dry();
  CHECK(b.answers[0].granted());
  CHECK(b.answers[0].address == output);  // stage 2 maps IPAs to themselves
}

TEST_CASE("without ATSCHK split-stage ATS is unsupported") {
  ats_request_bench b(true, 2, false);
  b.tables.map(va, output);
  b.ask(va);
  run_dry();
  CHECK(b.answers[0].status == ats_status::unsupported_request);
}

TEST_CASE("a second Translation Request for the page hits the TLB of the TCU") {
  auto p = test::small_smmu();
  p.tcu.tlb.entries = p.tcu.tlb.ways = 4;
  ats_request_bench b(false, 1, false, p);
  b.tables.map(va, output);
  b.ask(va);
  run_dry();
  b.ask(va);
  run_dry();
  CHECK(b.tcu.statistics().tlb.hits.value() == 1);
  CHECK(b.answers[1].address == output);
  CHECK(b.walker.statistics().walks.value() == 1);
}

TEST_CASE("a request for several translations gets them side by side, asked one after the other") {
  ats_request_bench b(false, 1, false);
  for (unsigned i = 0; i < 5; ++i) b.tables.map(va + i * 0x1000, output + i * 0x10000);
  const auto& r = b.ask_for(va, 4);
  const base::duration start = kit::now();
  run_dry();
  CHECK(b.entries_of_first() == 4);
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(b.several[0][i].granted());
    CHECK(b.several[0][i].address == output + i * 0x10000);
    CHECK(b.several[0][i].size_shift == 12);
  }
  // The first as if alone. Each further one: DTI both ways, the caches, its descriptor.
  const base::duration first = 2 * ns(20) + ns(3) + ns(4) + 6 * ns(64);
  const base::duration further = 2 * ns(20) + ns(3) + ns(4) + ns(64);
  CHECK(r.answered == start + first + 3 * further);
  CHECK(b.ats.statistics().slots.current() == 0);
}

TEST_CASE("several translations end at the first that has no access") {
  ats_request_bench b(false, 1, false);
  for (const unsigned i : {0, 1, 3}) b.tables.map(va + i * 0x1000, output + i * 0x1000);
  const auto& r = b.ask_for(va, 4);
  run_dry();
  CHECK(r.done());
  CHECK(b.entries_of_first() == 2);
  CHECK(b.several[0][1].granted());
  CHECK(b.events.empty());
}

TEST_CASE("several translations of which the first has no access are one") {
  ats_request_bench b(false, 1, false);
  b.tables.map(va + 0x1000, output);
  const auto& r = b.ask_for(va, 4);
  run_dry();
  CHECK(r.done());
  CHECK(b.entries_of_first() == 1);
  CHECK_FALSE(b.several[0][0].granted());
  CHECK(b.tcu.statistics().ats_requests.value() == 1);
}

TEST_CASE("Translation Requests beyond the slots wait outside, and all are answered") {
  ats_request_bench b(false, 1, false);
  b.tables.map(va, output);
  for (int i = 0; i < 2; ++i) b.ask(va);
  const auto& third = b.ask(va);
  CHECK(third.accepted == kit::never);
  CHECK(b.ats.statistics().refused.value() == 1);
  run_dry();
  CHECK(third.done());
  b.ats_checker.check_drained();
}

TEST_CASE("without ATSCHK a Translated transaction passes, and nothing is looked up") {
  ats_request_bench b(false, 1, false);
  const auto& r = b.access(output + 0x40, true);
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(b.memory.arrivals[0].address == output + 0x40);
  CHECK(b.tbu.statistics().translations.value() == 0);
  CHECK(b.tbu.statistics().utlb.lookups.value() == 0);
}

TEST_CASE("with ATSCHK a Translated transaction asks once for its stream, until a CFGI") {
  ats_request_bench b(false, 1, true);
  b.access(output);
  run_dry();
  CHECK(b.tbu.statistics().translations.value() == 1);
  CHECK(b.walk_memory.arrivals.size() == 1);  // the STE, no CD
  b.access(output + 0x10000);
  run_dry();
  CHECK(b.tbu.statistics().translations.value() == 1);
  CHECK(b.memory.arrivals.back().address == output + 0x10000);
  b.tbu.invalidate(cfgi());
  b.access(output);
  run_dry();
  CHECK(b.tbu.statistics().translations.value() == 2);
}

TEST_CASE("with ATSCHK and EATS = 0 a Translated transaction is aborted and recorded") {
  ats_request_bench b(false, 0, true);
  const auto& r = b.access(output);
  run_dry();
  CHECK_FALSE(r.p->is_response_ok());
  REQUIRE(b.events.size() == 1);
  CHECK(b.events[0].type == arch::event_type::f_transl_forbidden);
}

TEST_CASE("with split-stage ATS a Translated transaction goes through stage 2, once a page") {
  ats_request_bench b(true, 2, true);
  b.tables.map(va, output);
  b.access(output);
  run_dry();
  CHECK(b.memory.arrivals.back().address == output);
  CHECK(b.walk_memory.arrivals.size() == 1 + 4);
  b.access(output + 0x80);
  run_dry();
  CHECK(b.tbu.statistics().translations.value() == 1);
  // An untranslated access of the same number is a VA: it does not hit that entry.
  auto& v = b.port.make(tlm::TLM_READ_COMMAND, output, 64);
  v.ext().sid = base::stream_id(validate::hand_tables::sid);
  v.ext().timing_only = true;
  b.port.send(v);
  run_dry();
  CHECK_FALSE(v.p->is_response_ok());
}

TEST_CASE("with split-stage ATS a Translated transaction faults at stage 2") {
  ats_request_bench b(true, 2, true);
  const auto& r = b.access(0x7f000000);
  run_dry();
  CHECK_FALSE(r.p->is_response_ok());
  REQUIRE(b.events.size() == 1);
  CHECK(b.events[0].type == arch::event_type::f_translation);
  CHECK(b.events[0].stage2);
}

TEST_CASE("with SMMUEN clear no TLB is looked up, and entries are found again when it is set") {
  ats_request_bench b(false, 1, true);
  b.tables.map(va, output);
  const auto untranslated = [&b] {
    auto& r = b.port.make(tlm::TLM_READ_COMMAND, va + 0x40, 64);
    r.ext().sid = base::stream_id(validate::hand_tables::sid);
    b.port.send(r);
    run_dry();
    return b.memory.arrivals.back().address;
  };
  const auto enable = [&b](bool on) {
    arch::registers words = b.tables.registers();
    words.cr0 = on ? words.cr0 : words.cr0 & ~1u;
    b.regs = arch::register_view(words);
    b.tbu.follow(b.regs);
  };
  CHECK(untranslated() == output + 0x40);
  CHECK(untranslated() == output + 0x40);
  CHECK(b.tbu.statistics().translations.value() == 1);
  enable(false);
  CHECK(untranslated() == va + 0x40);
  CHECK(b.tbu.statistics().translations.value() == 2);
  enable(true);
  CHECK(untranslated() == output + 0x40);
  CHECK(b.tbu.statistics().translations.value() == 2);
}
