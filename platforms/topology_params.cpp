#include "platforms/topology_params.h"

#include "platforms/topology.h"

namespace svasim::platforms {
namespace {

constexpr const char* label = "A: a label";
constexpr const char* wiring = "A: how the platform is wired";

}  // namespace

void device_params::describe(describe::visitor& v) {
  v.group("dma", dma, "DMA engine.");
  v.group("atc", atc,
          "Address translation cache and page requests: SVA workloads, first touch, `ats`.");
  v.group("work", work, "Work queues, in SVA workloads.");
  v.field(
      "ats", ats,
      "In a run of a trace or DMA workload the device translates through its ATC; SVA workloads "
      "and runs at first touch have it as `variant` says.",
      "T: the recorded devices had no ATC");
}

void pcie_params::describe(describe::visitor& v) {
  v.group("link", link, "Link between the device and the root complex.");
  v.group("root_complex", root_complex, "Root complex.");
}

void socket_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the socket.", label);
  v.field("memory_base", memory_base, {0, ~std::uint64_t{0}}, "",
          "First address of the memory that is at home in this socket.", wiring);
  v.field("memory_size", memory_size, base::bytes(0), base::gib(1u << 30),
          "Bytes of it; what no socket names is at home in the first.", wiring);
}

void smmu_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the SMMU.", label);
  v.field("socket", socket, "Socket it is in.", wiring);
  v.field("tbus", tbus, {1, 64}, "TBUs", "TBUs of its TCU.", wiring);
  v.group("smmu", smmu, "What differs from the group `smmu`.");
}

void port_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the root port.", label);
  v.field("tbu", tbu, {0, 63}, "", "Number of the TBU behind the port; ports may share one.",
          wiring);
  v.group("link", link, "Link below the port; what differs from that of the root complex.");
}

void root_complex_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the root complex.", label);
  v.field("smmu", smmu, "SMMU it is on.", wiring);
  v.group("root_complex", root_complex, "What differs from the group `pcie.root_complex`.");
  v.group("link", link, "Link of its ports; what differs from the group `pcie.link`.");
  port_item port;
  port.link = link;
  v.list("ports", ports, {1, 64}, "Root ports.", port);
}

void switch_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the switch.", label);
  v.field("upstream", upstream, "Root port or switch above it.", wiring);
  v.group("switch", params, "Buffers and latency.");
  v.group("link", link,
          "Upstream link below another switch; what differs from the group `pcie.link`. Below a "
          "root port it is the port's.");
}

void device_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the device.", label);
  v.field("upstream", upstream, "Root port or switch above it.", wiring);
  v.field("first_stream", first_stream, {0, ~0u}, "", "First StreamID that it owns.", wiring);
  v.field("last_stream", last_stream, {0, ~0u}, "", "Last StreamID that it owns.", wiring);
  v.group("device", device, "What differs from the group `device`.");
  v.group("link", link,
          "Link below a switch; what differs from the group `pcie.link`. Below a root port it is "
          "the port's.");
}

void cluster_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the cluster of cores.", label);
  v.field("socket", socket, "Socket it is in.", wiring);
  v.group("cpu", cpu, "What differs from the group `cpu`.");
}

void vm_item::describe(describe::visitor& v) {
  v.field("name", name, "Name of the virtual machine.", label);
  v.field("cluster", cluster, "Cluster that its vCPUs run on.", wiring);
  v.field("devices", devices,
          "Devices it has a function of each, their names between commas; empty: as the workload "
          "says.",
          wiring);
  v.group("vm", vm, "What differs from the group `vm`.");
}

void topology_params::describe(describe::visitor& v, const templates& like) {
  v.group("between", between, "Between sockets.");
  v.list("sockets", sockets, {0, 16}, "Sockets, each with a mesh, a cache and memory.");
  smmu_item one_smmu;
  one_smmu.smmu = like.smmu;
  v.list("smmus", smmus, {0, 64}, "SMMUs.", one_smmu);
  root_complex_item one_root_complex;
  one_root_complex.root_complex = like.pcie.root_complex;
  one_root_complex.link = like.pcie.link;
  port_item one_port;
  one_port.link = like.pcie.link;
  v.list("root_complexes", root_complexes, {0, 64}, "PCIe root complexes.", one_root_complex);
  switch_item one_switch;
  one_switch.link = like.pcie.link;
  v.list("switches", switches, {0, 256}, "PCIe switches.", one_switch);
  device_item one_device;
  one_device.device = like.device;
  one_device.link = like.pcie.link;
  v.list("devices", devices, {0, 1024}, "PCIe functions or groups of them.", one_device);
  cluster_item one_cluster;
  one_cluster.cpu = like.cpu;
  v.list("clusters", clusters, {0, 64}, "Clusters of cores, in SVA workloads.", one_cluster);
  vm_item one_vm;
  one_vm.vm = like.vm;
  v.list("vms", vms, {0, 256}, "Virtual machines: which a workload's are, in order.", one_vm);
  for (const wiring_problem& p : wire(*this, like).problems) {
    v.rule(false, p.field.c_str(), p.message);
  }
}

std::string template_path(const std::string& path) {
  struct rule {
    const char *list, *member, *like;
  };
  constexpr rule rules[] = {
      {"topology.smmus.", ".smmu.", "smmu."},
      {"topology.root_complexes.", ".root_complex.", "pcie.root_complex."},
      {"topology.root_complexes.", ".link.", "pcie.link."},
      {"topology.switches.", ".link.", "pcie.link."},
      {"topology.devices.", ".device.", "device."},
      {"topology.clusters.", ".cpu.", "cpu."},
      {"topology.vms.", ".vm.", "vm."},
      {"topology.devices.", ".link.", "pcie.link."},
  };
  for (const rule& r : rules) {
    const std::string list = r.list, member = r.member;
    if (path.rfind(list, 0) != 0) continue;
    const std::size_t after_index = path.find('.', list.size());
    if (after_index == std::string::npos) continue;
    if (path.compare(after_index, member.size(), member) == 0) {
      return r.like + path.substr(after_index + member.size());
    }
    // A port's link begins as that of its root complex.
    const std::size_t ports = path.find(".ports.");
    const std::size_t link = path.find(".link.");
    if (ports == after_index && link != std::string::npos) {
      return path.substr(0, after_index) + path.substr(link);
    }
  }
  return {};
}

}  // namespace svasim::platforms
