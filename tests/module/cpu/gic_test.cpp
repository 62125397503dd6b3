#include "tlm/cpu/gic.h"

#include <catch2/catch.hpp>

#include "cluster_bench.h"
#include "tests/support/scripted_initiator.h"
#include "tlm/memory/interconnect.h"

using namespace svasim;
using base::ns;
using kit::task;
using test::cluster_bench;
using test::free_cluster;
using test::run_dry;
using test::run_until;

namespace {

// A device and an SMMU queue that send messages through the interconnect, and a core.
struct bench : cluster_bench {
  bench() : cluster_bench(free_cluster(1)) {
    for (unsigned i = 0; i < 2; ++i) senders[i]->socket.bind(interconnect.from[i]);
    interconnect.to_cache.bind(cache.socket);
    interconnect.to_devices.bind(gic.from_interconnect);
    irq = cluster.add_interrupt("irq", kit::actor::hk, 0, [this](task&) { note("irq"); });
    other = cluster.add_interrupt("other", kit::actor::hk, 0, [this](task&) { note("other"); });
    run_until(ns(100));
  }
  // A message through a port, two-phase or blocking.
  void send(unsigned port, std::uint32_t event, std::uint32_t sid, kit::traffic kind,
            bool blocking) {
    test::scripted_initiator& from = *senders[port];
    auto& p = *from.make(tlm::TLM_WRITE_COMMAND, gic.message_address(), 4).p;
    kit::extension_of(p).sid = base::stream_id(sid);
    kit::extension_of(p).kind = kind;
    std::memcpy(p.get_data_ptr(), &event, sizeof event);
    sc_core::sc_time t;
    if (blocking) {
      from.socket->b_transport(p, t);
    } else {
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      CHECK(from.socket->nb_transport_fw(p, phase, t) == tlm::TLM_COMPLETED);
    }
    CHECK(p.get_response_status() == tlm::TLM_OK_RESPONSE);
    CHECK(t == kit::to_sc(ns(30)));
  }

  memory::interconnect interconnect{"interconnect", {ns(15)}, 2, &root};
  cpu::gic gic{"gic", {0x8080000, ns(100), ns(500)}, &root};
  test::scripted_target cache{"cache"};
  std::unique_ptr<test::scripted_initiator> senders[2]{
      std::make_unique<test::scripted_initiator>("s0"),
      std::make_unique<test::scripted_initiator>("s1")};
  unsigned irq = 0, other = 0;
};

}  // namespace

TEST_CASE("a message of a device becomes its interrupt after translation and delivery") {
  bench b;
  b.gic.map(cpu::gic::device::of(base::stream_id(8)), 3, b.cluster, b.irq);
  b.send(0, 3, 8, kit::traffic::dma, false);
  run_dry();
  CHECK(b.log == std::vector<std::string>{"irq 715ns"});
  CHECK(b.cache.arrivals.empty());
}

TEST_CASE("messages of an SMMU are told apart by their port") {
  bench b;
  b.gic.map(cpu::gic::device::of_port(1), 0, b.cluster, b.other);
  b.send(1, 0, 8, kit::traffic::queue, true);
  b.send(0, 0, 8, kit::traffic::queue, true);
  run_dry();
  CHECK(b.log == std::vector<std::string>{"other 715ns"});
  CHECK(b.gic.statistics().dropped.value() == 1);
}

TEST_CASE("an event that maps to nothing is counted as dropped") {
  bench b;
  b.gic.map(cpu::gic::device::of(base::stream_id(8)), 3, b.cluster, b.irq);
  b.send(0, 4, 8, kit::traffic::dma, true);
  b.send(0, 3, 9, kit::traffic::dma, true);
  run_dry();
  CHECK(b.log.empty());
  CHECK(b.gic.statistics().dropped.value() == 2);
}

TEST_CASE("messages are merged while their interrupt is on its way, and not after") {
  bench b;
  b.gic.map(cpu::gic::device::of(base::stream_id(8)), 3, b.cluster, b.irq);
  b.send(0, 3, 8, kit::traffic::dma, true);
  run_until(ns(600));
  b.send(0, 3, 8, kit::traffic::dma, true);
  run_until(ns(715));
  b.send(0, 3, 8, kit::traffic::dma, true);
  run_dry();
  CHECK(b.log == std::vector<std::string>{"irq 715ns", "irq 1.33us"});
  CHECK(b.gic.statistics().merged.value() == 1);
  CHECK(b.gic.statistics().delivered.value() == 2);
}

TEST_CASE("what is no message ends in an error") {
  bench b;
  auto& p = *b.senders[0]->make(tlm::TLM_READ_COMMAND, 0x8080000, 4).p;
  sc_core::sc_time t;
  b.senders[0]->socket->b_transport(p, t);
  CHECK(p.get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
}

TEST_CASE("writes to memory are told, those to devices and reads are not") {
  bench b;
  std::vector<std::uint64_t> seen;
  b.interconnect.on_write = [&](unsigned port, std::uint64_t at, unsigned n) {
    seen.insert(seen.end(), {port, at, n});
  };
  b.gic.map(cpu::gic::device::of(base::stream_id(8)), 3, b.cluster, b.irq);
  b.send(0, 3, 8, kit::traffic::dma, false);
  b.senders[1]->read(0x100, 64);
  run_until(ns(200));
  auto& p = *b.senders[1]->make(tlm::TLM_WRITE_COMMAND, 0x140, 64).p;
  sc_core::sc_time t;
  b.senders[1]->socket->b_transport(p, t);
  run_dry();
  CHECK(seen == std::vector<std::uint64_t>{1, 0x140, 64});
}
