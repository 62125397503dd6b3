#include "arch/descriptor.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace svasim;
using namespace svasim::arch;

TEST_CASE("one descriptor of each level spans what DDI 0487 D8.2 says") {
  CHECK(level_shift(12, 3) == 12);
  CHECK(level_shift(12, 2) == 21);
  CHECK(level_shift(12, 1) == 30);
  CHECK(level_shift(12, 0) == 39);
  CHECK(level_shift(14, 3) == 14);
  CHECK(level_shift(14, 2) == 25);
  CHECK(level_shift(14, 1) == 36);
  CHECK(level_shift(14, 0) == 47);
  CHECK(level_shift(16, 3) == 16);
  CHECK(level_shift(16, 2) == 29);
  CHECK(level_shift(16, 1) == 42);
}

TEST_CASE("stage 1 starts at the level of the architecture's table for every TSZ") {
  struct row {
    unsigned granule, first, last;
    int level;
  };
  const row rows[] = {{12, 12, 15, -1}, {12, 16, 24, 0}, {12, 25, 33, 1}, {12, 34, 42, 2},
                      {12, 43, 48, 3},  {14, 12, 16, 0}, {14, 17, 27, 1}, {14, 28, 38, 2},
                      {14, 39, 48, 3},  {16, 12, 21, 1}, {16, 22, 34, 2}, {16, 35, 47, 3}};
  for (const row& r : rows) {
    for (unsigned tsz = r.first; tsz <= r.last; ++tsz) {
      INFO("granule " << r.granule << " TSZ " << tsz);
      CHECK(stage1_start_level(r.granule, 64 - tsz) == r.level);
    }
  }
}

TEST_CASE("blocks are legal at 4K L1 and L2, 16K L2 and 64K L2 only") {
  for (const unsigned granule : {12u, 14u, 16u}) {
    for (unsigned level = 0; level < 3; ++level) {
      const bool legal = level == 2 || (granule == 12 && level == 1);
      CHECK(kind_of(1, granule, level) ==
            (legal ? descriptor_kind::block : descriptor_kind::invalid));
      CHECK(kind_of(3, granule, level) == descriptor_kind::table);
    }
    CHECK(kind_of(1, granule, 3) == descriptor_kind::invalid);
    CHECK(kind_of(3, granule, 3) == descriptor_kind::page);
    CHECK(kind_of(2, granule, 3) == descriptor_kind::invalid);
  }
}

TEST_CASE("addresses drop the bits that a level does not use") {
  const std::uint64_t all = ~std::uint64_t{0};
  CHECK(table_address(all, 12) == 0xffff'ffff'f000);
  CHECK(table_address(all, 16) == 0xffff'ffff'0000);
  CHECK(leaf_address(all, 12, 3) == 0xffff'ffff'f000);
  CHECK(leaf_address(all, 12, 2) == 0xffff'ffe0'0000);
  CHECK(leaf_address(all, 12, 1) == 0xffff'c000'0000);
  CHECK(leaf_address(all, 16, 2) == 0xffff'e000'0000);
}

TEST_CASE("AP and APTable give unprivileged and privileged data accesses what D8.4 says") {
  const auto rights = [](std::uint64_t ap, table_attributes tables) {
    const permission p = stage1_permission(ap << 6, tables, {});
    return std::array{p.unpriv_read(), p.unpriv_write(), p.priv_read(), p.priv_write()};
  };
  CHECK(rights(0, {}) == std::array{false, false, true, true});
  CHECK(rights(1, {}) == std::array{true, true, true, true});
  CHECK(rights(2, {}) == std::array{false, false, true, false});
  CHECK(rights(3, {}) == std::array{true, false, true, false});
  CHECK(rights(1, {true, false, false, false}) == std::array{true, false, true, false});
  CHECK(rights(1, {false, true, false, false}) == std::array{false, false, true, true});
  CHECK(rights(1, {true, true, false, false}) == std::array{false, false, true, false});
}

TEST_CASE("privileged code does not execute what unprivileged code may write") {
  CHECK(stage1_permission(0, {}, {}).priv_execute());
  CHECK_FALSE(stage1_permission(1u << 6, {}, {}).priv_execute());
  CHECK(stage1_permission(3u << 6, {}, {}).priv_execute());
}

