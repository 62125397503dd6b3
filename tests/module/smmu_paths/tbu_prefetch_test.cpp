// Prefetch by the TBU: what it asks for, what comes of it, and what it must not disturb.
#include "tests/module/smmu/tbu_bench.h"

using namespace svasim;
using test::leaf;
using test::run_dry;
using test::small_tbu;
using test::tbu_bench;

namespace {

smmu::tbu_params with(smmu::prefetch_rule rule) {
  auto p = small_tbu();
  p.prefetch.rule = rule;
  return p;
}
std::uint64_t asked(const tbu_bench& b, std::size_t n) {
  return kit::extension_of(*b.tcu.arrivals.at(n).p).address.value();
}

}  // namespace

TEST_CASE("after a miss the page behind its leaf is asked for, and is then a hit") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x1000);
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(asked(b, 1) == 0x2000);
  CHECK(kit::extension_of(*b.tcu.arrivals[1].p).speculative);
  b.translate(1, leaf(0x2000));
  b.settle();
  b.read(0x2000);
  run_dry();
  CHECK(b.tcu.arrivals.size() == 2);  // a hit asks for nothing more
  CHECK(b.stats().prefetches.value() == 1);
  CHECK(b.stats().slots.current() == 0);
  b.check_drained();
}

TEST_CASE("behind a block comes the next block") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x201000, leaf(0x201000, 21));
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(asked(b, 1) == 0x400000);
}

TEST_CASE("a prefetch that faults leaves no trace, and a real access asks again") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x1000);
  b.translate(1, test::fault());
  b.settle();
  CHECK(b.stats().faults.value() == 0);
  b.read(0x2000);
  CHECK(b.tcu.arrivals.size() == 3);
}

TEST_CASE("an access to a page that is being prefetched joins it") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x1000);
  const auto& r = b.read(0x2040);
  CHECK(b.stats().hazards.value() == 1);
  b.settle();
  CHECK(b.tcu.arrivals.size() == 2);
  b.translate(1, leaf(0x2000));
  run_dry();
  CHECK(r.p->is_response_ok());
  b.check_drained();
}

TEST_CASE("an access that joined a prefetch that faults asks for itself") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x1000);
  b.read(0x2040);
  b.settle();
  b.translate(1, test::fault());
  b.settle();
  REQUIRE(b.tcu.arrivals.size() == 3);
  CHECK_FALSE(kit::extension_of(*b.tcu.arrivals[2].p).speculative);
  b.translate(2, test::fault());
  run_dry();
  CHECK(b.stats().faults.value() == 1);
  b.check_drained();
}

TEST_CASE("a prefetch takes no slot that a miss waits for") {
  auto p = with(smmu::prefetch_rule::next_page);
  p.slots = 1;
  tbu_bench b(p);
  b.read(0x1000);
  b.read(0x5000);
  b.settle();
  b.translate(0, leaf(0x1000));
  b.settle();
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(asked(b, 1) == 0x5000);
  CHECK(b.stats().prefetches_dropped.value() == 1);
}

TEST_CASE("a prefetch overtaken by an invalidation is not entered") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x1000);
  b.tbu.invalidate(test::command(arch::opcode::tlbi_nh_va, 0x2000));
  b.translate(1, leaf(0x2000));
  b.settle();
  b.read(0x2000);
  CHECK(b.tcu.arrivals.size() == 3);
}

TEST_CASE("a stride is followed once two misses in a row had the same distance") {
  tbu_bench b(with(smmu::prefetch_rule::stride));
  b.load(0x1000);
  b.load(0x5000);
  CHECK(b.tcu.arrivals.size() == 2);
  b.load(0x9000);
  REQUIRE(b.tcu.arrivals.size() == 4);
  CHECK(asked(b, 3) == 0xd000);
}

TEST_CASE("a sync does not wait for a prefetch") {
  tbu_bench b(with(smmu::prefetch_rule::next_page));
  b.load(0x1000);
  REQUIRE(b.tcu.arrivals.size() == 2);
  CHECK(b.tbu.begin_sync());
  CHECK(b.tbu.synced_at() != kit::never);
}
