// Traces on platforms with several sockets, SMMUs, TBUs, root ports and devices.
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <stdexcept>

#include "base/child_process.h"
#include "base/error.h"
#include "base/rng.h"
#include "platforms/run_result.h"
#include "tests/support/memory_workload.h"

using namespace svasim;
using namespace svasim::platforms;
using nlohmann::json;
using test::memory_source;
using test::memory_workload;

namespace {

constexpr std::uint64_t iova = 0x10000000, output = 0x80000000, page = 0x1000;
constexpr std::uint64_t far_memory = 0x80000000000;

root_complex_item root_complex(const platform_params& p, const std::string& name,
                               const std::string& smmu, const std::vector<unsigned>& tbus) {
  root_complex_item r;
  r.name = name;
  r.smmu = smmu;
  r.root_complex = p.pcie.root_complex;
  r.link = p.pcie.link;
  for (std::size_t i = 0; i < tbus.size(); ++i) {
    r.ports.push_back({name + "p" + std::to_string(i), tbus[i], p.pcie.link});
  }
  return r;
}

// Owns one StreamID.
device_item device_at(const platform_params& p, const std::string& name,
                      const std::string& upstream, std::uint32_t sid) {
  device_item d;
  d.name = name;
  d.upstream = upstream;
  d.first_stream = d.last_stream = sid;
  d.device = p.device;
  d.link = p.pcie.link;
  return d;
}

switch_item hub(const platform_params& p, const std::string& name, const std::string& upstream) {
  switch_item s;
  s.name = name;
  s.upstream = upstream;
  s.link = p.pcie.link;
  return s;
}

// 2 sockets x 2 SMMUs x 2 TBUs, a port on each, and a switch with three devices on the first:
// StreamIDs 1 to 10.
platform_params large(platform_params p = {}) {
  topology_params& t = p.topology;
  t.sockets = {{"s0", 0, base::byte_size()}, {"s1", far_memory, base::gib(1024)}};
  std::uint32_t sid = 4;
  for (const std::string name : {"a", "b", "c", "d"}) {
    t.smmus.push_back({name, name < "c" ? "s0" : "s1", 2, p.smmu});
    t.root_complexes.push_back(root_complex(p, "rc" + name, name, {0, 1}));
    for (const std::string port : {"p0", "p1"}) {
      const std::string at = "rc" + name + port;
      if (at != "rcap0") t.devices.push_back(device_at(p, "on_" + at, at, sid++));
    }
  }
  t.switches = {hub(p, "sw", "rcap0")};
  for (const std::uint32_t i : {1, 2, 3}) {
    t.devices.push_back(device_at(p, "disk" + std::to_string(i), "sw", i));
  }
  return p;
}

// One port, a switch, `n` devices with StreamIDs from 1.
platform_params behind_switch(platform_params p, unsigned n) {
  p.topology.root_complexes = {root_complex(p, "rc", "", {0})};
  p.topology.switches = {hub(p, "sw", "rcp0")};
  for (unsigned i = 1; i <= n; ++i) {
    p.topology.devices.push_back(device_at(p, "disk" + std::to_string(i), "sw", i));
  }
  return p;
}

void add_stream(memory_workload& w, std::uint32_t sid, std::uint64_t at = output) {
  w.stream(sid, static_cast<std::uint16_t>(sid));
  w.region(sid, iova, base::mib(1), at + sid * 0x1000000ull);
}

// `n` accesses of each stream in turn.
memory_workload mixed(std::uint32_t streams, unsigned n, unsigned length = 256) {
  memory_workload w;
  for (std::uint32_t s = 1; s <= streams; ++s) add_stream(w, s);
  base::rng random(3);
  for (unsigned i = 0; i < n; ++i) {
    for (std::uint32_t s = 1; s <= streams; ++s) {
      const std::uint64_t at = iova + random.below(256) * page;
      (random.below(2) != 0 ? w.read(at, length) : w.write(at, length)).by(s);
    }
  }
  return w;
}

json run(const platform_params& p, const memory_workload& w) {
  memory_source source(w);
  platform model(p, source, {true, true});
  model.run();
  if (!mismatches(model).empty()) throw std::runtime_error(mismatches(model));
  return run_result(model, w.about(), {"trace", "t"}, {});
}

json run_apart(const platform_params& p, const memory_workload& w) {
  return json::parse(base::in_child([&] { return run(p, w).dump(); }));
}

json device_of(const json& result, const std::string& name) {
  for (const json& d : result.at("devices")) {
    if (d.at("name") == name) return d;
  }
  FAIL("no device " << name);
  return {};
}

}  // namespace

