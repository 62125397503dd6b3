#include "platforms/topology.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace svasim::platforms {
namespace {

bool is_name(const std::string& s) {
  return !s.empty() && s.find_first_not_of(
                           "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                           "0123456789_-") == std::string::npos;
}

class wirer {
 public:
  wirer(const topology_params& t, const topology_params::templates& like) : m_t(t), m_like(like) {}

  topology_plan result() {
    sockets();
    smmus();
    ports();
    switches();
    devices();
    clusters();
    vms();
    share();
    complete();
    return std::move(m_plan);
  }

 private:
  using names = std::map<std::string, unsigned>;

  void complain(const std::string& field, const std::string& message) {
    m_plan.problems.push_back({field, message});
  }

  // Enters `name` as number `index` of its kind; names of one space must differ.
  void declare(names& space, const std::string& name, unsigned index, const std::string& field) {
    if (!is_name(name)) {
      complain(field,
               name.empty() ? "needs a name" : "is no name: letters, digits, '_' and '-' only");
    } else if (!space.emplace(name, index).second) {
      complain(field, fmt::format("\"{}\" is there twice", name));
    }
  }

  // The one that `name` refers to; the only one where it is empty.
  unsigned refer(const names& space, std::size_t count, const std::string& name,
                 const std::string& field, const char* what) {
    if (name.empty() && count == 1) return 0;
    const auto it = space.find(name);
    if (it != space.end()) return it->second;
    complain(field, name.empty() ? fmt::format("must name one of {} {}s", count, what)
                                 : fmt::format("there is no {} \"{}\"", what, name));
    return 0;
  }

  void sockets();
  void smmus();
  void ports();
  void switches();
  void devices();
  void clusters();
  void vms();
  void owned(unsigned i);
  void share();
  void complete();
  void find_above(const std::string& name, const std::string& field, above& up);

  const topology_params& m_t;
  const topology_params::templates& m_like;
  topology_plan m_plan;
  names m_sockets, m_smmus, m_clusters, m_pcie;  // ports, switches and devices share names
  std::map<std::string, above> m_above;
};

void wirer::sockets() {
  for (unsigned i = 0; i < m_t.sockets.size(); ++i) {
    const socket_item& s = m_t.sockets[i];
    declare(m_sockets, s.name, i, fmt::format("sockets.{}.name", i));
    for (unsigned k = 0; k < i; ++k) {
      const socket_plan& o = m_plan.sockets[k];
      const bool apart = s.memory_base - o.memory_base >= o.memory_size.value() &&
                         o.memory_base - s.memory_base >= s.memory_size.value();
      if (apart || o.memory_size.value() == 0 || s.memory_size.value() == 0) continue;
      complain(fmt::format("sockets.{}.memory_base", i),
               fmt::format("the memory overlaps that of \"{}\"", o.name));
    }
    m_plan.sockets.push_back({s.name, s.memory_base, s.memory_size});
  }
  if (m_t.sockets.empty()) m_plan.sockets.emplace_back();
}

void wirer::smmus() {
  for (unsigned i = 0; i < m_t.smmus.size(); ++i) {
    const smmu_item& s = m_t.smmus[i];
    declare(m_smmus, s.name, i, fmt::format("smmus.{}.name", i));
    const unsigned socket = refer(m_sockets, m_plan.sockets.size(), s.socket,
                                  fmt::format("smmus.{}.socket", i), "socket");
    m_plan.smmus.push_back({s.name, socket, s.tbus, s.smmu});
  }
  if (m_t.smmus.empty()) m_plan.smmus.push_back({"", 0, 1, m_like.smmu});
}

void wirer::ports() {
  names root_complexes;
  for (unsigned i = 0; i < m_t.root_complexes.size(); ++i) {
    const root_complex_item& r = m_t.root_complexes[i];
    declare(root_complexes, r.name, i, fmt::format("root_complexes.{}.name", i));
    const unsigned smmu = refer(m_smmus, m_plan.smmus.size(), r.smmu,
                                fmt::format("root_complexes.{}.smmu", i), "SMMU");
    for (unsigned k = 0; k < r.ports.size(); ++k) {
      const port_item& p = r.ports[k];
      const std::string field = fmt::format("root_complexes.{}.ports.{}", i, k);
      const auto index = static_cast<unsigned>(m_plan.ports.size());
      declare(m_pcie, p.name, index, field + ".name");
      m_above[p.name] = {false, index};
      const unsigned tbus = m_plan.smmus[smmu].tbus;
      if (p.tbu >= tbus) {
        complain(field + ".tbu",
                 fmt::format("the SMMU has {} TBU{}, counted from 0", tbus, tbus == 1 ? "" : "s"));
      }
      m_plan.ports.push_back({p.name, smmu, p.tbu, r.root_complex, p.link});
    }
  }
  if (!m_t.root_complexes.empty()) return;
  if (m_plan.smmus.size() > 1) {
    complain("smmus", fmt::format("{} SMMUs need root_complexes on them", m_plan.smmus.size()));
  }
  m_plan.ports.push_back({"", 0, 0, m_like.pcie.root_complex, m_like.pcie.link});
}

// Of a switch or device: the port or switch above it.
void wirer::find_above(const std::string& name, const std::string& field, above& up) {
  const std::size_t known = m_t.root_complexes.empty() ? 0 : 1;
  if (name.empty() && m_plan.ports.size() == 1 && m_above.size() <= known) return;  // the port
  const auto it = m_above.find(name);
  if (it != m_above.end()) {
    up = it->second;
    return;
  }
  complain(field, name.empty() ? "must name a root port or switch"
                               : fmt::format("there is no root port or switch \"{}\"", name));
}

void wirer::switches() {
  for (unsigned i = 0; i < m_t.switches.size(); ++i) {
    const switch_item& s = m_t.switches[i];
    declare(m_pcie, s.name, i, fmt::format("switches.{}.name", i));
    switch_plan plan{s.name, {}, s.params, s.link};
    find_above(s.upstream, fmt::format("switches.{}.upstream", i), plan.up);
    m_above[s.name] = {true, i};  // only what comes later may be below it
    m_plan.switches.push_back(plan);
  }
}

void wirer::devices() {
  for (unsigned i = 0; i < m_t.devices.size(); ++i) {
    const device_item& d = m_t.devices[i];
    declare(m_pcie, d.name, i, fmt::format("devices.{}.name", i));
    device_plan plan;
    plan.name = d.name;
    plan.params = d.device;
    plan.link = d.link;
    plan.first_stream = d.first_stream;
    plan.last_stream = d.last_stream;
    find_above(d.upstream, fmt::format("devices.{}.upstream", i), plan.up);
    m_plan.devices.push_back(plan);
    owned(i);
  }
  if (!m_t.devices.empty()) return;
  if (!m_t.switches.empty() || m_plan.ports.size() > 1) {
    complain("root_complexes", "several root ports or switches need devices below them");
  }
  device_plan only;
  only.params = m_like.device;
  only.link = m_like.pcie.link;
  m_plan.devices.push_back(only);
}

void wirer::clusters() {
  for (unsigned i = 0; i < m_t.clusters.size(); ++i) {
    const cluster_item& c = m_t.clusters[i];
    declare(m_clusters, c.name, i, fmt::format("clusters.{}.name", i));
    const unsigned socket = refer(m_sockets, m_plan.sockets.size(), c.socket,
                                  fmt::format("clusters.{}.socket", i), "socket");
    m_plan.clusters.push_back({c.name, socket, c.cpu});
  }
  if (m_t.clusters.empty()) m_plan.clusters.push_back({"", 0, m_like.cpu});
}

void wirer::vms() {
  names known;
  for (unsigned i = 0; i < m_t.vms.size(); ++i) {
    const vm_item& v = m_t.vms[i];
    declare(known, v.name, i, fmt::format("vms.{}.name", i));
    vm_plan plan{v.name, 0, {}, v.vm};
    plan.cluster = refer(m_clusters, m_plan.clusters.size(), v.cluster,
                         fmt::format("vms.{}.cluster", i), "cluster");
    const std::string field = fmt::format("vms.{}.devices", i);
    for (const std::string& name : names_in(v.devices)) {
      const unsigned d = m_plan.device_named(name);
      if (d == topology_plan::none || name.empty()) {
        complain(field, fmt::format("there is no device \"{}\"", name));
      } else if (std::count(plan.devices.begin(), plan.devices.end(), d) != 0) {
        complain(field, fmt::format("\"{}\" is there twice", name));
      } else {
        plan.devices.push_back(d);
      }
    }
    m_plan.vms.push_back(std::move(plan));
  }
}

// The StreamIDs of device `i`: its own, and of the segment of its root complex.
void wirer::owned(unsigned i) {
  const device_plan& d = m_plan.devices[i];
  const std::string field = fmt::format("devices.{}.first_stream", i);
  if (d.first_stream > d.last_stream) {
    complain(field, fmt::format("is above last_stream {:#x}", d.last_stream));
    return;
  }
  for (unsigned k = 0; k < i; ++k) {
    const device_plan& o = m_plan.devices[k];
    if (d.first_stream > o.last_stream || o.first_stream > d.last_stream) continue;
    complain(field, fmt::format("StreamID {:#x} is owned by \"{}\" too",
                                std::max(d.first_stream, o.first_stream), o.name));
  }
}

// Nothing is left with nothing below it.
void wirer::complete() {
  if (!m_plan.problems.empty()) return;
  std::vector<std::vector<bool>> used;
  for (const smmu_plan& s : m_plan.smmus) used.emplace_back(s.tbus);
  std::vector<bool> ports(m_plan.ports.size()), hubs(m_plan.switches.size());
  const auto use = [&](const above& up) { (up.is_switch ? hubs : ports)[up.index] = true; };
  for (const port_plan& p : m_plan.ports) used[p.smmu][p.tbu] = true;
  for (const switch_plan& s : m_plan.switches) use(s.up);
  for (const device_plan& d : m_plan.devices) use(d.up);
  for (unsigned i = 0; i < used.size(); ++i) {
    for (unsigned t = 0; t < used[i].size(); ++t) {
      if (used[i][t]) continue;
      complain(fmt::format("smmus.{}.tbus", i), fmt::format("no root port is on TBU {}", t));
    }
  }
  unsigned port = 0;
  for (unsigned i = 0; i < m_t.root_complexes.size(); ++i) {
    for (unsigned k = 0; k < m_t.root_complexes[i].ports.size(); ++k, ++port) {
      if (ports[port]) continue;
      complain(fmt::format("root_complexes.{}.ports.{}.name", i, k),
               "no switch or device is below the port");
    }
  }
  for (unsigned i = 0; i < hubs.size(); ++i) {
    if (!hubs[i]) complain(fmt::format("switches.{}.name", i), "nothing is below the switch");
  }
}

// Which root port everything is below, which links there are, who shares what.
void wirer::share() {
  if (!m_plan.problems.empty()) return;
  std::vector<unsigned> port_of_switch;
  std::vector<std::string> taken(m_plan.ports.size());
  std::vector<base::byte_size> mps;  // of the way above a switch
  const auto take = [&](const above& up, const std::string& name, const std::string& field) {
    if (up.is_switch) return;
    std::string& by = taken[up.index];
    if (!by.empty()) {
      complain(field, fmt::format("\"{}\" is below that port already; use a switch", by));
    }
    by = name.empty() ? "-" : name;
  };
  for (unsigned i = 0; i < m_plan.switches.size(); ++i) {
    switch_plan& s = m_plan.switches[i];
    take(s.up, s.name, fmt::format("switches.{}.upstream", i));
    const bool below = s.up.is_switch;
    port_of_switch.push_back(below ? port_of_switch[s.up.index] : s.up.index);
    if (!below) s.link = m_plan.ports[s.up.index].link;
    mps.push_back(below ? std::min(s.link.mps, mps[s.up.index]) : s.link.mps);
    if (below) s.link = m_plan.switches[s.up.index].params.below(s.link);
    s.link = s.params.above(s.link);
  }
  for (unsigned i = 0; i < m_plan.devices.size(); ++i) {
    device_plan& d = m_plan.devices[i];
    take(d.up, d.name, fmt::format("devices.{}.upstream", i));
    d.port = d.up.is_switch ? port_of_switch[d.up.index] : d.up.index;
    if (!d.up.is_switch) d.link = m_plan.ports[d.up.index].link;
    d.mps = d.up.is_switch ? std::min(d.link.mps, mps[d.up.index]) : d.link.mps;
    d.mrrs = d.link.mrrs;
    if (d.up.is_switch) d.link = m_plan.switches[d.up.index].params.below(d.link);
    const std::uint32_t segment = m_plan.ports[d.port].root_complex.segment;
    if (m_t.devices.empty() ||
        (d.first_stream >> 16 == segment && d.last_stream >> 16 == segment)) {
      continue;
    }
    complain(fmt::format("devices.{}.first_stream", i),
             fmt::format("StreamIDs {:#x} to {:#x} are not of segment {} of its root complex",
                         d.first_stream, d.last_stream, segment));
  }
}

}  // namespace

topology_plan wire(const topology_params& t, const topology_params::templates& like) {
  return wirer(t, like).result();
}

}  // namespace svasim::platforms
