// A tree of switches between devices and a root complex, all real but the devices, the TBU and what
// is behind it, which the test plays.
#pragma once

#include <deque>
#include <memory>
#include <string>

#include "message_bench.h"
#include "tlm/pcie/pcie_switch.h"
#include "tlm/pcie/root_complex.h"

namespace svasim::test {

/// Device n has RequesterID (n + 1) << 8.
struct fabric_device {
  fabric_device(unsigned n, const pcie::link_params& p)
      : id(static_cast<std::uint16_t>((n + 1) << 8)),
        link(("link" + std::to_string(n)).c_str(), p, nullptr),
        engine(("device" + std::to_string(n)).c_str()),
        checker(("checker" + std::to_string(n)).c_str(),
                kit::protocol_checker::exclusion::posted_apart),
        receiver(("receiver" + std::to_string(n)).c_str()) {
    engine.socket.bind(checker.upstream);
    checker.downstream.bind(link.from_device);
    link.to_device.bind(receiver.socket);
  }
  scripted_initiator::request& make(tlm::tlm_command command, std::uint64_t address,
                                    std::uint32_t length) {
    auto& r = engine.make(command, address, length);
    r.ext().requester_id = id;
    return r;
  }
  scripted_initiator::request& read(std::uint64_t address, std::uint32_t length) {
    auto& r = make(tlm::TLM_READ_COMMAND, address, length);
    engine.send(r);
    return r;
  }
  scripted_initiator::request& write(std::uint64_t address, std::uint32_t length) {
    auto& r = make(tlm::TLM_WRITE_COMMAND, address, length);
    engine.send(r);
    return r;
  }
  std::uint16_t id;
  pcie::link link;
  scripted_initiator engine;
  kit::protocol_checker checker;
  scripted_target receiver;
};

struct fabric_shape {
  std::vector<pcie::link_params> devices;
  pcie::link_params up = slow_link();
  pcie::switch_params fabric;
  unsigned levels = 1;  ///< switches between a device and the root complex; those above have a port
};

inline pcie::root_complex_params no_time() {
  pcie::root_complex_params p;
  p.up_latency = p.down_latency = base::ns(0);
  p.clock = base::mhz(10000);
  return p;
}

/// Nothing happens before run_until(): until then more can be bound.
struct fabric_bench : sc_core::sc_module {
  explicit fabric_bench(const fabric_shape& s)
      : sc_module(sc_core::sc_module_name("fabric")),
        root_complex("root_complex", no_time(), false, &root),
        from_smmu("from_smmu"),
        m_down("down") {
    for (unsigned n = 0; n < s.devices.size(); ++n) devices.emplace_back(n, s.devices[n]);
    add_switch(s, static_cast<unsigned>(s.devices.size()));
    for (unsigned n = 0; n < devices.size(); ++n) attach(*switches[0], n, devices[n].link);
    for (unsigned level = 1; level < s.levels; ++level) {
      add_switch(s, 1);
      attach(*switches[level], 0, uplinks[level - 1]);
    }
    uplinks.back().to_root_complex.bind(root_complex.from_link);
    root_complex.to_link.bind(uplinks.back().from_root_complex);
    root_complex.to_tbu.bind(tbu_checker.upstream);
    tbu_checker.downstream.bind(tbu.socket);
    root_complex.to_ats_requests.bind(ats.socket);
    from_smmu.socket.bind(root_complex.from_ats);
    root_complex.add_functions(0x100, 0xfff);
    root_complex.on_message = [this](const arch::ats_message& m) {
      messages.push_back(m);
      return true;
    };
    SC_HAS_PROCESS(fabric_bench);
    SC_THREAD(sender);
  }
  /// Down, after those before it.
  void send(const arch::ats_message& m) {
    m_to_send.push_back(m);
    m_down.notify(sc_core::SC_ZERO_TIME);
  }
  std::size_t sent_down = 0;

  stats::group root{"test"};
  std::deque<fabric_device> devices;
  std::deque<pcie::link> uplinks;  ///< above each level
  std::deque<std::unique_ptr<pcie::pcie_switch>> switches;
  pcie::root_complex root_complex;
  kit::protocol_checker tbu_checker{"tbu_checker"};
  scripted_target tbu{"tbu"}, ats{"ats"};
  scripted_initiator from_smmu;
  std::vector<arch::ats_message> messages;  ///< up

 private:
  void add_switch(const fabric_shape& s, unsigned ports) {
    const std::string n = std::to_string(switches.size());
    switches.push_back(
        std::make_unique<pcie::pcie_switch>(("switch" + n).c_str(), s.fabric, ports, nullptr));
    uplinks.emplace_back(("uplink" + n).c_str(), s.up, nullptr);
    pcie::pcie_switch& added = *switches.back();
    up_checkers.emplace_back(("up_checker" + n).c_str(),
                             kit::protocol_checker::exclusion::posted_apart);
    added.to_upstream.bind(up_checkers.back().upstream);
    up_checkers.back().downstream.bind(uplinks.back().from_device);
    uplinks.back().to_device.bind(added.from_upstream);
    added.attach_upstream(uplinks.back());
  }
  void attach(pcie::pcie_switch& to, unsigned port, pcie::link& l) {
    l.to_root_complex.bind(to.from_link[port]);
    to.to_link[port].bind(l.from_root_complex);
    to.attach_downstream(port, l);
    const bool single = &to != switches[0].get();
    to.add_route(port, static_cast<std::uint16_t>(single ? 0x100 : (port + 1) << 8),
                 static_cast<std::uint16_t>(single ? 0xfff : ((port + 1) << 8) + 0xff));
  }
  void sender() {
    for (;;) {
      while (sent_down == m_to_send.size()) sc_core::wait(m_down);
      auto& r = make_message(from_smmu, m_to_send[sent_down]);
      from_smmu.blocking(r);
      ++sent_down;
    }
  }
  std::deque<kit::protocol_checker> up_checkers;
  std::deque<arch::ats_message> m_to_send;
  sc_core::sc_event m_down;
};

}  // namespace svasim::test
