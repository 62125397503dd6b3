#include "validate/benches.h"

#include <algorithm>

#include "validate/command_bench.h"
#include "validate/kvm_primitives.h"
#include "validate/link_rate.h"
#include "validate/stall_sweep.h"
#include "validate/walk_cycles.h"

namespace svasim::validate {
namespace {

struct no_arguments {
  void describe(describe::visitor&) {}
};

double ps(base::duration d) {
  return static_cast<double>(d.value());
}

figures kvm(const platforms::platform_params& p, const no_arguments&) {
  const kvm_primitives k = measure_kvm(p.cpu, p.vm.cpu.kvm);
  return {{"hvc", ps(k.hvc)},
          {"mmio_read_vgic", ps(k.mmio_read_vgic)},
          {"mmio_read_user", ps(k.mmio_read_user)},
          {"ipi", ps(k.ipi)},
          {"lpi", ps(k.lpi)}};
}

figures link(const platforms::platform_params& p, const link_rate_arguments& a) {
  return {{"gbit_per_s", link_rate(p.pcie.link, a)}};
}

struct command_arguments {
  std::uint32_t threads = 1;
  base::duration think = base::us(5), warm = base::us(200), end = base::us(2000);
  void describe(describe::visitor& v) {
    v.field("threads", threads, {1, 1024}, "threads", "That issue commands, one a core.", "");
    v.field("think", think, base::duration(), base::us(1000), "Between two lists.", "");
    v.field("warm", warm, base::duration(), base::us(1000000), "What comes before is forgotten.",
            "");
    v.field("end", end, base::us(1), base::us(1000000), "Of the simulation.", "");
    v.rule(warm < end, "end", "the end comes before what is forgotten");
  }
};

figures commands(const platforms::platform_params& p, const command_arguments& a) {
  platforms::platform_params cores = p;
  cores.cpu.cores = std::max(p.cpu.cores, a.threads);
  command_bench b(cores);
  b.run(a.threads, a.think, a.warm, a.end);
  const software::command_lists_stats& s = b.statistics();
  const double list = mean(s.list_time.whole());
  return {
      {"list", list}, {"sync", mean(s.sync_time.whole())}, {"list_and_think", list + ps(a.think)}};
}

}  // namespace

std::map<std::string, const experiment*> benches() {
  static const bench<no_arguments> kvm_bench("primitives of KVM, as kvm-unit-tests has them", kvm);
  static const bench<link_rate_arguments> link_bench("effective rate of a PCIe link", link);
  static const bench<command_arguments> command_lists("cores that issue TLBI and CMD_SYNC",
                                                      commands);
  static const bench<walk_arguments> walks("accesses to TBU, TCU and walker", walk);
  static const stall_sweep stalls;
  return {{"command_lists", &command_lists},
          {"kvm_primitives", &kvm_bench},
          {"link_rate", &link_bench},
          {"stall_sweep", &stalls},
          {"walk", &walks}};
}

}  // namespace svasim::validate
