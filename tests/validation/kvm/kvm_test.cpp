// Primitives of KVM with the presets' costs, against kvm-unit-tests' micro-bench (measurements.md
// 5). tests/analytic/cpu has the sums behind them.
#include <catch2/catch.hpp>

#include <sstream>

#include "base/child_process.h"
#include "tests/analytic/cpu/kvm_primitives.h"
#include "tests/platform/presets/preset_files.h"
#include "tests/validation/rows/row.h"

namespace svasim::test {
namespace {

struct measured {
  double hvc, mmio_read_vgic, mmio_read_user, ipi, lpi;  // ns
};

measured simulate(const std::string& platform) {
  std::istringstream in(base::in_child([&] {
    const auto p =
        platforms::test::read_file<platforms::platform_params>(platforms::test::preset(platform));
    const kvm_primitives k = measure_kvm(p.cpu, p.vm.cpu.kvm);
    std::ostringstream out;
    for (const base::duration d : {k.hvc, k.mmio_read_vgic, k.mmio_read_user, k.ipi, k.lpi}) {
      out << d.value() << ' ';
    }
    return out.str();
  }));
  measured m{};
  in >> m.hvc >> m.mmio_read_vgic >> m.mmio_read_user >> m.ipi >> m.lpi;
  for (double* d : {&m.hvc, &m.mmio_read_vgic, &m.mmio_read_user, &m.ipi, &m.lpi}) *d /= 1000;
  return m;
}

void check(const std::string& platform, const measured& m) {
  const measured s = simulate(platform);
  const std::string half = "kick, its_command: means of two machines";
  for (const row& r : {row{platform + ", hvc", "ns", m.hvc, s.hvc, "kvm.exit"},
                       row{platform + ", mmio_read_vgic", "ns", m.mmio_read_vgic, s.mmio_read_vgic,
                           "kvm.kernel_mmio"},
                       row{platform + ", mmio_read_user", "ns", m.mmio_read_user, s.mmio_read_user,
                           "kvm.user_exit"},
                       row{platform + ", ipi", "ns", m.ipi, s.ipi, half},
                       row{platform + ", lpi", "ns", m.lpi, s.lpi, half}}) {
    print(r);
    INFO(r.name);
    CHECK(r.within(5));
  }
}

TEST_CASE("KVM's primitives on the N2 preset take what Neoverse N1 takes") {
  check("neoverse-n2", {292, 419, 1609, 1509, 1643});
}

TEST_CASE("KVM's primitives on the Kunpeng preset take what Kunpeng 920 takes") {
  check("kunpeng-920", {408, 638, 2306, 1697, 2168});
}

}  // namespace
}  // namespace svasim::test
