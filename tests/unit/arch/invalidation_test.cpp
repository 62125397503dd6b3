#include "arch/invalidation.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

using namespace svasim;
using namespace svasim::arch;

namespace {
entry_tag va_tag(std::uint64_t address, unsigned size_shift = 12) {
  entry_tag t;
  t.vmid = base::vmid(1);
  t.asid = base::asid(2);
  t.address = address;
  t.size_shift = static_cast<std::uint8_t>(size_shift);
  return t;
}
entry_tag ipa_tag(std::uint64_t address, unsigned size_shift = 12) {
  entry_tag t = va_tag(address, size_shift);
  t.by_ipa = true;
  t.asid = base::asid(0);
  return t;
}
command tlbi(opcode op, std::uint64_t address = 0) {
  command c;
  c.op = op;
  c.vmid = base::vmid(1);
  c.asid = base::asid(2);
  c.address = address;
  return c;
}
invalidation scope(const command& c) {
  return invalidation(c, idr());
}
config_key key(std::uint32_t sid, bool has_ssid = false, std::uint32_t ssid = 0) {
  return {base::stream_id(sid), has_ssid, base::substream_id(ssid)};
}
}  // namespace

TEST_CASE("TLBI_NH_VA removes the page of its ASID and VMID, and globals there") {
  const auto s = scope(tlbi(opcode::tlbi_nh_va, 0x5000));
  CHECK(s.covers(va_tag(0x5000)));
  CHECK_FALSE(s.covers(va_tag(0x4000)));
  CHECK_FALSE(s.covers(va_tag(0x6000)));
  CHECK(s.covers(va_tag(0, 21)));  // a block around the page
  entry_tag t = va_tag(0x5000);
  t.asid = base::asid(3);
  CHECK_FALSE(s.covers(t));
  t.global = true;
  CHECK(s.covers(t));
  t.vmid = base::vmid(9);
  CHECK_FALSE(s.covers(t));
  CHECK_FALSE(s.covers(ipa_tag(0x5000)));
}

TEST_CASE("TLBI_NH_VAA removes the page under every ASID of its VMID") {
  const auto s = scope(tlbi(opcode::tlbi_nh_vaa, 0x5000));
  entry_tag t = va_tag(0x5000);
  t.asid = base::asid(77);
  CHECK(s.covers(t));
  t.vmid = base::vmid(9);
  CHECK_FALSE(s.covers(t));
}

TEST_CASE("TLBI_NH_ASID leaves globals, TLBI_NH_ALL takes them") {
  entry_tag global = va_tag(0x5000);
  global.global = true;
  CHECK(scope(tlbi(opcode::tlbi_nh_asid)).covers(va_tag(0x5000)));
  CHECK_FALSE(scope(tlbi(opcode::tlbi_nh_asid)).covers(global));
  CHECK(scope(tlbi(opcode::tlbi_nh_all)).covers(global));
  CHECK_FALSE(scope(tlbi(opcode::tlbi_nh_all)).covers(ipa_tag(0x5000)));
}

TEST_CASE("a broadcast scoped by ASID spares entries with ASET, one that is not takes them") {
  entry_tag t = va_tag(0x5000);
  t.aset = true;
  for (const auto op : {opcode::tlbi_nh_va, opcode::tlbi_nh_asid}) {
    auto s = scope(tlbi(op, 0x5000));
    CHECK(s.covers(t));
    s.set_broadcast();
    CHECK_FALSE(s.covers(t));
    CHECK(s.covers(va_tag(0x5000)));
  }
  for (const auto op : {opcode::tlbi_nh_vaa, opcode::tlbi_nh_all, opcode::tlbi_s12_vmall}) {
    auto s = scope(tlbi(op, 0x5000));
    s.set_broadcast();
    CHECK(s.covers(t));
  }
}

