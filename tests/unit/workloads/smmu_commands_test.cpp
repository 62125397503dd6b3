#include "workloads/smmu_commands.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "base/bits.h"

using namespace svasim;
namespace cmd = workloads::smmu_commands;

TEST_CASE("commands carry their operands where IHI 0070 section 4 puts them") {
  CHECK(cmd::of_stream(cmd::cfgi_ste, base::stream_id(0x200)) == cmd::words{0x0000020000000003, 0});
  CHECK(cmd::of_stream_range(base::stream_id(0x40), 4) == cmd::words{0x0000004000000004, 4});
  CHECK(cmd::of_tag(cmd::tlbi_nh_asid, base::vmid(0x12), base::asid(0x3456)) ==
        cmd::words{0x3456001200000011, 0});
  CHECK(cmd::of_tag(cmd::sync, {}, {}) == cmd::words{0x46, 0});
  // 3 * 2^2 pages of 4 KiB: NUM 2 at [16:12], SCALE 2 at [24:20]; TG 1, TTL 3, Leaf 1.
  CHECK(*cmd::of_range(cmd::tlbi_nh_va, {0x12, 0x3456, 0xffd6c000, 1, 12, 3, true}) ==
        cmd::words{0x3456001200202012, 0xffd6c701});
}

TEST_CASE("one page with TTL 0 becomes a single address, which is no CERROR_ILL") {
  const auto w = *cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0x5000, 1, 1, 0, false});
  CHECK(base::bits(w[1], 11, 10) == 0);
  CHECK(base::bits(w[1], 63, 12) == 5);
  SECTION("with a TTL it stays a range") {
    const auto ranged = *cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0x5000, 1, 1, 3, false});
    CHECK(base::bits(ranged[1], 11, 10) == 1);
  }
}

TEST_CASE("a page count without (NUM, SCALE) is not encoded") {
  CHECK_FALSE(cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0, 1, 33, 3, true}));
  CHECK_FALSE(cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0, 1, 0, 3, true}));
  CHECK(cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0, 1, 31, 3, true}));
  CHECK(cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0, 1, 32, 3, true}));
}

TEST_CASE("a range that is encoded names exactly its pages") {
  REQUIRE(rc::check([] {
    const auto scale = *rc::gen::inRange<unsigned>(0, 32);
    const auto number = *rc::gen::inRange<std::uint64_t>(1, 33);
    const auto tg = *rc::gen::inRange<std::uint8_t>(1, 4);
    const std::uint64_t pages = number << scale;
    const std::uint64_t address = *rc::gen::inRange<std::uint64_t>(0, 1 << 20) << 16;
    const auto ttl = *rc::gen::inRange<std::uint8_t>(1, 4);
    const auto w = cmd::of_range(cmd::tlbi_nh_va, {0, 7, address, tg, pages, ttl, true});
    if (!w) return false;
    const auto range = cmd::named_range(*w);
    const std::uint64_t bytes = pages * (std::uint64_t{1024} << (2 * tg));
    return range->first == address && range->last == address + bytes - 1 && range->pages == pages;
  }));
}

TEST_CASE("only address commands name a range, and it ends with the address space") {
  CHECK_FALSE(cmd::named_range(cmd::of_tag(cmd::tlbi_nh_asid, {}, base::asid(1))));
  const auto top = cmd::named_range(
      *cmd::of_range(cmd::tlbi_nh_va, {0, 1, 0xfffffffffffff000, 1, 32, 3, false}));
  CHECK(top->last == ~std::uint64_t{0});
}
