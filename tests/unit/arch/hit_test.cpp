#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "arch/translation.h"
#include "smmu_fixture.h"

using namespace svasim;
using namespace svasim::arch;
using test::smmu_fixture;

namespace {
constexpr permission read_only{true, false, false, true, false, false};

struct nested_entry {
  nested_entry() {
    config.action = config_action::translate;
    config.s1_on = config.s2_on = true;
    regs.eventq_enabled = true;
    entry.kind = translation_kind::nested;
    entry.size_shift = 21;
    entry.input = 0x4000'0000;
    entry.ipa = 0x8020'0000;
    entry.output = base::pa(0x1'0060'0000);
  }
  translation_result access(bool write, std::uint64_t address = 0x4000'5678) const {
    return hit(entry, config, regs, smmu_fixture::access(8, address, write));
  }
  decoded_config config;
  register_view regs;
  translation entry;
};
}  // namespace

TEST_CASE("a 2 MiB entry hits on every 4 KiB page inside it and gives each its own output") {
  const nested_entry e;
  for (std::uint64_t page = 0; page < 512; ++page) {
    const std::uint64_t address = 0x4000'0000 + 4096 * page + 8;
    CHECK(e.entry.contains(address));
    CHECK(e.access(true, address).output.value() == 0x1'0060'0000 + 4096 * page + 8);
  }
  CHECK_FALSE(e.entry.contains(0x3fff'ffff));
  CHECK_FALSE(e.entry.contains(0x4020'0000));
}

TEST_CASE("a hit that stage 1 forbids faults at stage 1, even where stage 2 would too") {
  nested_entry e;
  e.entry.s1.allowed = read_only;
  e.entry.s2.allowed = read_only;
  const auto r = e.access(true);
  CHECK(r.outcome == outcome::fault);
  CHECK(r.event.type == event_type::f_permission);
  CHECK_FALSE(r.event.stage2);
  CHECK(r.event.cls == event_class::input);
  CHECK(r.event.ipa == 0);
  CHECK(e.access(false).outcome == outcome::ok);
}

TEST_CASE("a hit that stage 2 forbids reports stage 2 and the page of the IPA") {
  nested_entry e;
  e.entry.s2.allowed = read_only;
  const auto r = e.access(true);
  CHECK(r.event.type == event_type::f_permission);
  CHECK(r.event.stage2);
  CHECK(r.event.ipa == 0x8020'5000);
  CHECK(r.event.input_address == 0x4000'5678);
  CHECK_FALSE(r.event.read);
}

TEST_CASE("the configuration of the moment decides whether a hit's fault is recorded") {
  nested_entry e;
  e.entry.s1.allowed = read_only;
  e.config.s1_record = false;
  CHECK(e.access(true).outcome == outcome::abort);
  CHECK(e.access(true).event.type == event_type::f_permission);
  e.config.s1_record = true;
  e.config.s2_record = false;
  CHECK(e.access(true).outcome == outcome::fault);
  e.entry.s1.allowed = full_permission;
  e.entry.s2.allowed = read_only;
  CHECK(e.access(true).outcome == outcome::abort);
  e.config.s2_record = true;
  e.regs.eventq_enabled = false;
  CHECK(e.access(true).outcome == outcome::abort);
}

TEST_CASE("a hit gives what a new walk gives, for any leaf and access") {
  smmu_fixture f(test::linear_nested());
  const auto d = f.tables.add_domain({base::asid(1), base::vmid(2)});
  f.tables.attach(base::stream_id(3), d);
  f.tables.map(d, base::iova(0x1000), 0x5000, 12, true);
  f.tables.map(d, base::iova(0x2000), 0x6000, 12, false);
  f.tables.map(d, base::iova(0x20'0000), 0x60'0000, 21, false);
  const register_view regs(f.registers);
  REQUIRE(rc::check("hit equals walk", [&](std::uint64_t seed, bool write, bool privileged,
                                           bool instruction) {
    const std::uint64_t bases[] = {0x1000, 0x2000, 0x20'0000};
    const std::uint64_t address = bases[seed % 3] + seed / 3 % 4096;
    auto request = smmu_fixture::access(3, address);
    translation_walk walk;
    walk.start(regs, request);
    decoded_config config;
    const auto filled = f.translate(request);
    for (auto step = walk.next(); step != translation_walk::step::configured; step = walk.next()) {
      if (step == translation_walk::step::fetch) {
        std::uint64_t words[8];
        f.reader()(walk.fetch(), words);
        walk.supply(words);
      }
    }
    config = walk.config();
    request.write = write;
    request.privileged = privileged;
    request.instruction = instruction;
    const auto by_hit = hit(filled.entry, config, regs, request);
    const auto by_walk = f.translate(request);
    return by_hit.outcome == by_walk.outcome && by_hit.event == by_walk.event &&
           (by_hit.outcome != outcome::ok || by_hit.output == by_walk.output);
  }));
}

TEST_CASE("with TBI an address looks up under its half's canonical form, without it as it is") {
  decoded_config c;
  c.s1_on = true;
  c.half[0].ignore_top_byte = true;
  CHECK(c.lookup_address(0xab00'1234'5678'9000) == 0x0000'1234'5678'9000);
  CHECK(c.lookup_address(0xabff'1234'5678'9000) == 0xabff'1234'5678'9000);
  c.half[1].ignore_top_byte = true;
  CHECK(c.lookup_address(0xabff'1234'5678'9000) == 0xffff'1234'5678'9000);
  c.s1_on = false;
  CHECK(c.lookup_address(0xab00'1234'5678'9000) == 0xab00'1234'5678'9000);
}