TEST_CASE("TLBI_S2_IPA removes stage 2 entries of its VM but no combined ones") {
  const auto s = scope(tlbi(opcode::tlbi_s2_ipa, 0x5000));
  CHECK(s.covers(ipa_tag(0x5000)));
  CHECK_FALSE(s.covers(ipa_tag(0x6000)));
  CHECK_FALSE(s.covers(va_tag(0x5000)));
  entry_tag other = ipa_tag(0x5000);
  other.vmid = base::vmid(9);
  CHECK_FALSE(s.covers(other));
}

TEST_CASE("TLBI_S12_VMALL empties one VM, TLBI_NSNH_ALL all of them") {
  entry_tag other = va_tag(0x5000);
  other.vmid = base::vmid(9);
  const auto vm = scope(tlbi(opcode::tlbi_s12_vmall));
  CHECK(vm.covers(va_tag(0x5000)));
  CHECK(vm.covers(ipa_tag(0x5000)));
  CHECK_FALSE(vm.covers(other));
  const auto all = scope(tlbi(opcode::tlbi_nsnh_all));
  CHECK(all.covers(other));
  CHECK(all.covers(ipa_tag(0x5000)));
  CHECK(all.is_everything());
}

TEST_CASE("the EL2 world is reached by EL2 commands only") {
  entry_tag el2 = va_tag(0x5000);
  el2.world = stream_world::el2_e2h;
  el2.vmid = base::vmid(0);
  CHECK_FALSE(scope(tlbi(opcode::tlbi_nsnh_all)).covers(el2));
  CHECK_FALSE(scope(tlbi(opcode::tlbi_nh_all)).covers(el2));
  CHECK(scope(tlbi(opcode::tlbi_el2_all)).covers(el2));
  CHECK(scope(tlbi(opcode::tlbi_el2_va, 0x5000)).covers(el2));
  CHECK_FALSE(scope(tlbi(opcode::tlbi_el2_va, 0x6000)).covers(el2));
  CHECK_FALSE(scope(tlbi(opcode::tlbi_el2_all)).covers(va_tag(0x5000)));
}

TEST_CASE("Leaf = 1 spares walk cache entries, Leaf = 0 takes those around the address") {
  command c = tlbi(opcode::tlbi_nh_va, 0x5000);
  entry_tag table = va_tag(0, 30);
  table.table = true;
  CHECK(scope(c).covers(table));
  table.address = std::uint64_t{1} << 30;
  CHECK_FALSE(scope(c).covers(table));
  table.address = 0;
  c.leaf = true;
  CHECK_FALSE(scope(c).covers(table));
  CHECK(scope(c).covers(va_tag(0x5000)));
  CHECK(scope(tlbi(opcode::tlbi_nh_asid)).covers(table));
}

