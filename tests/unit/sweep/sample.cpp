#include "tests/unit/sweep/sample.h"

#include "describe/effective.h"
#include "describe/visitor.h"

namespace svasim::test {
namespace {

enum class policy { lru, random };

struct sample_params {
  std::uint32_t entries = 64, ways = 4;
  base::duration latency = base::ns(5);
  base::byte_size size = base::kib(4);
  base::frequency clock = base::mhz(1000);
  base::byte_rate rate = base::gigabytes_per_s(1);
  bool fast = true;
  policy which = policy::lru;
  std::string name = "a";

  void describe(describe::visitor& v) {
    v.field("entries", entries, {0, 4096}, "entries", "Held.", "A: test");
    v.field("ways", ways, {1, 64}, "ways", "Of a set.", "A: test");
    v.field("latency", latency, base::ns(0), base::us(1), "Of a lookup.", "A: test");
    v.field("size", size, base::bytes(1), base::gib(1024), "Of all.", "A: test");
    v.field("clock", clock, base::mhz(1), base::mhz(5000), "Of all.", "A: test");
    v.field("rate", rate, base::byte_rate(1), base::gigabytes_per_s(100), "Of all.", "A: test");
    v.field("fast", fast, "Or slow.", "A: test");
    v.choice("policy", which, {{"lru", policy::lru}, {"random", policy::random}}, "Of a set.",
             "A: test");
    v.field("name", name, "Of it.", "A: test");
  }
};

struct sample_workload {
  std::uint64_t seed = 1;
  void describe(describe::visitor& v) {
    v.field("seed", seed, {0, ~std::uint64_t{0}}, "seed", "Of choices.", "A: test");
  }
};

}  // namespace

sweep::parameter_table sample_parameters() {
  sweep::parameter_table out;
  out.add(describe::parameters(sample_params()), "");
  out.add(describe::parameters(sample_workload()), "workload.");
  return out;
}

}  // namespace svasim::test
