#include "tlm/cpu/virtual_machine.h"

#include <catch2/catch.hpp>

#include "cluster_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using kit::actor;
using kit::now;
using kit::task;
using test::cluster_bench;
using test::free_cluster;
using test::run_dry;
using test::run_until;
using strings = std::vector<std::string>;

namespace {

cpu::vm_params plain_vm(std::uint32_t vcpus) {
  cpu::vm_params p;
  p.vcpus = vcpus;
  p.kvm.exit = ns(300);
  p.kvm.kernel_mmio = ns(100);
  p.kvm.user_exit = ns(1300);
  p.kvm.inject = ns(200);
  p.kvm.kick = ns(600);
  p.kvm.vcpu_wake = ns(500);
  p.scheduling = test::free_scheduling();
  p.scheduling.irq_entry = ns(50);
  return p;
}

struct bench : cluster_bench {
  explicit bench(const cpu::vm_params& vm_params, unsigned cores = 2, duration wake = duration())
      : cluster_bench(with_wake(cores, wake)), vm("vm", vm_params, cluster, &root) {}
  static cpu::cluster_params with_wake(unsigned cores, duration wake) {
    auto p = free_cluster(cores);
    p.scheduling.thread_wake = wake;
    return p;
  }
  task& guest(const std::string& name, unsigned vcpu, std::function<void(task&)> body) {
    kit::task_options o;
    o.name = name;
    o.who = actor::gk;
    o.cpu = vcpu;
    return vm.spawn(o, std::move(body));
  }
  cpu::virtual_machine vm;
};

}  // namespace

TEST_CASE("a guest task alone takes what it asks for, as time of its vCPU's host thread") {
  bench b(plain_vm(1));
  b.guest("g", 0, [&](task& t) {
    t.compute(us(25));
    b.note("g");
  });
  run_dry();
  CHECK(b.log == strings{"g 25us"});
  CHECK(b.time_of(actor::gk) == us(25).value());
  // when it is done the vCPU exits
  CHECK(b.time_of(actor::hk) == ns(150).value());
  CHECK(b.busy() == b.used());
}

TEST_CASE("guest tasks share a vCPU slice by slice") {
  bench b(plain_vm(1));
  for (const char* name : {"a", "b"}) {
    b.guest(name, 0, [&b, name](task& t) {
      t.compute(us(25));
      b.note(name);
    });
  }
  run_dry();
  CHECK(b.log == strings{"a 45us", "b 50us"});
}

TEST_CASE("a guest stands still while its vCPU's thread is displaced") {
  bench b(plain_vm(1));
  const unsigned irq =
      b.cluster.add_interrupt("host_irq", actor::smmu, 0, [&](task& t) { t.compute(us(7)); });
  b.guest("g", 0, [&](task& t) {
    t.compute(us(5));
    b.note("g");
  });
  run_until(us(1));
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"g 12us"});
  CHECK(b.time_of(actor::gk) == us(5).value());
}

TEST_CASE("two vCPUs on one core share its time") {
  auto params = plain_vm(2);
  bench b(params, 1);
  for (unsigned i = 0; i < 2; ++i) {
    b.guest("g" + std::to_string(i), i, [&b](task& t) {
      t.compute(us(20));
      b.note("g");
    });
  }
  run_dry();
  // slices of 10 us; the first one is done as its slice ends, and exits in the next
  CHECK(b.log == strings{"g 30us", "g 40us"});
  CHECK(b.busy() == b.used());
}

TEST_CASE("an interrupt makes a vCPU that runs exit") {
  bench b(plain_vm(1));
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 0, [&](task&) { b.note("irq"); });
  b.guest("g", 0, [&](task& t) {
    t.compute(us(5));
    b.note("g");
  });
  run_until(us(1));
  b.vm.interrupt(irq);
  run_dry();
  // kick 600, exit 300, inject 200, guest entry 50
  CHECK(b.log == strings{"irq 2.15us", "g 6.15us"});
  CHECK(b.time_of(actor::gk) == ns(5050).value());
  CHECK(b.time_of(actor::hk) == ns(1100 + 150).value());
  CHECK(b.vm.exits().kicks.value() == 1);
  CHECK(b.vm.exits().injected.value() == 1);
}

