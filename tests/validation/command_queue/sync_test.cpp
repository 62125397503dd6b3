// A TLBI and a CMD_SYNC on an empty queue: from CMDQ_PROD until the driver sees the end (B. Song,
// iommu list, 27 Aug 2020; measurements.md 4.1), on Kunpeng 920.
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "command_bench.h"
#include "tests/platform/presets/preset_files.h"
#include "tests/validation/rows/row.h"

namespace svasim::test {
namespace {

using base::us;
using software::command_completion;

// In ns, of one thread that finds the queue empty each time.
double sync_wait(const std::string& platform, command_completion how) {
  return std::stod(base::in_child([&] {
    auto p =
        platforms::test::read_file<platforms::platform_params>(platforms::test::preset(platform));
    p.software.host.smmu.commands.completion = how;
    command_bench b(p);
    b.run(1, us(5), us(200), us(2000));
    return std::to_string(mean(b.statistics().sync_time.whole()) / 1000);
  }));
}

void check(const std::string& platform, double polled, double by_msi, const std::string& spent) {
  const row poll{platform + ", TLBI + CMD_SYNC, polled", "ns", polled,
                 sync_wait(platform, command_completion::poll), spent};
  const row msi{platform + ", TLBI + CMD_SYNC, by MSI", "ns", by_msi,
                sync_wait(platform, command_completion::msi), "commands.msi_wake"};
  print(poll);
  print(msi);
  CHECK(poll.within(5));
  CHECK(msi.within(5));
}

TEST_CASE("waiting for CMD_SYNC on an idle Kunpeng 920 takes 190 ns polled and 280 ns by MSI") {
  check("kunpeng-920", 190, 280, "cpu.mmio_read, commands.poll");
}

TEST_CASE("waiting for CMD_SYNC on an idle N2 takes what it takes on Kunpeng 920, as assumed") {
  check("neoverse-n2", 190, 280, "cpu.mmio_read, commands.poll (assumed figures)");
}

TEST_CASE("waiting for CMD_SYNC on an idle Grace takes 250 ns polled and 350 ns by MSI") {
  check("grace", 250, 350, "cpu.mmio_read (assumed figures)");
}

}  // namespace
}  // namespace svasim::test
