#include "tlm/software/arm_smmu_v3.h"

#include <rapidcheck.h>

#include "arch/invalidation.h"
#include "software_bench.h"

using namespace svasim;
using arch::command;
using arch::opcode;
using base::ns;
using software::arm_smmu_v3;
using software::arm_smmu_v3_params;
using test::run_dry;

namespace {

constexpr std::uint64_t page = 4096;
const base::asid asid{7};
const base::vmid vmid{3};

arm_smmu_v3_params params(bool ranges) {
  arm_smmu_v3_params p;
  p.range_invalidation = ranges;
  return p;
}

// The pages that TLBIs by VA name, by their definition: (NUM + 1) * 2^SCALE pages from the address,
// in order; empty where a command is none, or overlaps the one before.
std::vector<std::pair<std::uint64_t, std::uint64_t>> cover(const std::vector<command>& commands) {
  std::vector<std::pair<std::uint64_t, std::uint64_t>> out;
  for (const command& c : commands) {
    if (c.op != opcode::tlbi_nh_va || !c.leaf) return {};
    if (!(c.asid == asid) || !(c.vmid == vmid)) return {};
    const std::uint64_t pages = c.tg == 0 ? 1 : (c.num + 1ull) << c.scale;
    if (!out.empty() && out.back().second == c.address) {
      out.back().second += pages * page;
    } else {
      out.push_back({c.address, c.address + pages * page});
    }
  }
  return out;
}

struct bench : test::software_bench {
  explicit bench(const arm_smmu_v3_params& p = {}, bool has_atc = true)
      : software_bench(4, 256),
        driver(p, where(256), has_atc, nullptr, kit::hop::hk_response, &root) {
    driver.bind(base::substream_id(5), base::stream_id(8), vmid);
  }
  void run(std::function<void(kit::task&)> body) {
    spawn("task", 0u, std::move(body));
    run_dry();
  }
  arm_smmu_v3 driver;
};

using ops = std::vector<opcode>;

}  // namespace

TEST_CASE("TLBIs for a range name exactly its pages") {
  REQUIRE(rc::check([] {
    const bool ranges = *rc::gen::arbitrary<bool>();
    const std::uint64_t first = *rc::gen::inRange<std::uint64_t>(0, 1ull << 36) * page;
    const std::uint64_t pages = ranges
                                    ? *rc::gen::oneOf(rc::gen::inRange<std::uint64_t>(1, 5000),
                                                      rc::gen::inRange<std::uint64_t>(1, 1 << 24))
                                    : *rc::gen::inRange<std::uint64_t>(1, 512);
    const auto commands = arm_smmu_v3::tlbi_for(params(ranges), asid, vmid, first, pages);
    const auto covered = cover(commands);
    RC_ASSERT(covered.size() == 1u);
    RC_ASSERT(covered[0].first == first);
    RC_ASSERT(covered[0].second == first + pages * page);
    for (const command& c : commands) {
      RC_ASSERT(c.num <= 30);  // Linux: NUM is at most 31 pages of a scale, less one
      RC_ASSERT(!(c.tg != 0 && c.num == 0 && c.scale == 0 && c.ttl == 0));  // reserved
      RC_ASSERT(ranges || c.tg == 0);
    }
    // Five bits of the number of pages for each command.
    if (ranges) RC_ASSERT(commands.size() <= 5u);
  }));
}

TEST_CASE("the SMMU removes the pages of those TLBIs, and not the ones beside them") {
  const arch::idr caps;
  REQUIRE(rc::check([&caps] {
    const std::uint64_t first = *rc::gen::inRange<std::uint64_t>(1, 1ull << 30) * page;
    const std::uint64_t pages = *rc::gen::inRange<std::uint64_t>(1, 5000);
    std::vector<arch::invalidation> scopes;
    for (const command& c : arm_smmu_v3::tlbi_for(params(true), asid, vmid, first, pages)) {
      RC_ASSERT(arch::check(c, caps) == arch::command_error::none);
      scopes.emplace_back(c, caps);
    }
    const auto removed = [&scopes](std::uint64_t at) {
      arch::entry_tag tag;
      tag.asid = asid;
      tag.vmid = vmid;
      tag.address = at;
      tag.size_shift = 12;
      return std::any_of(scopes.begin(), scopes.end(),
                         [&tag](const auto& s) { return s.covers(tag); });
    };
    const std::uint64_t inside = *rc::gen::inRange<std::uint64_t>(0, pages);
    RC_ASSERT(removed(first));
    RC_ASSERT(removed(first + inside * page));
    RC_ASSERT(removed(first + (pages - 1) * page));
    RC_ASSERT(!removed(first - page));
    RC_ASSERT(!removed(first + pages * page));
  }));
}

