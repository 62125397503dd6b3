// Effective bandwidth of a link against the formula of pcie-bench's pcie-model, written here once
// more from pcie-ats-pri.md 5.1: 24 bytes around each write, 20 around each completion, one ACK and
// one UpdateFC of 8 bytes per limit, 4 bytes of 1538 for skip ordered sets. Within 2 %, at sizes
// between those that are published; those are rows of the validation (tests/validation/rows).
#include <catch2/catch.hpp>
#include <string>

#include "base/child_process.h"
#include "validate/link_rate.h"

using namespace svasim;

namespace {

struct shape {
  std::uint32_t generation, lanes, mps;
};

// Symbols for which pcie-model charges an ACK and an UpdateFC.
std::uint32_t ack_limit(const shape& s) {
  switch (s.mps) {
    case 128:
      return s.lanes == 8 ? 163 : 144;
    case 256:
      return s.lanes == 8 ? 203 : 168;
    default:
      return 182;
  }
}

// In Gb/s.
double expected(const shape& s, bool write, std::uint32_t size) {
  const double raw = (1 << s.generation) * s.lanes * 128.0 / 130;
  const double tlp = raw * (1 - 16.0 / ack_limit(s)) * (1 - 4.0 / 1538);
  const std::uint32_t tlps = (size + s.mps - 1) / s.mps;
  return tlp * size / (size + tlps * (write ? 24 : 20));
}

pcie::link_params link_of(const shape& s) {
  pcie::link_params p;
  p.generation = s.generation;
  p.lanes = s.lanes;
  p.mps = base::bytes(s.mps);
  p.ack_interval = ack_limit(s);
  p.posted_headers = p.nonposted_headers = 4096;
  p.posted_data = 65536;
  return p;
}

void check_link(const shape& s) {
  for (const std::uint32_t size : {64, 128, 192, 256, 320, 512, 576, 1024, 1536, 2048, 4096}) {
    for (const bool write : {false, true}) {
      INFO(size << " B " << (write ? "writes" : "reads"));
      const double rate = std::stod(base::in_child([&] {
        return std::to_string(validate::link_rate(link_of(s), {write, base::bytes(size)}));
      }));
      CHECK(rate == Approx(expected(s, write, size)).epsilon(0.02));
    }
  }
}

}  // namespace

TEST_CASE("Gen3 x8 follows pcie-model between 64 bytes and 4 KiB") {
  check_link({3, 8, 256});
}

TEST_CASE("Gen4 x16 follows pcie-model between 64 bytes and 4 KiB") {
  check_link({4, 16, 256});
}

TEST_CASE("Gen5 x16 follows pcie-model between 64 bytes and 4 KiB") {
  check_link({5, 16, 256});
}

TEST_CASE("Gen5 x16 with a Max_Payload_Size of 512 bytes follows pcie-model") {
  check_link({5, 16, 512});
}

TEST_CASE("Gen5 x16 with a Max_Payload_Size of 128 bytes follows pcie-model") {
  check_link({5, 16, 128});
}