TEST_CASE("an interrupt for a vCPU whose thread is displaced waits for it and needs no kick") {
  bench b(plain_vm(1));
  const unsigned host =
      b.cluster.add_interrupt("host_irq", actor::smmu, 0, [&](task& t) { t.compute(us(7)); });
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 0, [&](task&) { b.note("irq"); });
  b.guest("g", 0, [&](task& t) { t.compute(us(5)); });
  run_until(us(1));
  b.cluster.interrupt(host);
  run_until(us(2));
  b.vm.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"irq 8.25us"});
  CHECK(b.vm.exits().kicks.value() == 0);
}

TEST_CASE("with direct injection a vCPU that runs pays nothing") {
  auto params = plain_vm(1);
  params.injection = cpu::injection::direct;
  bench b(params);
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 0, [&](task&) { b.note("irq"); });
  b.guest("g", 0, [&](task& t) {
    t.compute(us(5));
    b.note("g");
  });
  run_until(us(1));
  b.vm.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"irq 1.05us", "g 5.05us"});
  CHECK(b.vm.exits().direct.value() == 1);
}

TEST_CASE("a halted vCPU is woken by an interrupt") {
  bench b(plain_vm(1), 1, us(2));
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 0, [&](task&) { b.note("irq"); });
  run_until(us(10));
  b.vm.interrupt(irq);
  run_dry();
  // host wake-up 2000, vCPU 500, inject 200, entry 150, guest entry 50
  CHECK(b.log == strings{"irq 12.9us"});
  CHECK(b.vm.exits().halts.value() == 2);
  CHECK(b.vm.exits().wake.whole().sum() == ns(2850).value());
}

TEST_CASE("a host that waits busily saves a halted vCPU's wake-up") {
  auto params = plain_vm(1);
  params.kvm.halt_poll = us(20);
  bench b(params, 1, us(2));
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 0, [&](task&) { b.note("irq"); });
  run_until(us(10));
  b.vm.interrupt(irq);
  run_until(us(100));
  b.vm.interrupt(irq);
  run_dry();
  // inject 200, entry 150, guest entry 50; then as without
  CHECK(b.log == strings{"irq 10.4us", "irq 102.9us"});
  CHECK(b.vm.exits().polled.value() == 1);
}

TEST_CASE("trapped registers are served by the kernel or by user space on the vCPU's thread") {
  bench b(plain_vm(1));
  b.vm.trap(
      base::ipa(0x1000), 0x1000,
      [&](task& host, bool write, std::uint64_t at, std::uint32_t value) {
        CHECK(write);
        CHECK(at == 0x1010);
        CHECK(value == 7);
        host.compute(ns(40));
        return 0u;
      },
      false);
  b.vm.trap(
      base::ipa(0x2000), 0x1000,
      [&](task& host, bool write, std::uint64_t, std::uint32_t) {
        CHECK_FALSE(write);
        host.compute(ns(60));
        return 0x55u;
      },
      true);
  b.guest("g", 0, [&](task& t) {
    t.write_register(0x1010, 7);
    CHECK(now() == ns(300 + 100 + 40));
    CHECK(t.read_register(0x2ffc) == 0x55);
    CHECK(now() == ns(440 + 300 + 1300 + 60));
    b.vm.hypercall(t);
    CHECK(now() == ns(2400));
  });
  run_dry();
  CHECK(b.time_of(actor::hk) == ns(300 * 3 + 140 + 150).value());
  CHECK(b.time_of(actor::vmm) == ns(1360).value());
  CHECK(b.time_of(actor::gk) == 0);
  CHECK(b.vm.exits().kernel.value() == 1);
  CHECK(b.vm.exits().user.value() == 1);
  CHECK(b.vm.exits().hypercalls.value() == 1);
}

