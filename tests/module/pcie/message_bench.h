// A link with messages both ways: played by the test on either side.
#pragma once

#include <deque>

#include "arch/ats.h"
#include "arch/ats_message.h"
#include "link_bench.h"

namespace svasim::test {

/// A message as a payload of `by`; `of` must live as long as it.
inline scripted_initiator::request& make_message(scripted_initiator& by,
                                                 const arch::ats_message& of,
                                                 std::uint16_t requester_id = 0x100) {
  auto& r = by.make(tlm::TLM_WRITE_COMMAND, 0, 16);
  r.ext().kind = kit::traffic::message;
  r.ext().requester_id = requester_id;
  r.ext().sid = of.sid;
  r.ext().has_ssid = of.has_ssid;
  r.ext().message = &of;
  return r;
}

inline arch::ats_message message_with(arch::ats_message_code code, bool pasid = false) {
  arch::ats_message m;
  m.code = code;
  m.has_ssid = pasid;
  m.sid = base::stream_id(0x100);
  return m;
}

struct message_bench : link_bench {
  explicit message_bench(const pcie::link_params& p = slow_link()) : link_bench(p, false) {
    from_smmu.socket.bind(smmu_checker.upstream);
    smmu_checker.downstream.bind(link.from_root_complex);
    link.to_device.bind(receiver.socket);
    run_until(start);
  }
  /// Down, at the start of the test.
  scripted_initiator::request& down(const arch::ats_message& m, base::duration after = {}) {
    auto& r = make_message(from_smmu, m);
    from_smmu.send(r, after);
    return r;
  }
  scripted_initiator::request& up(const arch::ats_message& m) {
    auto& r = make_message(device, m);
    device.send(r);
    return r;
  }
  const arch::ats_message invalidate = message_with(arch::ats_message_code::invalidate_request);
  const arch::ats_message prg = message_with(arch::ats_message_code::prg_response);
  const arch::ats_message page = message_with(arch::ats_message_code::page_request);
  const arch::ats_message completion = message_with(arch::ats_message_code::invalidate_completion);

  scripted_initiator from_smmu{"from_smmu"};
  kit::protocol_checker smmu_checker{"smmu_checker"};
  scripted_target receiver{"receiver"};  // the device's part for messages
};

}  // namespace svasim::test