TEST_CASE("without range invalidation 511 pages are 511 TLBIs, 512 are one by ASID") {
  CHECK(arm_smmu_v3::tlbi_for(params(false), asid, vmid, page, 511).size() == 511);
  const auto whole = arm_smmu_v3::tlbi_for(params(false), asid, vmid, page, 512);
  REQUIRE(whole.size() == 1);
  CHECK(whole[0].op == opcode::tlbi_nh_asid);
  CHECK(whole[0].asid == asid);
  CHECK(whole[0].vmid == vmid);
}

TEST_CASE("the whole address space is one TLBI by ASID, with ranges and without") {
  for (const bool ranges : {false, true}) {
    const auto c = arm_smmu_v3::tlbi_for(params(ranges), asid, vmid, 0, 0);
    REQUIRE(c.size() == 1);
    CHECK(c[0].op == opcode::tlbi_nh_asid);
  }
}

TEST_CASE("ATC_INV covers the smallest aligned power of two around the range") {
  REQUIRE(rc::check([] {
    const std::uint64_t first = *rc::gen::inRange<std::uint64_t>(0, 1ull << 36);
    const std::uint64_t pages = *rc::gen::inRange<std::uint64_t>(1, 10000);
    const command c = arm_smmu_v3::atc_inv_for(base::stream_id(8), true, base::substream_id(5),
                                               first * page, pages);
    unsigned size = 0;
    while (first >> size != (first + pages - 1) >> size) ++size;
    RC_ASSERT(c.op == opcode::atc_inv);
    RC_ASSERT(unsigned{c.size} == size);
    RC_ASSERT(c.address == first >> size << size << 12);
    RC_ASSERT(c.sid.value() == 8u);
    RC_ASSERT(c.has_ssid);
    RC_ASSERT(c.ssid.value() == 5u);
  }));
}

TEST_CASE("pages 7 to 10 are invalidated in the ATC as 16 pages from 0") {
  const command c =
      arm_smmu_v3::atc_inv_for(base::stream_id(8), true, base::substream_id(5), 7 * page, 4);
  CHECK(c.address == 0);
  CHECK(c.size == 4);
}

TEST_CASE("an invalidation is TLBI and sync, then an ATC_INV for each stream and sync") {
  bench b;
  b.driver.bind(base::substream_id(5), base::stream_id(9), vmid);
  b.run([&](kit::task& t) { b.driver.invalidate(t, {base::substream_id(5), asid, 0x7000, 1}); });
  CHECK(b.opcodes() ==
        ops{opcode::tlbi_nh_va, opcode::sync, opcode::atc_inv, opcode::atc_inv, opcode::sync});
  REQUIRE(b.consumed.size() == 5);
  CHECK(b.consumed[2].sid.value() == 8);
  CHECK(b.consumed[3].sid.value() == 9);
  CHECK(b.driver.statistics().invalidations.value() == 1);
  CHECK(b.driver.statistics().tlbi.value() == 1);
  CHECK(b.driver.statistics().atc_inv.value() == 2);
}