TEST_CASE("an interrupt raised while the vCPU is in the host goes along on entry") {
  bench b(plain_vm(1));
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 0, [&](task&) { b.note("irq"); });
  b.vm.trap(
      base::ipa(0x1000), 4,
      [&](task&, bool, std::uint64_t, std::uint32_t) {
        b.vm.interrupt(irq);
        return 0u;
      },
      false);
  b.guest("g", 0, [&](task& t) {
    t.write_register(0x1000, 0);
    t.compute(ns(10));
    b.note("g");
  });
  run_dry();
  CHECK(b.log == strings{"irq 650ns", "g 660ns"});
  CHECK(b.vm.exits().kicks.value() == 0);
}

TEST_CASE("a vCPU interrupts another") {
  bench b(plain_vm(2));
  const unsigned irq = b.vm.add_interrupt("irq", actor::gk, 1, [&](task&) { b.note("irq"); });
  b.guest("sender", 0, [&](task& t) {
    t.compute(us(1));
    b.vm.send_interrupt(t, irq);
    b.note("sent");
  });
  b.guest("busy", 1, [&](task& t) { t.compute(us(100)); });
  run_dry();
  CHECK(b.log == strings{"sent 1.3us", "irq 2.3us"});
}

TEST_CASE("passed-through registers are reached without an exit") {
  bench b(plain_vm(1));
  b.vm.pass_through(base::ipa(0x1000), 0x1000, base::pa(0x70000));
  b.guest("g", 0, [&](task& t) {
    t.write_register(0x1008, 7);
    CHECK(now() == ns(30));
  });
  run_dry();
  REQUIRE(b.registers.arrivals.size() == 1);
  CHECK(b.registers.arrivals[0].address == 0x70008);
  CHECK(b.time_of(actor::gk) == ns(30).value());
}

TEST_CASE("guest memory is where stage 2 says, and the host serves what it does not say") {
  bench b(plain_vm(1));
  b.bytes.write64(base::pa(0x80000), 42);
  bool mapped = false;
  b.vm.stage2 = [&](std::uint64_t ipa, bool) -> std::optional<base::pa> {
    if (!mapped) return std::nullopt;
    return base::pa(0x80000 + ipa);
  };
  b.vm.on_stage2_fault = [&](task& host, std::uint64_t ipa) {
    CHECK(ipa == 0x8);
    host.compute(us(2));
    mapped = true;
  };
  b.guest("g", 0, [&](task& t) {
    std::uint64_t v = 1;
    t.read(8, &v, sizeof v);
    CHECK(v == 0);
    CHECK(now() == ns(300 + 2000 + 100));
    t.read(0, &v, sizeof v);
    CHECK(v == 42);
    CHECK(now() == ns(2410));
  });
  run_dry();
  CHECK(b.time_of(actor::hk) == ns(2300 + 150).value());
  CHECK(b.time_of(actor::gk) == ns(110).value());
  CHECK(b.vm.exits().stage2.value() == 1);
}

TEST_CASE("floating vCPUs go where there is room") {
  auto params = plain_vm(2);
  params.placement = cpu::placement::floating;
  bench b(params, 3);
  b.spawn("host", 0, [](task& t) { t.compute(us(100)); });
  for (unsigned i = 0; i < 2; ++i) {
    b.guest("g" + std::to_string(i), i, [&b](task& t) {
      t.compute(us(20));
      b.note("g");
    });
  }
  run_dry();
  CHECK(b.log == strings{"g 20us", "g 20us"});
  CHECK(b.busy() == b.used());
}

TEST_CASE("registers of a machine may not overlap, and must be there") {
  bench b(plain_vm(1));
  b.vm.pass_through(base::ipa(0x1000), 0x1000, base::pa(0));
  CHECK_THROWS_WITH(b.vm.pass_through(base::ipa(0x1fff), 1, base::pa(0)),
                    "vm: the registers at 0x1fff overlap others");
  CHECK_THROWS_WITH(b.vm.pass_through(base::ipa(0x800), 0x801, base::pa(0)),
                    "vm: the registers at 0x800 overlap others");
  b.guest("g", 0, [&](task& t) {
    CHECK_THROWS_WITH(t.read_register(0x2000), "g: there is no register at IPA 0x2000");
    b.note("g");
  });
  run_dry();
  CHECK(b.log.size() == 1);
}
