// Every queue of the fault loop in turn as small as it can be: the run ends, nothing is lost, or
// the outcome is what the architecture says, and the counts balance.
#include <catch2/catch.hpp>

#include "one_deep.h"
#include "sva_bench.h"

using namespace svasim;

namespace {

void check(const std::string& name) {
  trace::sva_plan plan = test::small_plan();
  plan.processes = 4;
  std::size_t found = 0;
  for (const test::one_deep& queue : test::one_deep_queues()) {
    if (queue.name != name) continue;
    found += 1;
    for (const char v : queue.variants) {
      INFO("variant " << v);
      CHECK(test::with_one_deep(queue, v, plan) == "");
    }
  }
  CHECK(found == 1);
}

}  // namespace

TEST_CASE("one deep: page requests outstanding") {
  check("page requests outstanding");
}
TEST_CASE("one deep: page request groups") {
  check("page request groups");
}
TEST_CASE("one deep: PRI queue") {
  check("PRI queue");
}
TEST_CASE("one deep: page requests held in the SMMU") {
  check("page requests held in the SMMU");
}
TEST_CASE("one deep: event queue") {
  check("event queue");
}
TEST_CASE("one deep: stall records held for the event queue") {
  check("stall records held for the event queue");
}
TEST_CASE("one deep: stall buffer") {
  check("stall buffer");
}
TEST_CASE("one deep: command queue") {
  check("command queue");
}
TEST_CASE("one deep: host command batch") {
  check("host command batch");
}
TEST_CASE("one deep: host io-pgfault workers") {
  check("host io-pgfault workers");
}
TEST_CASE("one deep: host io-pgfault groups") {
  check("host io-pgfault groups");
}
TEST_CASE("one deep: host io-pgfault partial") {
  check("host io-pgfault partial");
}
TEST_CASE("one deep: guest io-pgfault workers") {
  check("guest io-pgfault workers");
}
TEST_CASE("one deep: guest io-pgfault groups") {
  check("guest io-pgfault groups");
}
TEST_CASE("one deep: guest io-pgfault partial") {
  check("guest io-pgfault partial");
}
TEST_CASE("one deep: fault ring") {
  check("fault ring");
}
TEST_CASE("one deep: event buffers") {
  check("event buffers");
}
TEST_CASE("one deep: event ring") {
  check("event ring");
}
TEST_CASE("one deep: event backlog in the kernel") {
  check("event backlog in the kernel");
}
TEST_CASE("one deep: event buffers, records without one are dropped") {
  check("event buffers, records without one are dropped");
}
TEST_CASE("one deep: viommu-pri-wq") {
  check("viommu-pri-wq");
}
TEST_CASE("one deep: request ring") {
  check("request ring");
}
TEST_CASE("one deep: responses for VFIO") {
  check("responses for VFIO");
}
TEST_CASE("one deep: guest command queue") {
  check("guest command queue");
}
TEST_CASE("one deep: guest PRI queue") {
  check("guest PRI queue");
}
TEST_CASE("one deep: cores") {
  check("cores");
}
TEST_CASE("one deep: vCPUs") {
  check("vCPUs");
}
TEST_CASE("one deep: device requests") {
  check("device requests");
}
TEST_CASE("one deep: translation slots") {
  check("translation slots");
}
TEST_CASE("one deep: invalidation tags") {
  check("invalidation tags");
}
TEST_CASE("one deep: work queues") {
  check("work queues");
}
