// The latencies and rates that follow from a preset's parameters, against the published figures
// that the parameters were chosen for.
#include <catch2/catch.hpp>

#include "preset_files.h"

namespace svasim::platforms::test {
namespace {

using base::duration;
using base::ns;

duration walk_read_hit(const memory_params& m) {
  return m.interconnect.latency * 2 + m.system_level_cache.hit_latency;
}

// Without the transfer of the data.
duration walk_read_dram(const memory_params& m) {
  return m.interconnect.latency * 2 + m.system_level_cache.miss_latency * 2 + m.dram.access;
}

TEST_CASE("a table walk's read takes what is published or assumed of the platform") {
  struct expected {
    const char* name;
    duration hit, dram;
  };
  for (const expected& e :
       {expected{"neoverse-n2", ns(70), ns(170)}, expected{"kunpeng-920", ns(75), ns(130)},
        expected{"grace", ns(80), ns(240)}}) {
    INFO(e.name);
    const auto p = read_file<platform_params>(preset(e.name));
    CHECK(walk_read_hit(p.memory) == e.hit);
    CHECK(walk_read_dram(p.memory) == e.dram);
  }
}

TEST_CASE("link and root complex together take what a direct port takes one way") {
  struct expected {
    const char* name;
    duration one_way;
  };
  for (const expected& e : {expected{"neoverse-n2", ns(195)}, expected{"kunpeng-920", ns(100)},
                            expected{"grace", ns(195)}}) {
    INFO(e.name);
    const auto p = read_file<platform_params>(preset(e.name));
    CHECK(p.pcie.link.latency + p.pcie.root_complex.up_latency == e.one_way);
    CHECK(p.pcie.link.latency + p.pcie.root_complex.down_latency == e.one_way);
  }
}

struct link_figures {
  const char* part;
  double tlp, write_64, read_64, write_256, read_256;  // Gb/s
};

// pcie-bench/pcie-model with MPS 256 (measurements 8).
const link_figures figures[] = {{"parts/pcie-gen3-x8", 57.9, 42.1, 44.1, 52.9, 53.7},
                                {"parts/pcie-gen4-x16", 227.4, 165.4, 173.3, 207.9, 210.9},
                                {"parts/pcie-gen5-x16", 454.8, 330.8, 346.5, 415.8, 421.8}};

double gigabits(base::byte_rate rate) {
  return static_cast<double>(rate.value()) * 8 / 1e9;
}

// What is left of the rate for the data of `length` bytes when `wire` bytes carry them.
double payload_rate(const pcie::link_params& l, std::uint64_t wire, std::uint32_t length) {
  return gigabits(l.tlp_rate()) * length / static_cast<double>(wire);
}

double write_rate(const pcie::link_params& l, std::uint32_t length) {
  return payload_rate(l, l.upstream_bytes(true, length, false), length);
}

double read_rate(const pcie::link_params& l, std::uint32_t length) {
  return payload_rate(l, l.completion_bytes(0, length), length);
}

TEST_CASE("a link carries what pcie-model says, within 2 %") {
  for (const link_figures& f : figures) {
    INFO(f.part);
    const pcie::link_params l = read_file<pcie_params>(preset(f.part)).link;
    CHECK(gigabits(l.tlp_rate()) == Approx(f.tlp).epsilon(0.02));
    CHECK(write_rate(l, 64) == Approx(f.write_64).epsilon(0.02));
    CHECK(read_rate(l, 64) == Approx(f.read_64).epsilon(0.02));
    CHECK(write_rate(l, 256) == Approx(f.write_256).epsilon(0.02));
    CHECK(read_rate(l, 256) == Approx(f.read_256).epsilon(0.02));
  }
}

// From the first byte of a TLP to the use of its credit by another one, nothing waiting.
double credit_round_trip_ns(const pcie_params& p) {
  const duration t = p.link.latency + p.root_complex.up_latency + p.link.credit_return;
  return static_cast<double>(t.value()) / 1000;
}

TEST_CASE("a link's credits last for a round trip at full rate") {
  for (const link_figures& f : figures) {
    INFO(f.part);
    const auto p = read_file<pcie_params>(preset(f.part));
    const double bits_to_bytes_per_ns = credit_round_trip_ns(p) / 8;
    CHECK(p.link.posted_headers >= f.write_64 * bits_to_bytes_per_ns / 64);
    CHECK(p.link.nonposted_headers >= f.read_64 * bits_to_bytes_per_ns / 64);
    CHECK(p.link.posted_data * 16.0 >= f.write_256 * bits_to_bytes_per_ns);
  }
}

TEST_CASE("the walk caches of MMU-700 hold 4096 tables in all") {
  const auto w = read_file<smmu::smmu_params>(preset("parts/smmu-mmu700")).tcu.walk_cache;
  CHECK(w.s1_l0.entries + w.s1_l1.entries + w.s1_l2.entries + w.s2_l0.entries + w.s2_l1.entries +
            w.s2_l2.entries ==
        4096);
}

TEST_CASE("Kunpeng 920 has no walk caches for stage 2 and uses none when nested") {
  const auto t = read_file<platform_params>(preset("kunpeng-920")).smmu.tcu;
  CHECK_FALSE(t.walk_cache.nested);
  CHECK_FALSE(t.walk_cache.s2_l0.present());
  CHECK_FALSE(t.walk_cache.s2_l1.present());
  CHECK_FALSE(t.walk_cache.s2_l2.present());
  CHECK(t.walk_cache.s1_l2.present());
  CHECK(t.walk_slots == 10);
}

}  // namespace
}  // namespace svasim::platforms::test
