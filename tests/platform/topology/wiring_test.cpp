// The group `topology` of a platform file: templates, references by name, what is refused.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "platforms/platform_params.h"
#include "platforms/topology.h"

using namespace svasim;
using platforms::platform_params;

namespace {

platform_params read(const std::string& text, const std::vector<std::string>& sets = {}) {
  describe::document d = describe::document::from_text(text, "p");
  for (const std::string& s : sets) describe::apply_override(d, s);
  platform_params p;
  describe::read_into(d, p);
  return p;
}

std::string error_of(const std::string& topology) {
  try {
    (void)read("{\"topology\": {\n" + topology + "}}");
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "none";
}

constexpr const char* two_devices = R"({
  "device": {"dma": {"outstanding_reads": 7}},
  "pcie": {"link": {"lanes": 4}},
  "smmu": {"tcu": {"walk_slots": 3}},
  "topology": {
    "smmus": [{"name": "a", "tbus": 2}],
    "root_complexes": [{"name": "rc", "link": {"tx_queue": 9},
      "ports": [{"name": "p0"}, {"name": "p1", "tbu": 1, "link": {"lanes": 8}}]}],
    "switches": [{"name": "sw", "upstream": "p1"}],
    "devices": [
      {"name": "nic", "upstream": "p0", "last_stream": 8},
      {"name": "disk", "upstream": "sw", "first_stream": 9,
       "device": {"dma": {"outstanding_writes": 5}}}]}})";

}  // namespace

TEST_CASE("elements of a topology begin as copies of what the file says of one") {
  const platform_params p = read(two_devices);
  CHECK(p.topology.smmus[0].smmu.tcu.walk_slots == 3);
  CHECK(p.topology.devices[0].device.dma.outstanding_reads == 7);
  CHECK(p.topology.devices[1].device.dma.outstanding_reads == 7);
  CHECK(p.topology.devices[1].device.dma.outstanding_writes == 5);
  CHECK(p.topology.devices[1].link.lanes == 4);
  const auto& ports = p.topology.root_complexes[0].ports;
  CHECK(ports[0].link.lanes == 4);
  CHECK(ports[0].link.tx_queue == 9);  // of its root complex
  CHECK(ports[1].link.lanes == 8);
}

TEST_CASE("an override reaches an element by index, with dots or brackets") {
  for (const char* path : {"topology.devices.1.device.atc.entries=128",
                           "topology.devices[1].device.atc.entries=128"}) {
    const platform_params p = read(two_devices, {path});
    CHECK(p.topology.devices[1].device.atc.entries == 128);
    CHECK(p.topology.devices[0].device.atc.entries == p.device.atc.entries);
  }
}

TEST_CASE("a platform without a topology says nothing of it in results") {
  const platform_params p;
  CHECK(describe::effective(p).count("topology") == 0);
  for (const auto& i : describe::parameters(p)) CHECK(i.path.rfind("topology", 0) != 0);
  CHECK(describe::effective(read(two_devices)).count("topology") == 1);
}

TEST_CASE("a copied value is traced to the group that it was copied from") {
  using platforms::template_path;
  CHECK(template_path("topology.devices.3.device.dma.mode") == "device.dma.mode");
  CHECK(template_path("topology.devices.3.link.lanes") == "pcie.link.lanes");
  CHECK(template_path("topology.smmus.0.smmu.tbu.slots") == "smmu.tbu.slots");
  CHECK(template_path("topology.root_complexes.1.link.lanes") == "pcie.link.lanes");
  CHECK(template_path("topology.root_complexes.1.ports.2.link.lanes") ==
        "topology.root_complexes.1.link.lanes");
  CHECK(template_path("topology.clusters.1.cpu.cores") == "cpu.cores");
  CHECK(template_path("topology.vms.0.vm.memory") == "vm.memory");
  CHECK(template_path("topology.devices.3.name").empty());
  CHECK(template_path("smmu.tbu.slots").empty());
}

TEST_CASE("the links of a switch have its credits and a device the least MPS of its way") {
  platform_params p = read(two_devices);
  p.topology.root_complexes[0].ports[1].link.mps = base::bytes(128);
  p.topology.switches[0].params.posted_headers = 3;
  const auto plan = platforms::wire(p.topology, p.templates());
  REQUIRE(plan.problems.empty());
  CHECK(plan.devices[0].link.posted_headers == p.pcie.link.posted_headers);
  CHECK(plan.devices[1].link.posted_headers == 3);
  CHECK(plan.devices[0].mps == base::bytes(256));
  CHECK(plan.devices[1].mps == base::bytes(128));
  CHECK(plan.switches[0].link.lanes == 8);  // the port's
  CHECK(plan.owner_of(base::stream_id(8)) == 0);
  CHECK(plan.owner_of(base::stream_id(9)) == 1);
  CHECK(plan.owner_of(base::stream_id(0x10000)) == platforms::topology_plan::none);
}

