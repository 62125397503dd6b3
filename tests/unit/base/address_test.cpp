#include "base/address.h"

#include <catch2/catch.hpp>
#include <type_traits>
#include <unordered_set>

#include "base/bits.h"
#include "base/ids.h"

using namespace svasim::base;

TEST_CASE("an address splits into page and offset") {
  const iova a(0x12345678);
  CHECK(a.page_base(12) == iova(0x12345000));
  CHECK(a.page(12) == 0x12345);
  CHECK(a.offset(12) == 0x678);
  CHECK(a.page_base(21).value() + a.offset(21) == a.value());
}

TEST_CASE("the highest addresses split as well") {
  const pa top(~std::uint64_t{0});
  CHECK(top.page_base(12) == pa(0xfffffffffffff000));
  CHECK(top.offset(12) == 0xfff);
  CHECK(top - pa(0) == ~std::uint64_t{0});
}

TEST_CASE("addresses of one space order and hash by value") {
  CHECK(pa(1) < pa(2));
  CHECK(pa(2) <= pa(2));
  CHECK(pa(1) + 1 == pa(2));
  const std::unordered_set<ipa> set{ipa(1), ipa(1), ipa(2)};
  CHECK(set.size() == 2);
}

TEST_CASE("one space's address or id is not another's") {
  CHECK_FALSE(std::is_convertible_v<iova, pa>);
  CHECK_FALSE(std::is_convertible_v<ipa, pa>);
  CHECK_FALSE(std::is_convertible_v<std::uint64_t, pa>);
  CHECK_FALSE(std::is_convertible_v<asid, vmid>);
  CHECK_FALSE(std::is_convertible_v<stream_id, substream_id>);
  CHECK_FALSE(std::is_constructible_v<asid, vmid>);
}

TEST_CASE("ids compare by value") {
  CHECK(stream_id(8) == stream_id(8));
  CHECK(stream_id(8) != stream_id(9));
  CHECK(stream_id(8) < stream_id(9));
  CHECK(stream_id().value() == 0);
}

TEST_CASE("bit fields read and place as the specifications write them") {
  constexpr std::uint64_t v = 0xfedcba9876543210;
  CHECK(bits(v, 63, 0) == v);
  CHECK(bits(v, 7, 4) == 1);
  CHECK(bits(v, 63, 60) == 0xf);
  CHECK(bit(v, 4));
  CHECK_FALSE(bit(v, 0));
  CHECK(place(0x1ff, 11, 4) == 0xff0);
  CHECK(place(v, 63, 0) == v);
  CHECK(low_mask(0) == 0);
  CHECK(low_mask(12) == 0xfff);
  CHECK(low_mask(64) == ~std::uint64_t{0});
}

TEST_CASE("powers of two and divisions have no edge") {
  CHECK_FALSE(is_power_of_two(0));
  CHECK(is_power_of_two(1));
  CHECK(is_power_of_two(std::uint64_t{1} << 63));
  CHECK_FALSE(is_power_of_two(3));
  CHECK(log2_floor(1) == 0);
  CHECK(log2_floor(4095) == 11);
  CHECK(log2_floor(4096) == 12);
  CHECK(divide_up(0, 4) == 0);
  CHECK(divide_up(4, 4) == 1);
  CHECK(divide_up(5, 4) == 2);
}
