// Misses of the TBU: hazards, translation slots, egress, faults.
#include "base/rng.h"
#include "tbu_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::leaf;
using test::run_dry;
using test::small_tbu;
using test::tbu_bench;
using manner = test::scripted_target::manner;

TEST_CASE("a miss to a page of the same stream under way joins it") {
  tbu_bench b;
  const auto& a = b.read(0x1000);
  const auto& c = b.read(0x1f00);
  CHECK(b.tcu.arrivals.size() == 1);
  CHECK(b.stats().hazards.value() == 1);
  b.settle();
  b.translate(0, leaf(0x1000));
  run_dry();
  CHECK(a.p->is_response_ok());
  CHECK(c.p->is_response_ok());
  CHECK(b.memory.arrivals[1].address == 0x80001f00);
  CHECK(b.stats().slots.max() == 2);
  CHECK(b.stats().slots.current() == 0);
}

TEST_CASE("misses of another stream, substream or page go on their own") {
  tbu_bench b;
  b.read(0x1000, 1);
  b.read(0x1000, 2);
  b.access(0x1000, false, 1, 3);
  b.read(0x2000, 1);
  CHECK(b.tcu.arrivals.size() == 4);
  CHECK(b.stats().hazards.value() == 0);
}

TEST_CASE("without the hazard rule each miss asks for itself") {
  auto p = small_tbu();
  p.hazard = smmu::hazard_rule::none;
  tbu_bench b(p);
  b.read(0x1000);
  b.read(0x1000);
  CHECK(b.tcu.arrivals.size() == 2);
  b.settle();
  b.translate(1, leaf(0x1000));
  b.translate(0, leaf(0x1000));
  run_dry();
  CHECK(b.port.order == std::vector<std::uint64_t>{1, 0});
}

TEST_CASE("misses finish out of order") {
  tbu_bench b;
  b.read(0x1000);
  b.read(0x2000);
  b.settle();
  b.translate(1, leaf(0x2000));
  run_dry();
  CHECK(b.port.order == std::vector<std::uint64_t>{1});
  b.translate(0, leaf(0x1000));
  run_dry();
  CHECK(b.port.order == std::vector<std::uint64_t>{1, 0});
}

TEST_CASE("as many misses as slots are taken, the next waits outside until one is free") {
  tbu_bench b;
  for (std::uint64_t n = 1; n <= 4; ++n) CHECK(b.read(n << 12).accepted != kit::never);
  const auto& fifth = b.read(0x5000);
  CHECK(fifth.accepted == kit::never);
  CHECK(b.stats().refused_slots.value() == 1);
  b.settle();
  const duration answered = kit::now();
  b.translate(2, leaf(0x3000));
  CHECK(b.tcu.arrivals.size() == 4);
  run_dry();
  CHECK(fifth.accepted == answered + test::dti_time);
  REQUIRE(b.tcu.arrivals.size() == 5);
  CHECK(b.tcu.arrivals[4].at == fifth.accepted + test::main_time + test::dti_time);
}

TEST_CASE("a miss that waits for another one's answer holds a slot as well") {
  tbu_bench b;
  for (int n = 0; n < 4; ++n) b.read(0x1000);
  CHECK(b.read(0x1000).accepted == kit::never);
  CHECK(b.tcu.arrivals.size() == 1);
}

TEST_CASE("a hit needs no slot") {
  tbu_bench b;
  b.load(0x1000);
  for (std::uint64_t n = 2; n <= 5; ++n) b.read(n << 12);
  CHECK(b.lookup_of(0x1000) == test::utlb_time);
  CHECK(b.stats().slots.current() == 4);
}

TEST_CASE("a request that waited for a slot hits if its page came in the meantime") {
  auto p = small_tbu();
  p.slots = 1;
  tbu_bench b(p);
  b.read(0x1000);
  const auto& second = b.read(0x1040);
  CHECK_FALSE(second.done());
  b.settle();
  const duration answered = kit::now();
  b.translate(0, leaf(0x1000));
  run_dry();
  CHECK(b.tcu.arrivals.size() == 1);
  CHECK(second.answered == answered + test::dti_time + test::utlb_time + test::memory_time);
}

TEST_CASE("a full egress stops requests until the interconnect takes one") {
  auto p = small_tbu();
  p.egress = 1;
  tbu_bench b(p);
  b.load(0x1000);
  b.memory.how = manner::held;
  const auto& offered = b.read(0x1000);
  b.settle();
  CHECK(b.read(0x1040).accepted != kit::never);
  b.settle();
  const auto& refused = b.read(0x1080);
  CHECK(refused.accepted == kit::never);
  CHECK(b.stats().refused_egress.value() == 1);
  b.settle();
  b.memory.how = manner::at_once;
  const duration start = kit::now();
  b.memory.answer(*offered.p, ns(30));
  run_dry();
  CHECK(offered.answered == start + ns(30));
  REQUIRE(b.memory.arrivals.size() == 4);
  CHECK(b.memory.arrivals[2].address == 0x80001040);
  CHECK(b.memory.arrivals[3].address == 0x80001080);
  CHECK(refused.done());
  b.check_drained();
}

