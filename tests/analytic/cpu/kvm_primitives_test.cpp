// Against kvm-unit-tests' micro-bench on two machines (measurements.md section 5). Spent: exit,
// kernel_mmio and user_exit of each machine are hvc, mmio_read_vgic and mmio_read_user themselves;
// kick and its_command are one value for both machines, so of each machine's ipi and lpi the means
// are spent and the differences follow from the structure of the paths.
#include "validate/kvm_primitives.h"

#include <catch2/catch.hpp>

#include "tests/support/time_matchers.h"

using namespace svasim;
using base::ns;

namespace {

void check_within_percent(base::duration is, base::duration measured, std::uint64_t percent) {
  INFO("simulated " << to_string(is) << ", measured " << to_string(measured));
  const std::uint64_t off = is < measured ? (measured - is).value() : (is - measured).value();
  CHECK(off * 100 <= measured.value() * percent);
}

}  // namespace

TEST_CASE("KVM's primitives take what they take on a Neoverse N1") {
  const auto p = validate::measure_kvm({}, {});
  CHECK(p.hvc == ns(292));
  CHECK(p.mmio_read_vgic == ns(419));
  CHECK(p.mmio_read_user == ns(1609));
  check_within_percent(p.ipi, ns(1509), 5);
  check_within_percent(p.lpi, ns(1643), 5);
  // sums: half an exit, kick, exit, injection, guest entry; two kernel accesses, command,
  // injection, guest entry
  CHECK(p.ipi == ns(146 + 628 + 292 + 250 + 200));
  CHECK(p.lpi == ns(2 * 419 + 398 + 250 + 200));
}

TEST_CASE("KVM's primitives take what they take on a Kunpeng 920") {
  const auto p = validate::measure_kvm({}, cpu::kunpeng_920_kvm());
  CHECK(p.hvc == ns(408));
  CHECK(p.mmio_read_vgic == ns(638));
  CHECK(p.mmio_read_user == ns(2306));
  check_within_percent(p.ipi, ns(1697), 5);
  check_within_percent(p.lpi, ns(2168), 5);
}
