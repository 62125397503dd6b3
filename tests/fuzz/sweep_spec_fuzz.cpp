// Specifications of sweeps and their constraint language: any text is read, resolved and expanded
// to points, or refused with problems that have a position. The first byte chooses: a whole
// specification, or one constraint.
#include <cstdlib>
#include <string>

#include "analysis/sweep/plan.h"
#include "analysis/sweep/specification.h"
#include "base/error.h"
#include "describe/visitor.h"

namespace {

using namespace svasim;

enum class policy { lru, random };

struct sample {
  std::uint32_t entries = 64, ways = 4;
  base::duration latency = base::ns(5);
  base::byte_size size = base::kib(4);
  base::frequency clock = base::mhz(1000);
  base::byte_rate rate = base::gigabytes_per_s(1);
  bool fast = true;
  policy which = policy::lru;
  std::string name = "a";
  std::uint64_t seed = 1;

  void describe(describe::visitor& v) {
    v.field("entries", entries, {0, 4096}, "entries", "", "");
    v.field("ways", ways, {1, 64}, "ways", "", "");
    v.field("latency", latency, base::ns(0), base::us(1), "", "");
    v.field("size", size, base::bytes(1), base::gib(1024), "", "");
    v.field("clock", clock, base::mhz(1), base::mhz(5000), "", "");
    v.field("rate", rate, base::byte_rate(1), base::gigabytes_per_s(100), "", "");
    v.field("fast", fast, "", "");
    v.choice("policy", which, {{"lru", policy::lru}, {"random", policy::random}}, "", "");
    v.field("name", name, "", "");
    v.field("seed", seed, {0, ~std::uint64_t{0}}, "", "", "");
  }
};

const sweep::parameter_table& parameters() {
  static const sweep::parameter_table table = [] {
    sweep::parameter_table out;
    out.add(describe::parameters(sample()), "workload.");
    return out;
  }();
  return table;
}

void need(bool good) {
  if (!good) std::abort();
}

void one_constraint(const std::string& text) {
  try {
    const sweep::expression e(text, parameters());
    e.holds([](const std::string& path) -> const sweep::value& { return parameters().base(path); });
    for (const std::string& path : e.paths()) need(parameters().has(path));
  } catch (const sweep::bad_expression& e) {
    need(e.offset() <= text.size());
  }
}

// Points of a space that is not too large to list a million times.
void check_points(const sweep::space& s) {
  unsigned __int128 work = 1;
  for (const sweep::axis& a : s.axes) {
    need(!a.values.empty() && !a.paths.empty());
    work *= a.values.size();
    if (work > 10000) return;
  }
  if (s.how.points > 1000) return;
  for (const sweep::choice& c : choose_points(s, parameters())) {
    need(c.size() == s.axes.size());
    for (std::size_t i = 0; i < c.size(); ++i) need(c[i] < s.axes[i].values.size());
    need(!s.label(c).empty());
    for (const auto& [path, v] : s.settings(c)) need(!sweep::assignment(path, v).empty());
  }
  need(!json_text(plan_of(s)).empty());
}

void whole_specification(const std::string& text) {
  // Includes would read files of this machine.
  if (text.find("include") != std::string::npos || text.find("\\u") != std::string::npos) return;
  try {
    check_points(sweep::specification::from_text(text, "s.json").resolve(parameters()));
  } catch (const base::input_error& e) {
    need(!e.problems().empty());
    for (const base::problem& p : e.problems()) {
      need(p.file == "s.json" && !p.message.empty());
      for (const char c : p.text()) need(static_cast<unsigned char>(c) >= 0x20);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string text(reinterpret_cast<const char*>(data) + 1, size - 1);
  if (data[0] % 2 == 0) {
    one_constraint(text);
  } else {
    whole_specification(text);
  }
  return 0;
}
