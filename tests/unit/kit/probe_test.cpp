#include "tlm/kit/probe.h"

#include <catch2/catch.hpp>

#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::run_dry;
using test::scripted_initiator;
using test::scripted_target;
using manner = scripted_target::manner;

namespace {

class counting_probe final : public kit::probe {
 public:
  using probe::probe;
  unsigned forward = 0, backward = 0, blocking = 0;
  duration forward_at, backward_at;

 private:
  void before_fw(payload&, tlm::tlm_phase, duration t) override { ++forward, forward_at = t; }
  void after_bw(payload&, tlm::tlm_phase, duration t, tlm::tlm_sync_enum) override {
    ++backward, backward_at = t;
  }
  void after_b(payload&, duration) override { ++blocking; }
};

// The same peers twice: bound directly, and with a probe between.
struct two_paths {
  scripted_initiator direct_initiator{"direct_initiator"}, probed_initiator{"probed_initiator"};
  scripted_target direct_target{"direct_target"}, probed_target{"probed_target"};
  counting_probe probe{"probe"};

  two_paths() {
    direct_initiator.socket.bind(direct_target.socket);
    probed_initiator.socket.bind(probe.upstream);
    probe.downstream.bind(probed_target.socket);
  }
};

}  // namespace

TEST_CASE("a probe sees every call and adds no time to any of them") {
  two_paths s;
  s.direct_target.latency = s.probed_target.latency = ns(40);
  test::run_until(ns(3));
  const auto& a = s.direct_initiator.read(0x100, 64, ns(2));
  const auto& b = s.probed_initiator.read(0x100, 64, ns(2));
  CHECK(b.answered == a.answered);
  CHECK(b.answered == ns(45));
  CHECK(s.probe.forward == 1);
  CHECK(s.probe.forward_at == ns(5));
  CHECK(s.probe.backward == 0);
}

TEST_CASE("a probe forwards answers that come later, at their time") {
  two_paths s;
  s.direct_target.how = s.probed_target.how = manner::late;
  s.direct_target.latency = s.probed_target.latency = ns(40);
  test::run_until(ns(3));
  const auto& a = s.direct_initiator.read(0x100, 64, ns(2));
  const auto& b = s.probed_initiator.read(0x100, 64, ns(2));
  CHECK(b.accepted == a.accepted);
  run_dry();
  CHECK(a.answered == ns(45));
  CHECK(b.answered == ns(45));
  CHECK(s.probe.backward == 1);
  CHECK(s.probe.backward_at == ns(45));
}

TEST_CASE("a probe adds no time to blocking transport") {
  two_paths s;
  s.direct_target.latency = s.probed_target.latency = ns(40);
  duration direct, probed;
  sc_core::sc_spawn([&] {
    direct = s.direct_initiator.blocking(s.direct_initiator.make(tlm::TLM_READ_COMMAND, 0, 8));
    probed = s.probed_initiator.blocking(s.probed_initiator.make(tlm::TLM_READ_COMMAND, 0, 8));
  });
  run_dry();
  CHECK(direct == ns(40));
  CHECK(probed == ns(40));
  CHECK(s.probe.blocking == 1);
}