TEST_CASE("XN, PXN and their table forms forbid execution by privilege") {
  const std::uint64_t read_only = 3u << 6;
  const auto rights = [&](std::uint64_t leaf, table_attributes tables, stage1_controls controls) {
    const permission p = stage1_permission(read_only | leaf, tables, controls);
    return std::array{p.unpriv_execute(), p.priv_execute()};
  };
  CHECK(rights(0, {}, {}) == std::array{true, true});
  CHECK(rights(1ull << 54, {}, {}) == std::array{false, true});
  CHECK(rights(1ull << 53, {}, {}) == std::array{true, false});
  CHECK(rights(0, {false, false, true, false}, {}) == std::array{false, true});
  CHECK(rights(0, {false, false, false, true}, {}) == std::array{true, false});
}

TEST_CASE("WXN takes execution from what is writable, PAN privileged data from what is shared") {
  stage1_controls wxn{};
  wxn.wxn = true;
  CHECK_FALSE(stage1_permission(1u << 6, {}, wxn).unpriv_execute());
  CHECK_FALSE(stage1_permission(0, {}, wxn).priv_execute());
  CHECK(stage1_permission(3u << 6, {}, wxn).unpriv_execute());
  stage1_controls pan{};
  pan.pan = true;
  CHECK_FALSE(stage1_permission(1u << 6, {}, pan).priv_read());
  CHECK_FALSE(stage1_permission(1u << 6, {}, pan).priv_write());
  CHECK(stage1_permission(1u << 6, {}, pan).unpriv_write());
  CHECK(stage1_permission(0, {}, pan).priv_write());
}

TEST_CASE("EL2 has one privilege, for which the AP bit of unprivileged access does not count") {
  stage1_controls el2{};
  el2.one_privilege = true;
  const permission p = stage1_permission(0, {false, true, false, false}, el2);
  CHECK(p.unpriv_read());
  CHECK(p.unpriv_write());
  CHECK(p.priv_write());
  CHECK_FALSE(stage1_permission(1u << 7, {}, el2).priv_write());
}

TEST_CASE("S2AP is read and write, XN two bits with XNX and one without") {
  const auto data = [](std::uint64_t ap) {
    const permission p = stage2_permission(ap << 6, true);
    return std::array{p.unpriv_read(), p.unpriv_write()};
  };
  CHECK(data(0) == std::array{false, false});
  CHECK(data(1) == std::array{true, false});
  CHECK(data(2) == std::array{false, true});
  CHECK(data(3) == std::array{true, true});
  const auto execute = [](std::uint64_t xn, bool xnx) {
    const permission p = stage2_permission(3u << 6 | xn << 53, xnx);
    return std::array{p.unpriv_execute(), p.priv_execute()};
  };
  CHECK(execute(0, true) == std::array{true, true});
  CHECK(execute(1, true) == std::array{true, false});
  CHECK(execute(2, true) == std::array{false, false});
  CHECK(execute(3, true) == std::array{false, true});
  CHECK(execute(1, false) == std::array{true, true});
  CHECK(execute(3, false) == std::array{false, false});
}

TEST_CASE("an access needs the one right it uses") {
  const permission read_only{true, false, false, true, false, false};
  CHECK(read_only.allows(false, false, false));
  CHECK_FALSE(read_only.allows(true, false, false));
  CHECK_FALSE(read_only.allows(false, false, true));
  const permission write_only{false, true, false, false, false, false};
  CHECK(write_only.allows(true, false, true));  // a write is data
  CHECK_FALSE(write_only.allows(true, true, false));
}

TEST_CASE("encoded leaves decode to what went in") {
  REQUIRE(rc::check("leaf round trip", [](std::uint64_t address, bool writable) {
    bool good = true;
    for (unsigned level = 1; level <= 3; ++level) {
      const std::uint64_t output = leaf_address(address, 12, level);
      for (const auto word : {encode_stage1_leaf(output, level, writable),
                              encode_stage2_leaf(output, level, true, writable)}) {
        good = good && leaf_address(word, 12, level) == output && access_flag(word) &&
               kind_of(word, 12, level) ==
                   (level == 3 ? descriptor_kind::page : descriptor_kind::block);
      }
      const permission s1 = stage1_permission(encode_stage1_leaf(output, level, writable), {}, {});
      const permission s2 =
          stage2_permission(encode_stage2_leaf(output, level, true, writable), true);
      good = good && s1.unpriv_read() && s1.unpriv_write() == writable &&
             s2.unpriv_write() == writable &&
             not_global(encode_stage1_leaf(output, level, writable));
    }
    return good;
  }));
}