TEST_CASE("on two sockets with four SMMUs every device's accesses come back, and counts balance") {
  const json r = run(large(), mixed(10, 200));
  CHECK(r["run"]["requests"] == 2000);
  CHECK(r["run"]["completed"] == 2000);
  CHECK(r["run"]["in_flight"] == 0);
  REQUIRE(r["devices"].size() == 10);
  std::uint64_t bytes = 0;
  for (const json& d : r["devices"]) {
    INFO(d.dump());
    CHECK(d["completed"] == 200);
    bytes += d["bytes"].get<std::uint64_t>();
  }
  CHECK(r["run"]["bytes"] == bytes);
  std::uint64_t taken = 0;
  for (const char* smmu : {"a", "b", "c", "d"}) {
    for (const char* tbu : {"tbu0", "tbu1"}) {
      taken += r["statistics"]["smmu"][smmu][tbu]["taken"].get<std::uint64_t>();
    }
  }
  CHECK(taken == 2000);
  // Three behind the switch, seven directly below their ports.
  CHECK(r["statistics"]["smmu"]["a"]["tbu0"]["taken"] == 600);
  CHECK(r["statistics"]["pcie"]["sw"]["switch"]["up_tlps"] == 600);
  CHECK(r["statistics"]["memory"]["socket_router"]["remote"] > 0);
  // The parts are the whole.
  std::uint64_t stages = 0;
  for (const json& s : r["stages"]) stages += s["sum_ps"].get<std::uint64_t>();
  const json& l = r["latency"];
  CHECK(stages == l["read"]["sum"].get<std::uint64_t>() + l["write"]["sum"].get<std::uint64_t>());
  CHECK(l["translation"]["count"] == 2000);
}

TEST_CASE(
    "a device that nobody disturbs takes as long as on a platform of one, to the picosecond") {
  memory_workload w;
  add_stream(w, 5);  // below rcbp0, of socket s0
  base::rng random(9);
  for (unsigned i = 0; i < 500; ++i) {
    const std::uint64_t at = iova + random.below(256) * page;
    (random.below(2) != 0 ? w.read(at, 512) : w.write(at, 512)).by(5);
  }
  const json many = run_apart(large(), w);
  const json one = run_apart({}, w);
  CHECK(many["run"]["time_ps"] == one["run"]["time_ps"]);
  CHECK(many["latency"] == one["latency"]);
  CHECK(many["stages"] == one["stages"]);
  CHECK(device_of(many, "on_rcbp0")["completed"] == one["run"]["completed"]);
}

TEST_CASE("memory of the other socket costs the hop, there and back") {
  const auto serial = [](std::uint64_t at) {
    platform_params p;
    p.device.dma.mode = device::issue_mode::serial;
    p.smmu.tbu.main_tlb.entries = p.smmu.tbu.main_tlb.ways = 256;
    p = large(p);
    memory_workload w;
    add_stream(w, 5, at);
    w.read(iova).by(5).read(iova).by(5);
    return run_apart(p, w)["run"]["time_ps"].get<std::uint64_t>();
  };
  // Two reads of 64 bytes; the tables are in socket s0 in either case.
  CHECK(serial(far_memory) - serial(output) == 2 * 2 * base::ns(100).value());
}

TEST_CASE("requests that the cache of their home does not take wait, and none is lost") {
  platform_params p;
  p.memory.system_level_cache.misses = 1;
  const json r = run(large(p), mixed(10, 100));
  CHECK(r["run"]["completed"] == 1000);
  CHECK(r["statistics"]["memory"]["socket_router"]["held"] > 100);
}

