// A device that nothing depends on handles responses when they are announced, ahead of their time.
// What it measures is what one measures that waits for the time to come: one whose replay maps
// pages as they show up.
#include <catch2/catch.hpp>

#include "base/child_process.h"
#include "base/rng.h"
#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t out = 0x80000000;
constexpr std::uint64_t page = 4096;
constexpr std::uint64_t pages = 256;

// All in one leaf table, so that tables are the same however they come about.
memory_workload accesses(bool mapped_beforehand) {
  memory_workload w;
  w.stream(memory_workload::sid, 1);
  if (mapped_beforehand) w.region(memory_workload::sid, first, base::mib(2), out);
  base::rng random(11);
  for (unsigned i = 0; i < 5000; ++i) {
    const std::uint64_t offset =
        (random.chance(3, 4) ? random.below(12) : random.below(pages)) * page +
        random.below(64) * 64;
    const auto length = static_cast<std::uint32_t>(1 + random.below(page - offset % page));
    if (random.chance(1, 3)) {
      w.write(first + offset, length);
    } else {
      w.read(first + offset, length);
    }
    w.to(out + offset);
  }
  return w;
}

// Everything that is measured, a path a line.
nlohmann::json measured(const platforms::platform_params& p, bool mapped_beforehand) {
  return nlohmann::json::parse(base::in_child([&] {
           simulation s(p, accesses(mapped_beforehand));
           s.run();
           const std::string broken = s.broken_rule();
           if (!broken.empty()) throw std::runtime_error(broken);
           if (s.model().traced().wants_completions() == mapped_beforehand) {
             throw std::runtime_error(
                 "the replay is static when it should not, or the other way round");
           }
           return s.statistics();
         }))
      .flatten();
}

// The first thing in which they differ; empty where they are the same.
std::string difference(const nlohmann::json& a, const nlohmann::json& b) {
  for (const auto& [path, value] : a.items()) {
    if (!b.contains(path) || b[path] != value) {
      return path + ": " + value.dump() + ", " + b.value(path, nlohmann::json()).dump();
    }
  }
  return a.size() == b.size() ? "" : "one has more";
}

void check_same(const platforms::platform_params& p) {
  CHECK(difference(measured(p, true), measured(p, false)) == "");
}

// Two events of the same picosecond may come in either order, as the device's own activation is one
// of them or not; under load a few requests then change places. So counts are equal, and sums to
// one part in 10,000.
void check_same_but_for_ties(const platforms::platform_params& p) {
  const nlohmann::json ahead = measured(p, true);
  const nlohmann::json in_time = measured(p, false);
  for (const char* path : {"accesses", "issued", "completed", "faulted", "bytes",
                           "read_latency/count", "write_latency/count"}) {
    const std::string full = std::string("/device/dma/") + path;
    INFO(full);
    CHECK(ahead.at(full) == in_time.at(full));
  }
  for (const char* path : {"read_latency/sum", "write_latency/sum", "translation_latency/sum"}) {
    const std::string full = std::string("/device/dma/") + path;
    INFO(full);
    const auto a = ahead.at(full).get<std::uint64_t>(), b = in_time.at(full).get<std::uint64_t>();
    CHECK((a > b ? a - b : b - a) <= b / 10000);
  }
}

platforms::platform_params loaded() {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  return p;
}

TEST_CASE("ahead of time or in time, a serial device measures the same") {
  check_same(distinct_platform());
}

TEST_CASE("ahead of time or in time, a loaded device measures the same but for ties") {
  check_same_but_for_ties(loaded());
}

TEST_CASE("ahead of time or in time, a device with few tags measures the same") {
  auto p = loaded();
  p.device.dma.outstanding_reads = 3;
  p.device.dma.outstanding_writes = 2;
  check_same(p);
}

TEST_CASE("ahead of time or in time, a device that lacks credits measures the same") {
  auto p = loaded();
  p.pcie.link.posted_headers = 2;
  p.pcie.link.posted_data = 20;
  p.pcie.link.nonposted_headers = 3;
  check_same(p);
}

TEST_CASE("ahead of time or in time, a device behind a slow link measures the same") {
  auto p = loaded();
  p.pcie.link.generation = 3;
  p.pcie.link.lanes = 1;
  p.pcie.link.tx_queue = 2;
  check_same(p);
}

TEST_CASE("ahead of time or in time, a device with an issue interval measures the same") {
  auto p = loaded();
  p.device.dma.issue_interval = base::ps(70001);
  check_same(p);
}

}  // namespace
}  // namespace svasim::test
