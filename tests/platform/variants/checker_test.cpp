// The checker finds software that leaves out the ATC's invalidation, and a device that goes on
// using a page that it said it had forgotten.
#include <catch2/catch.hpp>

#include "lost_work.h"
#include "several_bench.h"

using namespace svasim;
using test::lost_work;
using test::sva_bench;

namespace {

// Pages are taken away from under the device again and again.
trace::sva_plan storm() {
  trace::sva_plan p = test::small_plan();
  p.buffers = 1;
  p.messages = 16;
  p.order = trace::message_order::random;
  p.storm_pages = 4;
  p.storm_interval = base::us(20);
  return p;
}

void check_found(char variant, lost_work what) {
  sva_bench b(test::variant_params(variant), storm());
  test::lost = what;
  CHECK_THROWS_AS(b.run(), platforms::isolation_error);
}

void check_silent(char variant) {
  sva_bench b(test::variant_params(variant), storm());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.model().checked() > 0);
  CHECK(test::atc_invalidations > 0);
}

}  // namespace

TEST_CASE("the checker is silent where the ATC is invalidated: (a)") {
  check_silent('a');
}
TEST_CASE("the checker is silent where the ATC is invalidated: (b)") {
  check_silent('b');
}
TEST_CASE("the checker is silent where the ATC is invalidated: (d)") {
  check_silent('d');
}
TEST_CASE("the checker is silent where the ATC is invalidated: (e)") {
  check_silent('e');
}
TEST_CASE("a kernel that skips ATC_INV is found: (a)") {
  check_found('a', lost_work::atc_inv);
}
TEST_CASE("a guest that skips ATC_INV in its command queue is found: (d)") {
  check_found('d', lost_work::atc_inv);
}
TEST_CASE("a guest that skips ATC_INV in a queue of its own is found: (e)") {
  check_found('e', lost_work::atc_inv);
}
TEST_CASE("a back end that skips ATC_INV for its guest is found: (b)") {
  check_found('b', lost_work::atc_inv);
}
TEST_CASE("a device that uses a page after it acknowledged the invalidation is found: (a)") {
  check_found('a', lost_work::atc_entries);
}
TEST_CASE("a device that uses a page after it acknowledged the invalidation is found: (c)") {
  check_found('c', lost_work::atc_entries);
}

namespace {
// A space at devices on two SMMUs; pages of it are taken away.
void check_second_smmu(char variant, bool lose) {
  trace::sva_plan plan = storm();
  plan.devices.functions = 2;
  plan.queue_depth = 2;
  sva_bench b(test::with_topology(variant, test::two_smmus), plan);
  if (!lose) {
    b.run();
    CHECK(b.broken_rule() == "");
    return;
  }
  test::lost = lost_work::atc_inv;
  test::lost_stream = base::stream_id(16);  // of "right"
  CHECK_THROWS_AS(b.run(), platforms::isolation_error);
}
}  // namespace

TEST_CASE("the checker is silent where the ATCs behind both SMMUs are invalidated: (a)") {
  check_second_smmu('a', false);
}
TEST_CASE("the checker is silent where the ATCs behind both SMMUs are invalidated: (d)") {
  check_second_smmu('d', false);
}
TEST_CASE("a kernel that skips ATC_INV on the second SMMU is found: (a)") {
  check_second_smmu('a', true);
}
TEST_CASE("a back end that skips ATC_INV on the second SMMU is found: (b)") {
  check_second_smmu('b', true);
}
TEST_CASE("a guest that skips ATC_INV on the second SMMU is found: (d)") {
  check_second_smmu('d', true);
}
TEST_CASE("a guest that skips ATC_INV on the second SMMU is found: (e)") {
  check_second_smmu('e', true);
}

TEST_CASE("the text of a breach names access, frame and what happened to it") {
  sva_bench b(test::variant_params('a'), storm());
  test::lost = lost_work::atc_entries;
  CHECK_THROWS_WITH(b.run(), Catch::Matches("isolation: (read|write) of address 0x[0-9a-f]+ by "
                                            "PASID 0x[12] at [0-9]+ ps went to 0x[0-9a-f]+, which "
                                            "(nobody has|belongs elsewhere)\nlast changes:\n"
                                            "(  at [0-9]+ ps: frame 0x[0-9a-f]+ of PASID 0x[12], "
                                            "address 0x[0-9a-f]+, released\n){1,8}"));
}

TEST_CASE("a run whose page responses never come ends with the occupancy of everything") {
  platforms::platform_params p = test::variant_params('a');
  p.device.atc.page_requests.timeout = base::us(10'000'000);
  p.software.watchdog = base::us(1000);
  trace::sva_plan plan = test::small_plan();
  plan.processes = 1;
  plan.buffer = base::kib(4);
  plan.queue_depth = 1;
  plan.access = base::bytes(4096);
  sva_bench b(p, plan);
  test::lost = lost_work::page_responses;
  const std::string text = [&b] {
    try {
      b.run();
    } catch (const platforms::stuck_error& e) {
      return std::string(e.what());
    }
    return std::string("nothing was thrown");
  }();
  CHECK(text ==
        "the run is stuck at 1000000000 ps: 1 processes are not done, 1 messages and 8 requests "
        "in flight at the device, 0 TBU slots, 0 TCU slots and 0 walk slots in use, 1 faults open");
}
