#include "validate/benches.h"

#include "validate/kvm_primitives.h"
#include "validate/link_rate.h"

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

}  // namespace

std::map<std::string, const experiment*> benches() {
  static const bench<no_arguments> kvm_bench("primitives of KVM, as kvm-unit-tests has them", kvm);
  static const bench<link_rate_arguments> link_bench("effective rate of a PCIe link", link);
  return {{"kvm_primitives", &kvm_bench}, {"link_rate", &link_bench}};
}

}  // namespace svasim::validate
