#include "tlm/pcie/link_params.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>

using namespace svasim;
using base::bytes;
using pcie::link_params;

namespace {

// In units of 0.1 Gb/s, rounded: as pcie-bench's model prints it.
std::uint64_t tenths_of_gbit(base::byte_rate r) {
  return (r.value() * 8 + 50000000) / 100000000;
}

link_params link_of(std::uint32_t generation, std::uint32_t lanes, std::uint32_t ack_interval) {
  link_params p;
  p.generation = generation;
  p.lanes = lanes;
  p.ack_interval = ack_interval;
  return p;
}

// Data rate of transfers of `length` bytes that take `wire` bytes each, in tenths of Gb/s.
std::uint64_t effective(const link_params& p, std::uint64_t length, std::uint64_t wire) {
  return (p.tlp_rate().value() * 8 / wire * length + 50000000) / 100000000;
}

}  // namespace

TEST_CASE("the TLP rate is that of pcie-model for Gen3 x8, Gen4 x16 and Gen5 x16") {
  CHECK(tenths_of_gbit(link_of(3, 8, 203).tlp_rate()) == 579);
  CHECK(tenths_of_gbit(link_of(4, 16, 168).tlp_rate()) == 2274);
  CHECK(tenths_of_gbit(link_of(5, 16, 168).tlp_rate()) == 4548);
}

TEST_CASE("the effective rates of a Gen5 x16 link are those of pcie-model") {
  const link_params p;
  CHECK(effective(p, 64, p.upstream_bytes(true, 64, false)) == 3308);
  CHECK(effective(p, 64, p.completion_bytes(0, 64)) == 3465);
  CHECK(effective(p, 256, p.upstream_bytes(true, 256, false)) == 4158);
  CHECK(effective(p, 256, p.completion_bytes(0, 256)) == 4218);
}

TEST_CASE("Gen6 carries TLPs in 236 of the 256 bytes of a FLIT") {
  link_params p = link_of(6, 16, 65536);
  p.skip_ppm = 0;
  // 1024 Gb/s x 236 / 256 = 944 Gb/s, less 16 bytes of DLLP in 65536.
  CHECK(tenths_of_gbit(p.tlp_rate()) == 9438);
}

TEST_CASE("a read request is a header, whatever its length") {
  const link_params p;
  CHECK(p.upstream_bytes(false, 1, false) == 24);
  CHECK(p.upstream_bytes(false, 4096, false) == 24);
}

TEST_CASE("a write request carries its data in whole words") {
  const link_params p;
  CHECK(p.upstream_bytes(true, 1, false) == 28);
  CHECK(p.upstream_bytes(true, 4, false) == 28);
  CHECK(p.upstream_bytes(true, 5, false) == 32);
  CHECK(p.upstream_bytes(true, 256, false) == 280);
}

TEST_CASE("a Translation Completion has 8 bytes for each translation, and TLPs of MPS at most") {
  link_params p;
  p.mps = base::bytes(128);
  CHECK(p.translation_completion_bytes(0) == 20);
  CHECK(p.translation_completion_bytes(8) == 20 + 8);
  CHECK(p.translation_completion_bytes(16 * 8) == 20 + 128);
  CHECK(p.translation_completion_bytes(17 * 8) == 2 * 20 + 136);
  CHECK(p.translation_completion_bytes(64 * 8) == 4 * 20 + 512);
}

TEST_CASE("a PASID prefix and an ECRC add a word each") {
  link_params p;
  CHECK(p.upstream_bytes(false, 64, true) == 28);
  CHECK(p.upstream_bytes(true, 64, true) == 24 + 4 + 64);
  p.ecrc = true;
  CHECK(p.upstream_bytes(false, 64, false) == 28);
  CHECK(p.upstream_bytes(true, 64, true) == 24 + 4 + 4 + 64);
  CHECK(p.completion_overhead() == 24);
  CHECK(p.completion_bytes(0, 64) == 24 + 64);
}

TEST_CASE("completions split where the address crosses a multiple of MPS") {
  const link_params p;  // MPS 256
  CHECK(p.completion_bytes(0, 64) == 20 + 64);
  CHECK(p.completion_bytes(0, 256) == 20 + 256);
  CHECK(p.completion_bytes(0, 257) == 2 * 20 + 260);
  CHECK(p.completion_bytes(0x80, 256) == 2 * 20 + 256);
  CHECK(p.completion_bytes(0xff, 1) == 20 + 4);
  CHECK(p.completion_bytes(0xff, 2) == 2 * 20 + 4);
  CHECK(p.completion_bytes(0x1000, 4096) == 16 * 20 + 4096);
  CHECK(p.completion_bytes(0x1001, 4096) == 17 * 20 + 4096);
}

TEST_CASE("the bytes of completions are those of the pieces counted one by one") {
  REQUIRE(rc::check([] {
    link_params p;
    p.mps = bytes(std::uint64_t{128} << *rc::gen::inRange(0, 6));
    p.ecrc = *rc::gen::arbitrary<bool>();
    const auto address = *rc::gen::inRange<std::uint64_t>(0, 1 << 20);
    const auto length = *rc::gen::inRange<std::uint32_t>(1, 4097);
    std::uint64_t pieces = 0;
    for (std::uint64_t at = address; at < address + length;) {
      at = std::min(address + length, (at / p.mps.value() + 1) * p.mps.value());
      ++pieces;
    }
    const std::uint64_t words = (length + 3) / 4;
    return p.completion_bytes(address, length) == pieces * (p.ecrc ? 24 : 20) + words * 4;
  }));
}