TEST_CASE("the ATC is not asked before the TLBs are clean") {
  bench b;
  b.pace = 1;
  bool early = false;
  std::size_t first_sync = 0;
  b.memory.on_request = [&](auto&) {
    for (std::size_t i = 0; i < b.consumed.size(); ++i) {
      if (b.consumed[i].op == opcode::sync && first_sync == 0) first_sync = i + 1;
    }
    if (b.prod > 2 && first_sync == 0) early = true;
  };
  b.run([&](kit::task& t) { b.driver.invalidate(t, {base::substream_id(5), asid, 0x7000, 1}); });
  CHECK_FALSE(early);
  CHECK(b.written[b.smmu + 0x98] == std::vector<std::uint32_t>{2, 4});
}

TEST_CASE("with broadcast invalidation only the ATC is asked, without an ATC only the TLBs") {
  arm_smmu_v3_params p;
  p.broadcast = true;
  bench b(p);
  b.run([&](kit::task& t) { b.driver.invalidate(t, {base::substream_id(5), asid, 0x7000, 1}); });
  CHECK(b.opcodes() == ops{opcode::atc_inv, opcode::sync});
}

TEST_CASE("a device without an ATC needs no ATC_INV") {
  bench b({}, false);
  b.run([&](kit::task& t) { b.driver.invalidate(t, {base::substream_id(5), asid, 0x7000, 1}); });
  CHECK(b.opcodes() == ops{opcode::tlbi_nh_va, opcode::sync});
}

TEST_CASE("a PASID that no device has is not invalidated") {
  bench b;
  b.run([&](kit::task& t) { b.driver.invalidate(t, {base::substream_id(6), asid, 0x7000, 1}); });
  CHECK(b.consumed.empty());
}

TEST_CASE("a long range goes in batches, and only the last is synchronised") {
  bench b(params(false));
  b.run([&](kit::task& t) { b.driver.invalidate(t, {base::substream_id(5), asid, 0, 150}); });
  REQUIRE(b.consumed.size() == 150 + 1 + 1 + 1);
  CHECK(b.consumed[150].op == opcode::sync);
  CHECK(b.written[b.smmu + 0x98] == std::vector<std::uint32_t>{64, 128, 151, 153});
}

TEST_CASE("the answer to a group is CMD_PRI_RESP with its PASID and index, without a sync") {
  bench b;
  b.run([&](kit::task& t) {
    software::fault_group g;
    g.sid = base::stream_id(8);
    g.has_pasid = true;
    g.pasid = base::substream_id(5);
    g.tag = 0x1ab;
    b.driver.respond(t, g, true);
    g.tag = 2;
    b.driver.respond(t, g, false);
  });
  REQUIRE(b.consumed.size() == 2);
  const command& c = b.consumed[0];
  CHECK(c.op == opcode::pri_resp);
  CHECK(c.sid.value() == 8);
  CHECK(c.has_ssid);
  CHECK(c.ssid.value() == 5);
  CHECK(c.prg_index == 0x1ab);
  CHECK(c.response == 2);              // success
  CHECK(b.consumed[1].response == 1);  // invalid request
  CHECK(b.driver.statistics().responses.value() == 2);
}

TEST_CASE("a stalled transaction is resumed: retried on success, else aborted") {
  bench b;
  b.run([&](kit::task& t) {
    software::fault_group g;
    g.sid = base::stream_id(8);
    g.stalled = true;
    g.tag = 0xabc;
    b.driver.respond(t, g, true);
    b.driver.respond(t, g, false);
  });
  REQUIRE(b.consumed.size() == 2);
  CHECK(b.consumed[0].op == opcode::resume);
  CHECK(b.consumed[0].stag == 0xabc);
  CHECK(b.consumed[0].retry);
  CHECK_FALSE(b.consumed[0].abort);
  CHECK_FALSE(b.consumed[1].retry);
  CHECK(b.consumed[1].abort);
}

TEST_CASE("commands of a guest go in chunks of 63 with a sync each") {
  bench b;
  b.run([&](kit::task& t) {
    command c;
    c.op = opcode::tlbi_nh_asid;
    b.driver.issue_for_guest(t, std::vector<command>(130, c));
  });
  CHECK(b.written[b.smmu + 0x98] == std::vector<std::uint32_t>{64, 128, 133});
  for (const std::size_t i : {63, 127, 132}) CHECK(b.consumed[i].op == opcode::sync);
}
