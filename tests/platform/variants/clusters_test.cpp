// Sockets, clusters of cores and virtual machines of a platform that runs SVA workloads.
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "base/error.h"
#include "several_bench.h"

using namespace svasim;
using test::sva_bench;

namespace {

// All structures and frames are at home in the first socket.
const char* const two_sockets = R"({
  "between": {"hop": "100ns"},
  "sockets": [{"name": "s0"},
              {"name": "s1", "memory_base": 8796093022208, "memory_size": "1024GiB"}],
  "clusters": [{"name": "c0", "socket": "s0"},
               {"name": "c1", "socket": "s1", "cpu": {"cores": 4}}],
  "smmus": [{"name": "a", "socket": "s0"}, {"name": "b", "socket": "s1"}],
  "root_complexes": [
    {"name": "ra", "smmu": "a", "ports": [{"name": "pa"}]},
    {"name": "rb", "smmu": "b", "ports": [{"name": "pb"}]}],
  "devices": [
    {"name": "left", "upstream": "pa", "first_stream": 0, "last_stream": 15},
    {"name": "right", "upstream": "pb", "first_stream": 16, "last_stream": 31}],
  "vms": [
    {"name": "v0", "cluster": "c0", "devices": "left"},
    {"name": "v1", "cluster": "c1", "devices": "right", "vm": {"cpu": {"vcpus": 2}}}]})";

trace::sva_plan two_vms() {
  trace::sva_plan p = test::small_plan();
  p.vms = 2;
  return p;
}

std::uint64_t used_by_guest(sva_bench& b, unsigned cluster) {
  return b.model().cluster(cluster).cpu_time().of(kit::actor::gk).value();
}

void check_two_clusters(char variant) {
  sva_bench b(test::with_topology(variant, two_sockets), two_vms());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.model().checked() > 0);
  CHECK(b.model().guests()[0]->machine().cpus() == 4);
  CHECK(b.model().guests()[1]->machine().cpus() == 2);
  CHECK(used_by_guest(b, 0) > 0);
  CHECK(used_by_guest(b, 1) > 0);
  const auto interrupts = [&b](const char* gic) { return b.count(std::string("cpu.") + gic); };
  CHECK(interrupts("s0.gic.delivered") > 0);
  CHECK(interrupts("s1.gic.delivered") > 0);
  CHECK(b.model().faults_of(0).resolved.value() > 0);
  CHECK(b.model().faults_of(1).resolved.value() > 0);
}

// The latency of each fault, as text.
std::string latencies(const platforms::platform_params& p, const trace::sva_plan& plan) {
  return base::in_child([&] {
    sva_bench b(p, plan);
    b.run();
    std::string out = b.broken_rule();
    for (const kit::finished_fault& f : b.faults()) {
      for (const kit::hop_time& h : f.on_path) out += std::to_string(h.length.value()) + ' ';
      out += '\n';
    }
    return out;
  });
}

}  // namespace

TEST_CASE("two VMs run on clusters of two sockets: (b)") {
  check_two_clusters('b');
}
TEST_CASE("two VMs run on clusters of two sockets: (c)") {
  check_two_clusters('c');
}
TEST_CASE("two VMs run on clusters of two sockets: (d)") {
  check_two_clusters('d');
}
TEST_CASE("two VMs run on clusters of two sockets: (e)") {
  check_two_clusters('e');
}

TEST_CASE("bare metal has its processes where the VMs of other variants are") {
  sva_bench b(test::with_topology('a', two_sockets), two_vms());
  b.run();
  CHECK(b.broken_rule() == "");
  for (const unsigned cluster : {0u, 1u}) {
    CHECK(b.model().cluster(cluster).cpu_time().of(kit::actor::hk).value() > 0);
  }
}

TEST_CASE("broadcast invalidations of both clusters reach both SMMUs") {
  platforms::platform_params p = test::with_topology('a', two_sockets);
  p.software.host.smmu.broadcast = true;
  sva_bench b(p, two_vms());
  b.run();
  CHECK(b.broken_rule() == "");
  CHECK(b.count("smmu.a.broadcast.syncs") == b.count("smmu.b.broadcast.syncs"));
  CHECK(b.count("cpu.cpu_c0.accesses.broadcasts") > 0);
  CHECK(b.count("cpu.cpu_c1.accesses.broadcasts") > 0);
  CHECK(b.count("cpu.cpu_c0.accesses.broadcasts") + b.count("cpu.cpu_c1.accesses.broadcasts") ==
        b.count("smmu.a.broadcast.syncs"));
}

TEST_CASE("a platform that lists the one cluster and VM it has runs as one without lists") {
  const char* const listed = R"({"clusters": [{"name": "c"}], "vms": [{"name": "v"}]})";
  for (const char variant : {'a', 'b', 'd'}) {
    const std::string without = latencies(test::variant_params(variant), test::small_plan());
    REQUIRE(without.size() > 100);
    INFO(variant);
    CHECK(latencies(test::with_topology(variant, listed), test::small_plan()) == without);
  }
}

TEST_CASE("cores of a far socket take the hop to memory there and back") {
  // The longest access of the cluster in the second socket.
  const auto longest = [](base::duration hop) {
    return std::stoull(base::in_child([hop] {
      platforms::platform_params p = test::with_topology('a', two_sockets);
      p.topology.between.hop = hop;
      sva_bench b(p, two_vms());
      b.run();
      return std::to_string(b.model().cluster(1).accesses().memory_time.whole().max().value_or(0));
    }));
  };
  const platforms::platform_params p;
  const base::duration hop = base::us(1);
  const base::duration cache_hit =
      p.memory.interconnect.latency * 2 + p.memory.system_level_cache.hit_latency;
  const auto far = (cache_hit + hop * 2).value();
  CHECK(longest(base::duration()) < far);
  CHECK(longest(hop) >= far);
}

TEST_CASE("a workload has no more VMs than the platform lists") {
  trace::sva_plan plan = test::small_plan();
  plan.vms = 3;
  CHECK_THROWS_WITH(sva_bench(test::with_topology('b', two_sockets), plan),
                    "vms: the workload has 3, the platform lists 2");
}
