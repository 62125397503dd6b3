#include "tlm/smmu/walk_cache.h"

#include <catch2/catch.hpp>

#include "tests/support/time_matchers.h"

using namespace svasim;
using arch::stage;
using base::ns;
using smmu::walk_cache;

namespace {

arch::decoded_config stage1(std::uint16_t asid = 1, std::uint16_t vmid = 0) {
  arch::decoded_config c;
  c.action = arch::config_action::translate;
  c.s1_on = true;
  c.stage2_implemented = true;
  c.asid = base::asid(asid);
  c.vmid = base::vmid(vmid);
  return c;
}
arch::decoded_config nested(std::uint16_t asid = 1, std::uint16_t vmid = 7) {
  arch::decoded_config c = stage1(asid, vmid);
  c.s2_on = true;
  return c;
}

// The table of descriptors of `level` that a walk for `address` goes through (4 KiB granule).
arch::table_entry table(unsigned level, std::uint64_t address, stage of = stage::s1) {
  arch::table_entry t;
  t.stage = of;
  t.level = static_cast<std::uint8_t>(level);
  t.shift = static_cast<std::uint8_t>(arch::level_shift(12, level - 1));
  t.prefix = address >> t.shift << t.shift;
  t.table = 0x40000000 + level * 0x1000;
  return t;
}

arch::stage_request begin(std::uint64_t address, stage of = stage::s1, unsigned start_level = 0) {
  arch::stage_request r;
  r.stage = of;
  r.address = address;
  r.start_level = static_cast<std::uint8_t>(start_level);
  return r;
}

arch::invalidation by_va(std::uint64_t address, bool leaf, std::uint16_t asid = 1,
                         std::uint16_t vmid = 0) {
  arch::command c;
  c.op = arch::opcode::tlbi_nh_va;
  c.address = address;
  c.leaf = leaf;
  c.asid = base::asid(asid);
  c.vmid = base::vmid(vmid);
  return arch::invalidation(c, arch::idr());
}

arch::invalidation plain(arch::opcode op, std::uint16_t vmid = 0) {
  arch::command c;
  c.op = op;
  c.vmid = base::vmid(vmid);
  return arch::invalidation(c, arch::idr());
}

struct bench {
  explicit bench(const smmu::walk_cache_params& p = {}) : cache(p, &root) {}
  unsigned level_of(const arch::stage_request& r, const arch::decoded_config& c = stage1()) {
    const arch::table_entry* found = cache.lookup(r, c, {}, {}).table;
    return found == nullptr ? 0 : found->level;
  }
  stats::group root{"test"};
  walk_cache cache;
};

constexpr std::uint64_t address = 0x12'3456'7000;
constexpr std::uint64_t gib = 1ull << 30, mib2 = 2ull << 20;

}  // namespace

TEST_CASE("the deepest table that covers the address is found") {
  bench b;
  CHECK(b.cache.lookup(begin(address), stage1(), {}, {}).table == nullptr);
  b.cache.insert(table(1, address), stage1(), {});
  CHECK(b.level_of(begin(address)) == 1);
  b.cache.insert(table(3, address), stage1(), {});
  CHECK(b.level_of(begin(address)) == 3);
  b.cache.insert(table(2, address), stage1(), {});
  CHECK(b.level_of(begin(address)) == 3);
  CHECK(b.level_of(begin(address + mib2)) == 2);
  CHECK(b.level_of(begin(address + gib)) == 1);
  CHECK(b.level_of(begin(address + 512 * gib)) == 0);
}

TEST_CASE("lookups end at the first hit from below, and the hit is counted there") {
  bench b;
  b.cache.insert(table(2, address), stage1(), {});
  b.cache.lookup(begin(address), stage1(), {}, {});
  CHECK(b.cache.statistics(1, 2).lookups.value() == 1);
  CHECK(b.cache.statistics(1, 2).hits.value() == 0);
  CHECK(b.cache.statistics(1, 1).lookups.value() == 1);
  CHECK(b.cache.statistics(1, 1).hits.value() == 1);
  CHECK(b.cache.statistics(1, 0).lookups.value() == 0);
  CHECK(b.cache.statistics(1, 1).fills.value() == 1);
}

TEST_CASE("a walk that starts at level 1 does not look for tables above it") {
  bench b;
  b.cache.insert(table(1, address), stage1(), {});
  CHECK(b.level_of(begin(address, stage::s1, 1)) == 0);
  CHECK(b.cache.statistics(1, 0).lookups.value() == 0);
}

TEST_CASE("root tables are not kept") {
  bench b;
  arch::table_entry root = table(1, address);
  root.root = true;
  b.cache.insert(root, stage1(), {});
  CHECK(b.level_of(begin(address)) == 0);
}

TEST_CASE("tables are found under their ASID and VMID only") {
  bench b;
  b.cache.insert(table(3, address), stage1(1, 7), {});
  CHECK(b.level_of(begin(address), stage1(1, 7)) == 3);
  CHECK(b.level_of(begin(address), stage1(2, 7)) == 0);
  CHECK(b.level_of(begin(address), stage1(1, 8)) == 0);
}

