// A link between a device and a root complex that are played by the test. A byte takes about 1 ns:
// 8 GT/s on one lane, so that serialisation is visible; all times are computed from link_params,
// not from the link.
#pragma once

#include <catch2/catch.hpp>

#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"
#include "tlm/pcie/link.h"

namespace svasim::test {

inline pcie::link_params slow_link() {
  pcie::link_params p;
  p.generation = 3;
  p.lanes = 1;
  p.latency = base::ns(100);
  p.credit_return = base::ns(70);
  return p;
}

struct link_bench {
  explicit link_bench(const pcie::link_params& p = slow_link(), bool complete = true)
      : params(p), link("link", p, &root) {
    device.socket.bind(device_checker.upstream);
    device_checker.downstream.bind(link.from_device);
    link.to_root_complex.bind(port_checker.upstream);
    port_checker.downstream.bind(root_complex.socket);
    root_complex.how = scripted_target::manner::on_demand;
    if (complete) run_until(start);
  }
  /// What a request, or the completions of a read, occupy the wire for.
  base::duration wire(std::uint64_t bytes) const {
    return transfer_time(base::bytes(bytes), params.tlp_rate());
  }
  base::duration read_wire() const { return wire(24); }
  base::duration write_wire(std::uint32_t length) const { return wire(24 + length); }
  /// Arrival of the n-th request at the root complex, since the start.
  base::duration arrival(std::size_t n) const { return root_complex.arrivals.at(n).at - start; }

  static constexpr base::duration start = base::us(1);
  pcie::link_params params;
  stats::group root{"test"};
  scripted_initiator device{"device"};
  kit::protocol_checker device_checker{"device_checker",
                                       kit::protocol_checker::exclusion::posted_apart};
  pcie::link link;
  kit::protocol_checker port_checker{"port_checker"};
  scripted_target root_complex{"root_complex"};
};

}  // namespace svasim::test