TEST_CASE("a range covers (NUM+1) * 2^SCALE granules, exactly") {
  command c = tlbi(opcode::tlbi_nh_va, 0x10'0000);
  c.tg = 1;
  c.num = 2;
  c.scale = 3;  // 24 pages
  const auto s = scope(c);
  CHECK(s.covers(va_tag(0x10'0000)));
  CHECK(s.covers(va_tag(0x10'0000 + 23 * 4096)));
  CHECK_FALSE(s.covers(va_tag(0x10'0000 + 24 * 4096)));
  CHECK_FALSE(s.covers(va_tag(0xf'f000)));
  c.tg = 3;
  CHECK(scope(c).covers(va_tag(0x10'0000 + 23 * 65536)));
  CHECK_FALSE(scope(c).covers(va_tag(0x10'0000 + 24 * 65536)));
  c.tg = 2;
  CHECK(scope(c).last() == 0x10'0000 + 24 * 16384 - 1);
}

TEST_CASE("without range commands only the page of the address goes") {
  registers words;
  words.idr3 &= ~(1u << 10);
  command c = tlbi(opcode::tlbi_nh_va, 0x10'0000);
  c.tg = 1;
  c.num = 2;
  const invalidation s(c, idr(words));
  CHECK(s.covers(va_tag(0x10'0000)));
  CHECK_FALSE(s.covers(va_tag(0x10'1000)));
}

TEST_CASE("a range at the top of the address space does not wrap") {
  command c = tlbi(opcode::tlbi_nh_va, 0xffff'ffff'ffff'f000);
  c.tg = 1;
  c.num = 31;
  c.scale = 31;
  CHECK(scope(c).covers(va_tag(0xffff'ffff'ffff'f000)));
  CHECK_FALSE(scope(c).covers(va_tag(0)));
}

TEST_CASE("a TLBI of a tagged VA removes the entry kept under its canonical form") {
  CHECK(scope(tlbi(opcode::tlbi_nh_va, 0xab00'1234'5678'9000)).covers(va_tag(0x1234'5678'9000)));
}

TEST_CASE("without stage 2 the VMID of a command does not count") {
  registers words;
  words.idr0 &= ~1u;
  entry_tag t = va_tag(0x5000);
  t.vmid = base::vmid(0);
  CHECK(invalidation(tlbi(opcode::tlbi_nh_va, 0x5000), idr(words)).covers(t));
}

TEST_CASE("CFGI commands remove configurations by stream, range and substream") {
  command c;
  c.sid = base::stream_id(0x123);
  c.op = opcode::cfgi_ste;
  CHECK(scope(c).covers(key(0x123)));
  CHECK(scope(c).covers(key(0x123, true, 5)));
  CHECK_FALSE(scope(c).covers(key(0x124)));
  CHECK_FALSE(scope(c).covers(va_tag(0)));

  c.op = opcode::cfgi_cd;
  c.ssid = base::substream_id(5);
  CHECK(scope(c).covers(key(0x123, true, 5)));
  CHECK_FALSE(scope(c).covers(key(0x123, true, 6)));
  CHECK_FALSE(scope(c).covers(key(0x123)));
  c.ssid = base::substream_id(0);
  CHECK(scope(c).covers(key(0x123)));

  c.op = opcode::cfgi_cd_all;
  CHECK(scope(c).covers(key(0x123, true, 6)));
  CHECK_FALSE(scope(c).covers(key(0x122)));

  c.op = opcode::cfgi_ste_range;
  c.range = 3;  // 16 StreamIDs, aligned down
  CHECK(scope(c).covers(key(0x120)));
  CHECK(scope(c).covers(key(0x12f)));
  CHECK_FALSE(scope(c).covers(key(0x130)));
  CHECK_FALSE(scope(c).covers(key(0x11f)));
  c.range = 31;
  CHECK(scope(c).covers(key(0)));
  CHECK(scope(c).covers(key(0xffff'ffff)));
}

TEST_CASE("commands that invalidate nothing cover nothing") {
  for (const auto op : {opcode::sync, opcode::prefetch_config, opcode::atc_inv, opcode::resume}) {
    command c;
    c.op = op;
    CHECK_FALSE(scope(c).is_translation());
    CHECK_FALSE(scope(c).is_config());
    CHECK_FALSE(scope(c).covers(va_tag(0)));
    CHECK_FALSE(scope(c).covers(key(0)));
  }
}

TEST_CASE("a range covers an entry exactly if they share a byte") {
  REQUIRE(
      rc::check("range against pages", [](std::uint16_t first, std::uint8_t num, std::uint8_t scale,
                                          std::uint16_t page, std::uint8_t size) {
        command c = tlbi(opcode::tlbi_nh_va, std::uint64_t{first} << 12);
        c.tg = 1;
        c.num = num % 32;
        c.scale = scale % 8;
        const unsigned shift = 12 + size % 10;
        const std::uint64_t base = std::uint64_t{page} << 12 >> shift << shift;
        bool shared = false;
        const std::uint64_t pages = (c.num + std::uint64_t{1}) << c.scale;
        for (std::uint64_t p = 0; p < pages && !shared; ++p) {
          const std::uint64_t at = c.address + (p << 12);
          shared = at >= base && at < base + (std::uint64_t{1} << shift);
        }
        return scope(c).covers(va_tag(base, shift)) == shared;
      }));
}
