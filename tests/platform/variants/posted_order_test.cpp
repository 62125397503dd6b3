// Behind a shared switch, a device's acknowledgement of an invalidation pushes its earlier writes
// (PCIe posted ordering; ATS 10.3): the SMMU sees it when they are in memory, and a root complex
// that lets it pass them is found by the checker.
#include <catch2/catch.hpp>

#include "lost_work.h"
#include "several_bench.h"

using namespace svasim;
using test::lost_work;
using test::sva_bench;

namespace {

// Two disks write through one switch and one TBU with few slots, so that writes wait at the root.
platforms::platform_params shared_switch() {
  platforms::platform_params p = test::with_topology('a', R"({
    "switches": [{"name": "s"}],
    "devices": [{"name": "d0", "upstream": "s", "last_stream": 15},
                {"name": "d1", "upstream": "s", "first_stream": 16, "last_stream": 31}]})");
  for (auto& d : p.topology.devices) d.device.dma.outstanding_writes = 64;
  p.smmu.tbu.slots = 2;
  return p;
}

trace::sva_plan writers() {
  trace::sva_plan p = test::small_plan();
  p.vms = 2;
  p.buffers = 1;
  p.messages = 32;
  p.write_percent = 100;
  p.order = trace::message_order::random;
  p.storm_pages = 4;
  p.storm_interval = base::us(5);
  return p;
}

}  // namespace

TEST_CASE("an invalidation is complete when the writes before it through the switch are there") {
  sva_bench b(shared_switch(), writers());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(test::completions_up > 0);
  // Some came to the root complex with writes of their device before them.
  CHECK(b.count("pcie.root_complex.push_time.count") == test::completions_up);
  CHECK(b.count("pcie.root_complex.push_time.max") > 0);
}

TEST_CASE("a root complex that lets completions pass writes is found") {
  sva_bench b(shared_switch(), writers());
  test::lost = lost_work::posted_order;
  CHECK_THROWS_AS(b.run(), platforms::isolation_error);
}
