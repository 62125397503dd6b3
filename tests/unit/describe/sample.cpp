#include "sample.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdlib>
#include <limits>
#include <stdexcept>
#include <tuple>

#include "base/error.h"
#include "base/file.h"

namespace svasim::describe::test {

void tlb_params::describe(visitor& v) {
  v.field("entries", entries, {0, 65536}, "entries", "Translations held; 0 leaves it out.",
          "T: manual table 2");
  v.field("ways", ways, {1, 64}, "ways", "Associativity.", "T: manual table 2");
  v.choice("replacement", replacement,
           {{"lru", policy::lru}, {"plru", policy::plru}, {"random", policy::random}},
           "Which entry makes room.", "A: assumed");
  v.field("latency", latency, base::ps(0), base::us(1), "Lookup to hit.", "M: measured | twice");
  v.rule(entries % ways == 0, "ways",
         fmt::format("{} ways do not divide {} entries", ways, entries));
}

void tbu_params::describe(visitor& v) {
  v.field("clock", clock, base::mhz(100), base::mhz(4000), "Of the whole TBU.", "A: assumed");
  v.group("main_tlb", main_tlb, "The TLB that all streams share.");
  v.rule(clock > base::mhz(100) || main_tlb.entries < 1024, "main_tlb.entries",
         "a clock this slow is for small TLBs");
}

void device_params::describe(visitor& v) {
  v.field("name", name, "As the report calls it.", "");
  v.field("seed", seed, {0, std::numeric_limits<std::uint64_t>::max()}, "", "Of its generator.",
          "A: assumed");
  v.field("link", link, base::byte_rate(1), base::gigabytes_per_s(256), "Of its PCIe link.",
          "T: Gen4 x8");
  v.field("payload", payload, base::bytes(128), base::kib(4), "Largest TLP payload.", "A: assumed");
}

void sample_params::describe(visitor& v) {
  v.field("checked", checked, "Check every transaction.", "");
  v.field("budget", budget, {1, 1000000000000}, "transactions", "Where the run ends.",
          "A: assumed");
  v.group("tbu", tbu, "The only TBU.");
  v.list("devices", devices, {0, 3}, "What is plugged in.");
}

bool operator==(const sample_params& a, const sample_params& b) {
  const auto flat = [](const sample_params& s) {
    const tlb_params& t = s.tbu.main_tlb;
    return std::tie(s.checked, s.budget, s.tbu.clock, t.entries, t.ways, t.replacement, t.latency);
  };
  if (flat(a) != flat(b) || a.devices.size() != b.devices.size()) return false;
  for (std::size_t i = 0; i < a.devices.size(); ++i) {
    const device_params& x = a.devices[i];
    const device_params& y = b.devices[i];
    if (std::tie(x.name, x.seed, x.link, x.payload) !=
        std::tie(y.name, y.seed, y.link, y.payload)) {
      return false;
    }
  }
  return true;
}

std::string error_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "no error";
}

scratch_directory::scratch_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "svasim-describe-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("no scratch directory");
  m_root = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(m_root, ignored);
}

std::string scratch_directory::write(const std::string& name, const std::string& content) const {
  const std::filesystem::path target = m_root / name;
  base::make_directories(target.parent_path().string());
  base::write_file_atomically(target.string(), content);
  return target.string();
}

std::string scratch_directory::relative(std::string text) const {
  const std::string prefix = m_root.string() + "/";
  for (std::size_t at; (at = text.find(prefix)) != std::string::npos;)
    text.erase(at, prefix.size());
  return text;
}

}  // namespace svasim::describe::test
