// Which costs of the presets are assumptions: a table of every duration with trust tag A (ctest -V
// prints it), and that none of the constants that validation rows spend is one of them.
#include <catch2/catch.hpp>

#include <cstdio>

#include "describe/effective.h"
#include "tests/platform/presets/preset_files.h"

namespace svasim::test {
namespace {

using platforms::platform_params;
using platforms::test::preset;

struct sourced {
  std::vector<describe::parameter_info> all;
  std::map<std::string, std::string> provenance;
};

sourced read(const std::string& name) {
  const auto document = describe::document::from_file(preset(name));
  platform_params p;
  describe::read_into(document, p);
  return {describe::parameters(p), describe::effective_provenance(p, document)};
}

unsigned print_assumed(const std::string& name) {
  const sourced s = read(name);
  unsigned count = 0;
  for (const describe::parameter_info& i : s.all) {
    const std::string& source = s.provenance.at(i.path);
    if (i.unit != "ps" || source.compare(0, 2, "A:") != 0) continue;
    std::printf("assumed: | %s | `%s` | %s | %s |\n", name.c_str(), i.path.c_str(), i.value.c_str(),
                source.c_str() + 3);
    ++count;
  }
  return count;
}

TEST_CASE("the costs that are assumptions are listed") {
  std::printf("assumed: | preset | parameter | value | why |\nassumed: |---|---|---|---|\n");
  for (const char* name : {"neoverse-n2", "kunpeng-920", "grace"}) CHECK(print_assumed(name) > 20);
}

TEST_CASE("what rows of Kunpeng 920 spend is measured or derived") {
  const sourced s = read("kunpeng-920");
  for (const char* path :
       {"cpu.mmio_read", "software.host.smmu.commands.poll", "software.host.smmu.commands.msi_wake",
        "software.host.smmu.commands.contention", "software.host.kernel.costs.iopf_group",
        "vm.cpu.kvm.exit", "vm.cpu.kvm.kernel_mmio", "vm.cpu.kvm.user_exit", "vm.cpu.kvm.kick",
        "vm.cpu.kvm.its_command"}) {
    INFO(path);
    const char tag = s.provenance.at(path).front();
    CHECK((tag == 'M' || tag == 'D'));
  }
}

}  // namespace
}  // namespace svasim::test
