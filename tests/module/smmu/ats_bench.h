// A whole SMMU with ATS devices: what it sends to them arrives at a target of the test.
#pragma once

#include "smmu_bench.h"
#include "tlm/smmu/ats_port.h"

namespace svasim::test {

/// Must exist before smmu_bench, which starts the time.
struct ats_side {
  explicit ats_side(const smmu::ats_params& p) : ats("ats", p, &device_root) {
    ats.to_device.bind(device.socket);
    device.on_request = [this](tlm::tlm_generic_payload& p1) {
      sent.push_back(*kit::extension_of(p1).message);
      if (on_message) on_message(sent.back());
    };
  }
  /// The device answers an Invalidate Request.
  void complete(const arch::ats_message& request) { ats.receive(arch::completion_of(request)); }

  stats::group device_root{"devices"};
  smmu::ats_port ats;
  scripted_target device{"device"};
  std::vector<arch::ats_message> sent;
  std::function<void(const arch::ats_message&)> on_message;
};

struct ats_bench : ats_side, smmu_bench {
  explicit ats_bench(const smmu::ats_params& p = {}) : ats_side(p) {
    regs.caps.ats = regs.caps.pri = true;
    engine.connect_devices(ats);
  }
  static arch::command atc_inv(std::uint32_t sid, std::uint64_t address = 0x1000,
                               std::uint8_t size = 0) {
    arch::command c;
    c.op = arch::opcode::atc_inv;
    c.sid = base::stream_id(sid);
    c.address = address;
    c.size = size;
    return c;
  }
};

}  // namespace svasim::test