TEST_CASE("tables of another translation regime are not found") {
  bench b;
  arch::decoded_config el2 = stage1();
  el2.world = arch::stream_world::el2_e2h;
  b.cache.insert(table(3, address), stage1(), {});
  CHECK(b.level_of(begin(address), el2) == 0);
}

TEST_CASE("stage 2 tables are shared by all address spaces of a VM, and kept from stage 1") {
  bench b;
  b.cache.insert(table(3, address, stage::s2), nested(1, 7), {});
  CHECK(b.level_of(begin(address, stage::s2), nested(2, 7)) == 3);
  CHECK(b.level_of(begin(address, stage::s2), nested(1, 8)) == 0);
  CHECK(b.level_of(begin(address, stage::s1), nested(1, 7)) == 0);
}

TEST_CASE("nested walks can be kept from the walk caches") {
  smmu::walk_cache_params p;
  p.nested = false;
  bench b(p);
  CHECK_FALSE(b.cache.applies(stage::s1, arch::event_class::input, nested()));
  CHECK_FALSE(b.cache.applies(stage::s2, arch::event_class::input, nested()));
  CHECK(b.cache.applies(stage::s1, arch::event_class::input, stage1()));
}

TEST_CASE("a stage without any walk cache is not looked up") {
  smmu::walk_cache_params p;
  for (auto* c : {&p.s1_l0, &p.s1_l1, &p.s1_l2}) c->entries = c->ways = 0;
  bench b(p);
  CHECK_FALSE(b.cache.applies(stage::s1, arch::event_class::input, stage1()));
  CHECK(b.cache.applies(stage::s2, arch::event_class::input, nested()));
  b.cache.insert(table(3, address), stage1(), {});
  CHECK(b.level_of(begin(address)) == 0);
}

TEST_CASE("a level that is left out is skipped, those above it serve") {
  smmu::walk_cache_params p;
  p.s1_l2.entries = p.s1_l2.ways = 0;
  bench b(p);
  b.cache.insert(table(3, address), stage1(), {});
  b.cache.insert(table(2, address), stage1(), {});
  CHECK(b.level_of(begin(address)) == 2);
  CHECK(b.cache.statistics(1, 2).fills.value() == 0);
}

TEST_CASE("a TLBI by VA of leaves only spares the tables on the way") {
  bench b;
  for (const unsigned level : {1, 2, 3}) b.cache.insert(table(level, address), stage1(), {});
  b.cache.invalidate(by_va(address, true));
  CHECK(b.level_of(begin(address)) == 3);
  CHECK(b.cache.statistics(1, 2).invalidated.value() == 0);
}

TEST_CASE("a TLBI by VA drops every table on the way to its page, and no other") {
  bench b;
  for (const unsigned level : {1, 2, 3}) b.cache.insert(table(level, address), stage1(), {});
  b.cache.insert(table(3, address + mib2), stage1(), {});
  b.cache.invalidate(by_va(address, false));
  CHECK(b.level_of(begin(address)) == 0);
  CHECK(b.level_of(begin(address + mib2)) == 3);
  for (const unsigned level : {0, 1, 2}) {
    CHECK(b.cache.statistics(1, level).invalidated.value() == 1);
  }
}

TEST_CASE("a TLBI of another ASID or VMID drops no table") {
  bench b;
  b.cache.insert(table(3, address), stage1(1, 7), {});
  b.cache.invalidate(by_va(address, false, 2, 7));
  b.cache.invalidate(by_va(address, false, 1, 8));
  b.cache.invalidate(plain(arch::opcode::tlbi_nh_all, 8));
  CHECK(b.level_of(begin(address), stage1(1, 7)) == 3);
}

TEST_CASE("TLBI_NH_ALL drops the stage 1 tables of a VM, TLBI_S12_VMALL those of stage 2 too") {
  bench b;
  b.cache.insert(table(3, address), nested(1, 7), {});
  b.cache.insert(table(3, address, stage::s2), nested(1, 7), {});
  b.cache.invalidate(plain(arch::opcode::tlbi_nh_all, 7));
  CHECK(b.level_of(begin(address), nested(1, 7)) == 0);
  CHECK(b.level_of(begin(address, stage::s2), nested(1, 7)) == 3);
  b.cache.invalidate(plain(arch::opcode::tlbi_s12_vmall, 7));
  CHECK(b.level_of(begin(address, stage::s2), nested(1, 7)) == 0);
}

TEST_CASE("a full set makes room, and counts what left") {
  smmu::walk_cache_params p;
  p.s1_l2 = {2, 2, uarch::replacement::lru, ns(4), "test"};
  bench b(p);
  for (std::uint64_t n = 0; n < 3; ++n) b.cache.insert(table(3, n * mib2), stage1(), {});
  CHECK(b.cache.statistics(1, 2).evictions.value() == 1);
  CHECK(b.level_of(begin(0)) == 0);
  CHECK(b.level_of(begin(mib2)) == 3);
  CHECK(b.level_of(begin(2 * mib2)) == 3);
}