TEST_CASE("a request that passes the interconnect's hold does not leave before its lookup ended") {
  tbu_bench b;
  b.load(0x1000);
  b.memory.how = manner::held;
  const auto& first = b.read(0x1000);
  b.settle();
  b.memory.how = manner::at_once;
  const duration start = kit::now();
  b.read(0x1040);
  b.memory.answer(*first.p);  // while the second is still being looked up
  REQUIRE(b.memory.arrivals.size() == 3);
  CHECK(b.memory.arrivals[2].at == start + test::utlb_time);
}

TEST_CASE("one request a cycle leaves for the interconnect") {
  tbu_bench b;
  b.load(0x1000);
  const duration start = kit::now();
  for (unsigned n = 0; n < 3; ++n) {
    b.read(0x1000);
    CHECK(b.memory.arrivals.back().at == start + test::utlb_time + ns(n));
  }
}

TEST_CASE("a fault answers with an error, and those that waited ask for themselves") {
  tbu_bench b;
  const auto& w = b.write(0x1000);
  const auto& r = b.read(0x1040);
  b.settle();
  b.translate(0, test::fault());
  b.settle();
  CHECK(w.p->is_response_error());
  CHECK_FALSE(r.done());
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(b.tcu.arrivals[1].address == 0x1040);
  CHECK_FALSE(b.tcu.arrivals[1].write);
  b.translate(1, leaf(0x1000, 12, false));
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(b.stats().faults.value() == 1);
  CHECK(b.stats().slots.current() == 0);
}

TEST_CASE("a write that waited for a read's answer asks itself if that does not allow it") {
  tbu_bench b;
  b.read(0x1000);
  const auto& w = b.write(0x1000);
  b.settle();
  b.translate(0, leaf(0x1000, 12, false));
  b.settle();
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(b.tcu.arrivals[1].write);
  b.translate(1, test::fault());
  run_dry();
  CHECK(w.p->is_response_error());
}

TEST_CASE("what the isolation checker sees is the access and where it goes") {
  tbu_bench b;
  std::vector<std::pair<std::uint64_t, base::pa>> seen;
  b.tbu.on_translated = [&](const arch::access_request& r, const arch::translation&, base::pa to,
                            const kit::dma_extension&) { seen.emplace_back(r.address, to); };
  b.load(0x1040);
  b.read(0x1080);
  CHECK(seen == std::vector<std::pair<std::uint64_t, base::pa>>{{0x1040, base::pa(0x80001040)},
                                                                {0x1080, base::pa(0x80001080)}});
}

TEST_CASE(
    "under random traffic every access is answered once, at its output, its stages its time") {
  auto p = small_tbu();
  p.egress = 2;
  tbu_bench b(p);
  base::rng random(5);
  b.tcu.how = manner::late;
  b.tcu.on_request = [&](auto& q) {
    b.tcu.latency = ns(5 + random.below(300));
    const std::uint64_t address = q.get_address();
    const bool bad = address >> 12 == 13;
    *kit::extension_of(q).translation =
        bad ? test::fault() : leaf(address, random.chance(1, 8) && address >> 14 != 3 ? 14 : 12);
  };
  b.memory.on_request = [&](auto&) {
    b.memory.how = random.chance(1, 4) ? manner::late : manner::at_once;
    b.memory.latency = ns(10 + random.below(100));
  };
  unsigned invalidations = 0;
  while (b.port.requests.size() < 5000) {
    test::run_until(kit::now() + ns(random.below(8)));
    if (random.chance(1, 100)) {
      b.tbu.invalidate(test::command(arch::opcode::tlbi_nh_all));
      ++invalidations;
    }
    if (!b.port.requests.empty() && b.port.requests.back().accepted > kit::now()) continue;
    b.access(random.below(24) << 12 | random.below(64) << 6, random.chance(1, 3),
             static_cast<std::uint32_t>(1 + random.below(2)));
  }
  run_dry();
  CHECK(invalidations > 20);
  CHECK(b.stats().hazards.value() > 100);
  CHECK(b.stats().refused_slots.value() > 100);
  unsigned faults = 0;
  for (auto& r : b.port.requests) {
    REQUIRE(r.answers == 1);
    const std::uint64_t address = r.ext().address.value();
    const bool bad = address >> 12 == 13;
    faults += bad;
    REQUIRE(r.p->is_response_error() == bad);
    if (!bad) REQUIRE(r.p->get_address() == address + 0x80000000);
    duration sum;
    for (const auto& s : *r.ext().log) sum += s.length;
    REQUIRE(sum == r.answered - r.sent);
  }
  CHECK(b.stats().faults.value() == faults);
  CHECK(b.stats().taken.value() == 5000);
  CHECK(b.stats().slots.current() == 0);
  b.check_drained();
}