TEST_CASE("clusters and virtual machines begin as copies and are wired by name") {
  const std::string text = R"({
    "cpu": {"cores": 3}, "vm": {"cpu": {"vcpus": 2}},
    "topology": {
      "sockets": [{"name": "s"}, {"name": "t"}],
      "clusters": [{"name": "c", "socket": "s"}, {"name": "d", "socket": "t",
                    "cpu": {"cores": 5}}],
      "devices": [{"name": "nic"}],
      "vms": [{"name": "v", "cluster": "d", "devices": " nic "},
              {"name": "w", "cluster": "c", "vm": {"cpu": {"vcpus": 1}}}]}})";
  const platform_params p = read(text, {"topology.vms[1].vm.memory=1GiB"});
  const auto plan = platforms::wire(p.topology, p.templates());
  REQUIRE(plan.problems.empty());
  CHECK(plan.clusters[0].params.cores == 3);
  CHECK(plan.clusters[1].params.cores == 5);
  CHECK(plan.clusters[1].socket == 1);
  CHECK(plan.vms[0].cluster == 1);
  CHECK(plan.vms[0].devices == std::vector<unsigned>{0});
  CHECK(plan.vms[0].params.cpu.vcpus == 2);
  CHECK(plan.vms[1].cluster == 0);
  CHECK(plan.vms[1].devices.empty());
  CHECK(plan.vms[1].params.cpu.vcpus == 1);
  CHECK(plan.vms[1].params.memory == base::gib(1));
  CHECK(plan.vms[0].params.memory == p.vm.memory);
  CHECK(plan.cluster_in(0) == 0);
  CHECK(plan.cluster_in(1) == 1);
}

TEST_CASE("clusters and virtual machines that do not hold are told with their place") {
  CHECK(error_of(R"("clusters": [{"name": "c"}, {"name": "c"}])") ==
        "p:2:38: topology.clusters.1.name: \"c\" is there twice");
  CHECK(error_of(R"("clusters": [{"name": "c", "socket": "s"}])") ==
        "p:2:38: topology.clusters.0.socket: there is no socket \"s\"");
  CHECK(error_of(R"("vms": [{"name": "v", "cluster": "c"}])") ==
        "p:2:34: topology.vms.0.cluster: there is no cluster \"c\"");
  CHECK(error_of(R"("vms": [{"name": "v"}], "clusters": [{"name": "c"}, {"name": "d"}])") ==
        "p:2:9: topology.vms.0.cluster: must name one of 2 clusters");
  CHECK(error_of(R"("vms": [{"name": "v"}, {"name": "v"}])") ==
        "p:2:33: topology.vms.1.name: \"v\" is there twice");
  CHECK(error_of(R"("vms": [{"name": "v", "devices": "nic"}])") ==
        "p:2:34: topology.vms.0.devices: there is no device \"nic\"");
  CHECK(error_of(R"("devices": [{"name": "n"}], "vms": [{"name": "v", "devices": "n,n"}])") ==
        "p:2:62: topology.vms.0.devices: \"n\" is there twice");
}

TEST_CASE("wiring that does not hold is told with its place") {
  CHECK(error_of(R"("smmus": [{"name": "a"}, {"name": "a"}])") ==
        "p:2:10: topology.smmus: 2 SMMUs need root_complexes on them\n"
        "p:2:35: topology.smmus.1.name: \"a\" is there twice");
  CHECK(error_of(R"("devices": [{"name": "x", "upstream": "p9"}])") ==
        "p:2:39: topology.devices.0.upstream: there is no root port or switch \"p9\"");
  CHECK(error_of(R"("devices": [{}])") == "p:2:13: topology.devices.0.name: needs a name");
  CHECK(error_of(R"("devices": [{"name": "a.b"}])") ==
        "p:2:22: topology.devices.0.name: is no name: letters, digits, '_' and '-' only");
  CHECK(error_of(R"("smmus": [{"name": "a", "socket": "s"}])") ==
        "p:2:35: topology.smmus.0.socket: there is no socket \"s\"");
  CHECK(error_of(R"("sockets": [{"name": "s"}, {"name": "t"}], "smmus": [{"name": "a"}])") ==
        "p:2:54: topology.smmus.0.socket: must name one of 2 sockets");
  CHECK(error_of(R"("root_complexes": [{"name": "r", "ports": [{"name": "p", "tbu": 1}]}])") ==
        "p:2:65: topology.root_complexes.0.ports.0.tbu: the SMMU has 1 TBU, counted from 0");
  CHECK(error_of(R"("smmus": [{"name": "a", "tbus": 2}])") ==
        "p:2:33: topology.smmus.0.tbus: no root port is on TBU 1");
  CHECK(error_of(R"("devices": [{"name": "x", "last_stream": 9},
 {"name": "y", "first_stream": 9}])") ==
        "p:3:32: topology.devices.1.first_stream: StreamID 0x9 is owned by \"x\" too");
  CHECK(error_of(R"("devices": [{"name": "x", "last_stream": 9},
 {"name": "y", "first_stream": 10}])") ==
        "p:3:2: topology.devices.1.upstream: \"x\" is below that port already; use a switch");
  CHECK(error_of(R"("devices": [{"name": "x", "first_stream": 5, "last_stream": 4}])") ==
        "p:2:43: topology.devices.0.first_stream: is above last_stream 0x4");
  CHECK(error_of(R"("devices": [{"name": "x", "last_stream": 65536}])") ==
        "p:2:13: topology.devices.0.first_stream: StreamIDs 0x0 to 0x10000 are not of segment 0 "
        "of its root complex");
  CHECK(error_of(R"("switches": [{"name": "s"}], "devices": [{"name": "x", "upstream": "s"}],
 "root_complexes": [{"name": "r", "ports": [{"name": "p"}, {"name": "q"}]}])") ==
        "p:2:14: topology.switches.0.upstream: must name a root port or switch");
  CHECK(error_of(R"("root_complexes": [{"name": "r", "ports": [{"name": "p"}, {"name": "q"}]}],
 "devices": [{"name": "x", "upstream": "p"}])") ==
        "p:2:68: topology.root_complexes.0.ports.1.name: no switch or device is below the port");
}
