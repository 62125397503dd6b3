// A trace whose pages are absent until the device touches them (memory.first_touch).
#include <catch2/catch.hpp>

#include "base/error.h"
#include "describe/reader.h"
#include "platforms/sva/sva_result.h"
#include "tests/support/memory_workload.h"

using namespace svasim;
using platforms::sva_options;
using platforms::sva_platform;
using platforms::variant;
using test::memory_source;
using test::memory_workload;

namespace {

constexpr std::uint64_t iova = 0x10000000, page = 0x1000;

// Two streams: 5 pages, with one access across a boundary, and 3 at the same addresses.
memory_workload two_streams() {
  memory_workload w;
  w.stream(8, 1).stream(9, 2);
  for (int turn = 0; turn < 3; ++turn) {
    for (std::uint64_t i = 0; i < 4; ++i) w.read(iova + i * page).by(8);
    for (std::uint64_t i = 0; i < 3; ++i) w.write(iova + i * page + 128).by(9);
  }
  w.read(iova + 4 * page - 64, 128).by(8);
  return w;
}

struct run {
  explicit run(variant v, const sva_options& options = sva_options(),
               const memory_workload& w = two_streams())
      : workload(w), source(workload), platform(params(v), source, options) {
    platform.run();
  }
  static platforms::platform_params params(variant v) {
    platforms::platform_params p;
    p.served = v;
    p.device.dma.mode = device::issue_mode::serial;
    return p;
  }
  std::uint64_t filled(std::size_t process) const {
    return platform.memories()[process]->statistics().zero_filled.value();
  }
  void expect_a_fault_for_each_page() const {
    const device::dma_engine_stats& d = platform.dma().statistics();
    CHECK(platform.memories().size() == 2);
    CHECK(platform.traced()->statistics().pages == 8);
    CHECK(filled(0) == 5);
    CHECK(filled(1) == 3);
    CHECK(platform.faults().resolved.value() == 8);
    CHECK(platform.faults().unresolved.value() == 0);
    CHECK(d.accesses.value() == workload.about().accesses);
    CHECK(d.issued.value() == workload.about().accesses + 1);  // one was cut
    CHECK(d.completed.value() == d.issued.value());
    CHECK(d.in_flight.current() == 0);
    CHECK(platform.checked() == d.issued.value());
  }

  const memory_workload workload;
  memory_source source;
  sva_platform platform;
};

sva_options checked() {
  sva_options o;
  o.check = true;
  return o;
}

}  // namespace

TEST_CASE("a: one fault for each page that a stream touches") {
  run(variant::bare_metal, checked()).expect_a_fault_for_each_page();
}
TEST_CASE("b: one fault for each page that a stream touches") {
  run(variant::vmm_viommu, checked()).expect_a_fault_for_each_page();
}
TEST_CASE("c: one fault for each page that a stream touches") {
  run(variant::kernel_viommu, checked()).expect_a_fault_for_each_page();
}
TEST_CASE("d: one fault for each page that a stream touches") {
  run(variant::vsmmu, checked()).expect_a_fault_for_each_page();
}
TEST_CASE("e: one fault for each page that a stream touches") {
  run(variant::guest_commands, checked()).expect_a_fault_for_each_page();
}
TEST_CASE("g: one fault for each page that a stream touches") {
  run(variant::stall, checked()).expect_a_fault_for_each_page();
}

TEST_CASE("pages that are there beforehand do not fault") {
  sva_options o = checked();
  o.prefault = true;
  const run r(variant::bare_metal, o);
  CHECK(r.platform.faults().resolved.value() == 0);
  CHECK(r.filled(0) + r.filled(1) == 0);
  CHECK(r.platform.dma().statistics().faulted.value() == 0);
  CHECK(r.platform.checked() == r.platform.dma().statistics().issued.value());
}

TEST_CASE("with ideal translation all accesses succeed without a lookup") {
  sva_options o;
  o.ideal = true;
  const run r(variant::vmm_viommu, o);
  CHECK(r.platform.atc() == nullptr);
  CHECK(r.platform.dma().statistics().completed.value() ==
        r.platform.dma().statistics().issued.value());
  CHECK(r.platform.parts().smmus[0].tbus[0]->statistics().taken.value() == 0);
}

TEST_CASE("commands of the trace are left out, and the note says so") {
  memory_workload w = two_streams();
  w.invalidate(1, iova).sync();
  const run r(variant::bare_metal, sva_options(), w);
  const nlohmann::json result =
      platforms::first_touch_result(r.platform, w.about(), {"trace", "t"}, {});
  CHECK(result.at("run").at("note") ==
        "8 pages absent until the device touched them; 2 commands and requests of the trace were "
        "not replayed");
  CHECK(result.at("sva").at("faults") == 8);
  CHECK(result.at("structures").at(0).at("path") == "device.atc");
}

