// Several devices, SMMUs, TBUs, ports and switches under one kernel: faults of all are served, and
// what shares nothing does not disturb each other.
#include <algorithm>
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "base/error.h"
#include "several_bench.h"

using namespace svasim;
using kit::hop;
using test::sva_bench;

namespace {

bool on_left(const kit::finished_fault& f) {
  return f.key.sid.value() < 16;
}

trace::sva_plan two_vms() {
  trace::sva_plan p = test::small_plan();
  p.vms = 2;
  return p;
}

void check_both_served(const platforms::platform_params& p, const trace::sva_plan& plan) {
  sva_bench b(p, plan);
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.model().checked() > 0);
  const auto left = std::count_if(b.faults().begin(), b.faults().end(), on_left);
  CHECK(left > 0);
  CHECK(left < static_cast<std::ptrdiff_t>(b.faults().size()));
  CHECK(static_cast<std::uint64_t>(left) == b.model().faults_of(0).resolved.value());
  CHECK(b.faults().size() - static_cast<std::size_t>(left) ==
        b.model().faults_of(1).resolved.value());
}

void check_both_served(char variant) {
  check_both_served(test::with_topology(variant, test::two_smmus), two_vms());
}

// Each VM, or bare metal, has a function on both devices, and its processes use them in turn.
void check_shared_space(char variant) {
  trace::sva_plan plan = test::small_plan();
  plan.devices.functions = 2;
  check_both_served(test::with_topology(variant, test::two_smmus), plan);
}

}  // namespace

TEST_CASE("faults of devices on two SMMUs are served: (a)") {
  check_both_served('a');
}
TEST_CASE("faults of devices on two SMMUs are served: (b)") {
  check_both_served('b');
}
TEST_CASE("faults of devices on two SMMUs are served: (c)") {
  check_both_served('c');
}
TEST_CASE("faults of devices on two SMMUs are served: (d)") {
  check_both_served('d');
}
TEST_CASE("faults of devices on two SMMUs are served: (e)") {
  check_both_served('e');
}
TEST_CASE("faults of devices on two SMMUs are served: (g)") {
  check_both_served('g');
}
TEST_CASE("pinned buffers of devices on two SMMUs are mapped and unmapped: (f)") {
  sva_bench b(test::with_topology('f', test::two_smmus), two_vms());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.count("smmu.a.command_queue.consumed") > 0);
  CHECK(b.count("smmu.b.command_queue.consumed") > 0);
}

TEST_CASE("a process has its address space at devices on two SMMUs: (a)") {
  check_shared_space('a');
}
TEST_CASE("a process has its address space at devices on two SMMUs: (b)") {
  check_shared_space('b');
}
TEST_CASE("a process has its address space at devices on two SMMUs: (d)") {
  check_shared_space('d');
}
TEST_CASE("a process has its address space at devices on two SMMUs: (e)") {
  check_shared_space('e');
}
TEST_CASE("a process has its address space at devices on two SMMUs: (g)") {
  check_shared_space('g');
}

TEST_CASE("an unmap of a space at two SMMUs is broadcast to both") {
  platforms::platform_params p = test::with_topology('a', test::two_smmus);
  p.software.host.smmu.broadcast = true;
  trace::sva_plan plan = test::small_plan();
  plan.devices.functions = 2;
  sva_bench b(p, plan);
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.count("smmu.a.broadcast.syncs") > 0);
  CHECK(b.count("smmu.a.broadcast.syncs") == b.count("smmu.b.broadcast.syncs"));
}

namespace {

// Hops of the hardware up to the interrupt, of each fault, as text.
std::string hardware_hops(const platforms::platform_params& p, const trace::sva_plan& plan) {
  return base::in_child([&] {
    sva_bench b(p, plan);
    b.run();
    std::string out = b.broken_rule();
    for (const kit::finished_fault& f : b.faults()) {
      for (const kit::hop_time& h : f.on_path) {
        if (h.what > hop::smmu_evtq) continue;
        out += std::to_string(static_cast<int>(h.what)) + ":" + std::to_string(h.length.value());
        out += ' ';
      }
      out += '\n';
    }
    return out;
  });
}

}  // namespace

TEST_CASE("a device whose SMMU is its own has the faults of the only one, to the picosecond") {
  for (const char variant : {'a', 'b', 'd', 'g'}) {
    // One fault at a time: those that overlap wait for answers of software, which shares cores.
    trace::sva_plan plan = test::small_plan();
    plan.processes = 1;
    plan.buffers = 16;
    plan.buffer = base::kib(4);
    plan.queue_depth = 1;
    const std::string alone = hardware_hops(test::variant_params(variant), plan);
    REQUIRE(alone.size() > 100);
    for (const char* name : {"left", "right"}) {
      plan.devices.names = name;
      INFO(variant << " " << name);
      CHECK(hardware_hops(test::with_topology(variant, test::two_smmus), plan) == alone);
    }
  }
}

TEST_CASE("devices behind switches and on several TBUs of an SMMU are served") {
  const char* const shared = R"({
    "smmus": [{"name": "a", "tbus": 2}],
    "root_complexes": [{"name": "r", "ports": [
      {"name": "p0"}, {"name": "p1", "tbu": 1}, {"name": "p2", "tbu": 1}]}],
    "switches": [{"name": "s", "upstream": "p0"}],
    "devices": [
      {"name": "d0", "upstream": "s", "first_stream": 0, "last_stream": 15},
      {"name": "d1", "upstream": "s", "first_stream": 16, "last_stream": 31},
      {"name": "d2", "upstream": "p1", "first_stream": 32, "last_stream": 47},
      {"name": "d3", "upstream": "p2", "first_stream": 48, "last_stream": 63}]})";
  trace::sva_plan plan = test::small_plan();
  plan.vms = 4;
  plan.processes = 1;
  for (const char variant : {'a', 'd', 'g'}) {
    const std::string said = base::in_child([&] {
      sva_bench b(test::with_topology(variant, shared), plan);
      b.run();
      std::string out = b.broken_rule();
      for (std::size_t i = 0; i < 4; ++i) {
        out += b.model().faults_of(i).resolved.value() == 0 ? " none at " + std::to_string(i) : "";
      }
      return out;
    });
    INFO(variant);
    CHECK(said == "");
  }
}

TEST_CASE("a VM with one device behind two gets no faults of the other") {
  trace::sva_plan plan = two_vms();
  plan.devices.names = "right";
  sva_bench b(test::with_topology('a', test::two_smmus), plan);
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.model().faults_of(0).resolved.value() == 0);
  CHECK(b.model().faults_of(1).resolved.value() == b.faults().size());
}

TEST_CASE("a workload names devices that there are") {
  trace::sva_plan plan = test::small_plan();
  plan.devices.names = "left, top";
  CHECK_THROWS_WITH(sva_bench(test::with_topology('a', test::two_smmus), plan),
                    "devices.names: the platform has no device \"top\"");
}

TEST_CASE("a workload has no more functions on a device than that owns StreamIDs") {
  trace::sva_plan plan = test::small_plan();
  plan.vms = 17;
  plan.devices.names = "left";
  CHECK_THROWS_WITH(sva_bench(test::with_topology('a', test::two_smmus), plan),
                    "devices: the workload needs more functions of \"left\" than the 16 "
                    "StreamIDs it owns");
}