TEST_CASE("two saturating devices behind a switch get half the throughput of one each") {
  const auto workload = [](std::uint32_t streams) {
    memory_workload w;
    for (std::uint32_t s = 1; s <= streams; ++s) add_stream(w, s);
    for (unsigned i = 0; i < 3000; ++i) {
      for (std::uint32_t s = 1; s <= streams; ++s) w.write(iova + i % 4 * page, 256).by(s);
    }
    return w;
  };
  platform_params p;
  p.pcie.link.lanes = 4;
  const platform_params two = behind_switch(p, 2);
  const json alone = run_apart(two, workload(1));
  const json both = run_apart(two, workload(2));
  const auto rate = [](const json& r, const char* d) {
    return device_of(r, d)["bytes_per_s"].get<double>();
  };
  for (const char* d : {"disk1", "disk2"}) {
    CHECK(rate(both, d) / rate(alone, "disk1") == Approx(0.5).epsilon(0.01));
  }
}

TEST_CASE("few credits of a switch stall its devices, and nothing is lost") {
  platform_params p = behind_switch({}, 2);
  p.topology.switches[0].params.posted_headers = 2;
  p.topology.switches[0].params.posted_data = 32;
  p.topology.switches[0].params.nonposted_headers = 2;
  const json r = run(p, mixed(2, 500));
  CHECK(r["run"]["completed"] == 1000);
  CHECK(r["statistics"]["pcie"]["disk1"]["link"]["credit_stalls"] > 100);
  CHECK(r["statistics"]["pcie"]["disk2"]["link"]["credit_stalls"] > 100);
}

TEST_CASE("root ports that share a TBU take turns") {
  platform_params p;
  p.topology.root_complexes = {root_complex(p, "rc", "", {0, 0})};
  p.topology.devices = {device_at(p, "left", "rcp0", 1), device_at(p, "right", "rcp1", 2)};
  const json r = run(p, mixed(2, 500));
  CHECK(r["run"]["completed"] == 1000);
  CHECK(r["statistics"]["smmu"]["tbu"]["taken"] == 1000);
  CHECK(r["statistics"]["smmu"]["tbu_ports"]["arbiter"]["requests"] == 1000);
}

TEST_CASE("ATCs behind a switch and beside it are invalidated before their pages change") {
  platform_params p;
  p.device.ats = true;
  p = large(p);
  memory_workload w;
  for (std::uint32_t s = 1; s <= 10; ++s) w.stream(s, 1);  // one address space
  for (std::uint32_t round = 0; round < 20; ++round) {
    for (std::uint32_t s = 1; s <= 10; ++s) {
      w.write(iova, 256).by(s).to(output + round * page);
      w.read(iova).by(s).to(output + round * page);
    }
    w.invalidate(1, iova).sync();
  }
  const json r = run(p, w);  // with the isolation checker
  CHECK(r["run"]["completed"] == 400);
  std::uint64_t sent = 0;
  for (const char* smmu : {"a", "b", "c", "d"}) {
    const json& ats = r["statistics"]["smmu"][smmu]["ats"];
    sent += ats["invalidations"].get<std::uint64_t>();
    CHECK(ats["completed"] == ats["invalidations"]);
    CHECK(ats["timeouts"] == 0);
    CHECK(ats["unsupported"] == 0);
  }
  CHECK(sent == 200);
  CHECK(r["statistics"]["smmu"]["a"]["ats_router"]["unknown"] == 0);
  CHECK(r["statistics"]["pcie"]["sw"]["switch"]["unrouted"] == 0);
}

TEST_CASE("two runs on a large platform are the same, byte for byte") {
  const memory_workload w = mixed(10, 50);
  CHECK(run_apart(large(), w).dump() == run_apart(large(), w).dump());
}

TEST_CASE("a trace with a StreamID that no device owns is refused") {
  memory_workload w;
  add_stream(w, 77);
  w.read(iova).by(77);
  memory_source source(w);
  CHECK_THROWS_WITH(platform(large(), source, {}), "no device of the platform owns StreamID 0x4d");
}

TEST_CASE("so is one that shows up in a record only, with its line") {
  memory_workload w;
  w.stream(1, 1);
  w.read(iova).by(1).read(iova).by(78);
  memory_source source(w);
  platform model(large(), source, {});
  CHECK_THROWS_WITH(model.run(), "2: no device of the platform owns StreamID 0x4e");
}