TEST_CASE("the slowdown is in parts per million of the other runs' time") {
  nlohmann::json figures{{"time_ps", 3000}};
  platforms::add_slowdown(figures, {{"time_ps", 2000}}, {{"time_ps", 1000}});
  CHECK(figures == nlohmann::json{{"time_ps", 3000},
                                  {"prefaulted_time_ps", 2000},
                                  {"ideal_time_ps", 1000},
                                  {"slowdown_prefaulted_ppm", 1500000},
                                  {"slowdown_ideal_ppm", 3000000}});
}

TEST_CASE("variant f, where nothing is absent, is refused") {
  CHECK_THROWS_WITH(run(variant::pinned),
                    "memory.first_touch: variant f maps all memory before the device comes, so "
                    "that no page is absent at first touch; choose another variant");
}

TEST_CASE("an address that no process has is refused with its line") {
  memory_workload w;
  w.stream(8, 1).read(iova).read(0x1000000000000);
  CHECK_THROWS_WITH(run(variant::bare_metal, sva_options(), w),
                    "2: address 0x1000000000000 is beyond the 48 bits of a process");
}

TEST_CASE("an access that brings a PASID of its own is refused with its line") {
  struct with_ssid final : trace::source {
    explicit with_ssid(const memory_workload& w) : inner(w) {}
    bool next(trace::record& out) override {
      const bool more = inner.next(out);
      out.has_ssid = true;
      out.ssid = base::substream_id(5);
      return more;
    }
    const trace::summary& about() const override { return inner.about(); }
    memory_source inner;
  };
  const memory_workload w = two_streams();
  with_ssid source(w);
  sva_platform p(run::params(variant::bare_metal), source);
  CHECK_THROWS_WITH(p.run(),
                    "1: an access with SubstreamID 0x5: at first touch each stream is a process "
                    "with a PASID that the run gives it");
}

namespace {

// Two devices below a switch, which own the streams 8 and 9; `vms` as a platform file has them.
platforms::platform_params two_devices(variant v, const std::string& vms) {
  platforms::platform_params p;
  describe::read_into(describe::document::from_text(
                          R"({"device": {"dma": {"mode": "serial"}}, "topology": {
      "switches": [{"name": "s"}],
      "devices": [{"name": "left", "upstream": "s", "last_stream": 8},
                  {"name": "right", "upstream": "s", "first_stream": 9}],
      "vms": [)" + vms + "]}}",
                          "test"),
                      p);
  p.served = v;
  return p;
}

}  // namespace

TEST_CASE("streams at first touch are of the devices that own them") {
  const memory_workload w = two_streams();
  memory_source source(w);
  sva_options options;
  options.check = true;
  sva_platform p(two_devices(variant::vsmmu, ""), source, options);
  p.run();
  CHECK(p.guests().size() == 2);
  CHECK(p.faults_of(0).resolved.value() == 5);
  CHECK(p.faults_of(1).resolved.value() == 3);
  CHECK(p.total(&device::dma_engine_stats::completed) == w.about().accesses + 1);
  CHECK(p.checked() == w.about().accesses + 1);
}

TEST_CASE("streams at first touch are in the VM that has their device") {
  const memory_workload w = two_streams();
  memory_source source(w);
  sva_platform p(two_devices(variant::vsmmu, R"({"name": "v", "devices": "left, right"})"), source);
  p.run();
  CHECK(p.guests().size() == 1);
  CHECK(p.faults_of(0).resolved.value() == 5);
  CHECK(p.faults_of(1).resolved.value() == 3);
}

TEST_CASE("a stream at first touch whose device no VM has is refused") {
  const memory_workload w = two_streams();
  memory_source source(w);
  CHECK_THROWS_WITH(
      sva_platform(two_devices(variant::vsmmu, R"({"name": "v", "devices": "left"})"), source),
      "topology.vms: none has the device \"right\", which owns StreamID 0x9");
}

TEST_CASE("a stream at first touch that no device owns is refused") {
  memory_workload w;
  w.stream(0x20000, 1);
  w.read(iova).by(0x20000);
  memory_source source(w);
  CHECK_THROWS_WITH(sva_platform(two_devices(variant::bare_metal, ""), source),
                    "no device of the platform owns StreamID 0x20000");
}
