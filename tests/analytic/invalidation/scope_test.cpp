// A command removes what it covers, and nothing else: counted by the misses that follow.
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t page = 4096;
constexpr unsigned pages = 8;

// Two address spaces; both touch all pages.
memory_workload& touch_all(memory_workload& w) {
  for (const std::uint32_t sid : {8u, 9u}) {
    for (unsigned i = 0; i < pages; ++i) w.read(first + i * page).by(sid);
  }
  return w;
}

memory_workload two_spaces() {
  memory_workload w;
  w.stream(8, 1).stream(9, 2);
  return touch_all(w);
}

arch::command command(arch::opcode op, std::uint16_t asid = 0) {
  arch::command c;
  c.op = op;
  c.asid = base::asid(asid);
  return c;
}

// All pages touched again after the command: `misses` of them miss, as that many entries have gone.
void check_scope(const arch::command& c, unsigned misses) {
  const auto p = distinct_platform();
  memory_workload w = two_spaces();
  w.command(c).sync();
  touch_all(w);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("smmu.tbu.utlb.misses") == 2 * pages + misses);
  CHECK(s.count("smmu.tbu.main_tlb.misses") == 2 * pages + misses);
  CHECK(s.count("smmu.tbu.utlb.invalidated") == misses);
  CHECK(s.count("smmu.tbu.main_tlb.invalidated") == misses);
}

TEST_CASE("TLBI_NH_VA removes one page of one address space") {
  arch::command c = command(arch::opcode::tlbi_nh_va, 1);
  c.address = first + 3 * page;
  check_scope(c, 1);
}

TEST_CASE("TLBI_NH_VA of another ASID removes nothing") {
  arch::command c = command(arch::opcode::tlbi_nh_va, 3);
  c.address = first + 3 * page;
  check_scope(c, 0);
}

TEST_CASE("TLBI_NH_VA of a range removes the pages of the range") {
  arch::command c = command(arch::opcode::tlbi_nh_va, 2);
  c.address = first + 2 * page;
  c.tg = 1;
  c.num = 4;  // five granules of 4 KiB
  check_scope(c, 5);
}

TEST_CASE("TLBI_NH_ASID removes an address space") {
  check_scope(command(arch::opcode::tlbi_nh_asid, 2), pages);
}

TEST_CASE("TLBI_NSNH_ALL removes everything") {
  check_scope(command(arch::opcode::tlbi_nsnh_all), 2 * pages);
}

// Both streams touch all pages, the configuration of one goes, both touch all again and a page
// more.
void check_config(const platforms::platform_params& p, unsigned entries_gone) {
  arch::command c = command(arch::opcode::cfgi_ste);
  c.sid = base::stream_id(9);
  c.leaf = true;
  memory_workload w = two_spaces();
  w.command(c).sync();
  touch_all(w);
  w.read(first + pages * page).by(8).read(first + pages * page).by(9);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("smmu.tbu.main_tlb.invalidated") == entries_gone);
  CHECK(s.count("smmu.tbu.main_tlb.misses") == 2 * pages + 2 + entries_gone);
  CHECK(s.count("smmu.tcu.configuration_cache.invalidated") == 1);
  CHECK(s.count("smmu.tcu.configuration_cache.misses") == 3);
  CHECK(s.count("smmu.walker.config_reads") == 3 * 3);
}

TEST_CASE("CFGI_STE removes the configuration of its stream, and what is tagged by that stream") {
  check_config(distinct_platform(), pages);
}

TEST_CASE("CFGI_STE removes no translations where the platform says so") {
  auto p = distinct_platform();
  p.smmu.tbu.cfgi_drops_entries = false;
  check_config(p, 0);
}

// Misses of the level-2 walk cache after a TLBI_NH_VA, with Leaf or without.
std::uint64_t reads_after(bool leaf) {
  const auto p = distinct_platform();
  memory_workload w;
  w.stream(8, 1).read(first).read(first + page);
  arch::command c = command(arch::opcode::tlbi_nh_va, 1);
  c.address = first;
  c.leaf = leaf;
  w.command(c).sync().read(first);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  return s.model().walker().statistics().descriptor_reads() - 4 - 1;  // of the first two accesses
}

TEST_CASE("a TLBI of a leaf keeps the walk caches: the next walk reads one descriptor") {
  CHECK(reads_after(true) == 1);
}

TEST_CASE("a TLBI without Leaf takes the tables above: the next walk reads all four levels") {
  CHECK(reads_after(false) == 4);
}

TEST_CASE("a block goes with a TLBI of any page inside it") {
  const auto p = distinct_platform();
  memory_workload w;
  w.stream(memory_workload::sid, 1).pages_of(base::mib(2));
  w.region(memory_workload::sid, first, base::mib(2), 0x80000000);
  arch::command c = command(arch::opcode::tlbi_nh_vaa);
  c.address = first + 5 * page;
  w.read(first).to(0x80000000).command(c).sync();
  w.read(first + 7 * page).to(0x80000000 + 7 * page);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("smmu.tbu.main_tlb.invalidated") == 1);
  CHECK(s.count("smmu.tbu.main_tlb.misses") == 2);
}

}  // namespace
}  // namespace svasim::test
