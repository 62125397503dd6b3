#include "validate/kvm_primitives.h"

#include "tlm/cpu/virtual_machine.h"
#include "validate/peers.h"

namespace svasim::validate {

namespace {

using base::duration;
using kit::now;
using kit::task;

constexpr std::uint64_t vgic = 0x8000000, its = 0x8080000, virtio = 0xa000000;

struct machine {
  machine(const cpu::cluster_params& params, const cpu::vm_params& vm_params)
      : host("cpu", params, bytes, &root), vm("vm", vm_params, host, &root) {
    host.to_memory.bind(memory.socket);
    host.to_registers.bind(registers.socket);
    const auto nothing = [](task&, bool, std::uint64_t, std::uint32_t) { return 0u; };
    vm.trap(base::ipa(vgic), 0x10000, nothing, false);
    vm.trap(base::ipa(virtio), 0x1000, nothing, true);
    vm.trap(
        base::ipa(its), 0x10000,
        [this](task& t, bool write, std::uint64_t, std::uint32_t) {
          if (write) {  // CWRITER: one INT command
            t.compute(vm.params().kvm.its_command);
            vm.interrupt(lpi);
          }
          return 0u;
        },
        false);
    lpi = vm.add_interrupt("lpi", kit::actor::gk, 0, [this](task&) { received = true; });
    sgi = vm.add_interrupt("sgi", kit::actor::gk, 1, [this](task&) { received_at = now(); });
  }

  stats::group root{"test"};
  base::sparse_memory bytes;
  cpu::cluster host;
  cpu::virtual_machine vm;
  flat_memory memory{"memory"};
  flat_memory registers{"registers"};
  unsigned lpi = 0, sgi = 0;
  bool received = false;
  duration received_at;
};

template <class F>
duration mean(unsigned times, const F& once) {
  duration sum;
  for (unsigned i = 0; i < times; ++i) sum += once();
  return duration(sum.value() / times);
}

void run_all(machine& m, task& t, unsigned times, kvm_primitives& result) {
  const auto timed = [](auto&& f) {
    const duration start = now();
    f();
    return now() - start;
  };
  t.compute(base::us(1));
  result.hvc = mean(times, [&] { return timed([&] { m.vm.hypercall(t); }); });
  result.mmio_read_vgic = mean(times, [&] { return timed([&] { t.read_register(vgic + 0x8); }); });
  result.mmio_read_user =
      mean(times, [&] { return timed([&] { t.read_register(virtio + 0x8); }); });
  result.ipi = mean(times, [&] {
    const duration start = now();
    m.vm.send_interrupt(t, m.sgi);
    t.compute(base::us(10));  // spins until long after
    return m.received_at - start;
  });
  result.lpi = mean(times, [&] {
    return timed([&] {
      m.received = false;
      t.write_register(its + 0x88, 0);
      t.read_register(its + 0x90);
      if (!m.received) throw std::logic_error("the interrupt did not come");
    });
  });
}

}  // namespace

kvm_primitives measure_kvm(cpu::cluster_params cluster, const cpu::kvm_costs& costs,
                           unsigned times) {
  cluster.cores = 2;
  cpu::vm_params params;
  params.vcpus = 2;
  params.kvm = costs;
  machine m(cluster, params);
  kvm_primitives result;
  bool done = false;
  kit::task_options o;
  o.who = kit::actor::gk;
  o.name = "test";
  o.cpu = 0;
  m.vm.spawn(o, [&](task& t) {
    run_all(m, t, times, result);
    done = true;
  });
  o.name = "spins";
  o.cpu = 1;
  m.vm.spawn(o, [&](task& t) {
    while (!done) t.compute(base::us(5));
  });
  run_dry();
  return result;
}

}  // namespace svasim::validate
