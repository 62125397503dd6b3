#include "mixed_load.h"

#include <map>

#include "base/rng.h"
#include "tests/support/closed_form.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t pages = 96;

// Pages of three leaf tables; `version` counts how often their output address has changed.
class changing_pages {
 public:
  std::uint64_t iova(std::uint64_t n) const { return 0x10000000 + n * 0x10000; }
  std::uint64_t output(std::uint32_t sid, std::uint64_t n) {
    return (std::uint64_t{sid} << 32) + (m_version[{sid, n}] * pages + n) * 4096;
  }
  void change(std::uint32_t sid, std::uint64_t n) { ++m_version[{sid, n}]; }

 private:
  std::map<std::pair<std::uint32_t, std::uint64_t>, std::uint64_t> m_version;
};

// Unmaps some pages of a stream and gives them another output.
void change_some(memory_workload& w, changing_pages& p, base::rng& random) {
  const std::uint16_t asid = random.chance(1, 2) ? 1 : 2;
  for (std::uint64_t left = random.chance(1, 8) ? 12 : 1; left > 0; --left) {
    const std::uint64_t n = random.below(pages);
    p.change(asid + 7u, n);
    w.invalidate(asid, p.iova(n));
  }
  w.sync();
}

}  // namespace

memory_workload mixed_load(unsigned accesses, std::uint64_t seed) {
  memory_workload w;
  w.stream(8, 1).stream(9, 2);
  changing_pages p;
  base::rng random(seed);
  for (unsigned i = 0; i < accesses; ++i) {
    if (random.chance(1, 40)) change_some(w, p, random);
    const auto sid = static_cast<std::uint32_t>(8 + random.below(2));
    const std::uint64_t n = random.chance(1, 2) ? random.below(4) : random.below(pages);
    const std::uint64_t offset = random.below(4096);
    const auto length = static_cast<std::uint32_t>(1 + random.below(4096 - offset));
    if (random.chance(1, 2)) {
      w.read(p.iova(n) + offset, length);
    } else {
      w.write(p.iova(n) + offset, length);
    }
    w.by(sid).to(p.output(sid, n) + offset);
  }
  return w;
}

platforms::platform_params small_caches() {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.smmu.tbu.utlb.entries = p.smmu.tbu.utlb.ways = 8;
  p.smmu.tbu.main_tlb.entries = 32;
  p.memory.system_level_cache.size = base::kib(64);
  return p;
}

}  // namespace svasim::test
