// What the oracle's cases do not reach of the rules by which cached translations are told apart and
// removed.
#include <catch2/catch.hpp>
#include <string>

#include "arch/cd.h"
#include "arch/invalidation.h"
#include "arch/ste.h"
#include "base/child_process.h"
#include "platforms/scenario/timed.h"

using namespace svasim;

namespace {

constexpr std::uint64_t stream_table = 0x1000, cd_address = 0x2000, event_queue = 0x8000;
constexpr std::uint64_t stage1_table = 0x20000, stage2_table = 0x10000;

void put(scenario::scenario& s, std::uint64_t at, const arch::structure_words& words) {
  for (std::size_t i = 0; i < words.size(); ++i) s.memory.write64(base::pa(at + 8 * i), words[i]);
}

/// Level 1 table with a table below it that maps the first 2 MiB to `output`.
void map_2m(scenario::scenario& s, std::uint64_t table, std::uint64_t leaf) {
  s.memory.write64(base::pa(table), arch::encode_table(table + 0x1000));
  s.memory.write64(base::pa(table + 0x1000), leaf);
}

arch::ste stage2_stream() {
  arch::ste e;
  e.valid = e.s2_aa64 = e.s2_r = true;
  e.config = arch::ste_config::stage2;
  e.vmid = base::vmid(5);
  e.s2_t0sz = 25;
  e.s2_sl0 = 1;
  e.s2_ps = 4;
  e.s2_ttb = stage2_table;
  return e;
}

arch::ste stage1_stream() {
  arch::ste e;
  e.valid = true;
  e.config = arch::ste_config::stage1;
  e.vmid = base::vmid(5);
  e.s1_context_ptr = cd_address;
  return e;
}

arch::cd context() {
  arch::cd c;
  c.valid = c.aa64 = c.a = c.r = true;
  c.ips = 4;
  c.half[0].tsz = 25;
  c.half[0].granule_shift = 12;
  c.half[0].ttb = stage1_table;
  c.half[1].granule_shift = 12;
  c.half[1].epd = true;
  return c;
}

/// Stream 1 has stage 2 alone, stream 2 stage 1 alone with ASID 0; both have VMID 5.
scenario::scenario two_streams() {
  scenario::scenario s;
  s.id = "two streams";
  s.registers.cr0 = 0xd;
  s.registers.strtab_base = stream_table;
  s.registers.strtab_base_cfg = 2;
  s.event_queue = scenario::decode_queue_base(event_queue | 4, 5, 19);
  s.ram = {{0, 1u << 30}};
  put(s, stream_table + 64, arch::encode(stage2_stream()));
  put(s, stream_table + 128, arch::encode(stage1_stream()));
  put(s, cd_address, arch::encode(context()));
  map_2m(s, stage2_table, arch::encode_stage2_leaf(0x400000, 2, true, true));
  map_2m(s, stage1_table, arch::encode_stage1_leaf(0x600000, 2, true));
  for (const std::uint32_t sid : {1u, 2u, 1u, 2u}) {
    scenario::step& at = s.steps.emplace_back();
    at.request.sid = base::stream_id(sid);
    at.request.address = 0x1238;
  }
  return s;
}

std::string outputs(const smmu::smmu_params& params) {
  return base::in_child([&] {
    scenario::scenario s = two_streams();
    std::string out;
    scenario::answer_sink sink;
    sink.query = [&](std::size_t, const scenario::query_answer& a) {
      out += std::to_string(a.pa >> 20) + (a.walk.empty() ? " cached, " : ", ");
    };
    scenario::translate_timed(s, params, sink);
    return out;
  });
}

}  // namespace

TEST_CASE("an IPA and a VA of ASID 0 in one VM do not hit each other's entries") {
  smmu::smmu_params p = scenario::timed_defaults();
  p.tbu.tag = smmu::tlb_tag::asid;
  CHECK(outputs(p) == "4, 6, 4 cached, 6 cached, ");
  p.tcu.tlb.entries = p.tcu.tlb.ways = 16;
  CHECK(outputs(p) == "4, 6, 4 cached, 6 cached, ");
  p.tbu.utlb.entries = p.tbu.main_tlb.entries = 0;
  CHECK(outputs(p) == "4, 6, 4 cached, 6 cached, ");
}

TEST_CASE("a command that names any address of a leaf removes every fragment of it") {
  arch::translation t;
  t.kind = arch::translation_kind::nested;
  t.vmid = base::vmid(1);
  t.asid = base::asid(2);
  t.input = 0x405000;
  t.size_shift = t.s2.size_shift = 12;
  t.s1.size_shift = 21;
  const auto removed = [&t](arch::opcode op, std::uint64_t address) {
    arch::command c;
    c.op = op;
    c.vmid = base::vmid(1);
    c.asid = base::asid(2);
    c.address = address;
    return arch::invalidation(c, arch::idr()).covers(arch::tag_of(t));
  };
  CHECK(removed(arch::opcode::tlbi_nh_va, 0x400000));
  CHECK(removed(arch::opcode::tlbi_nh_va, 0x5ff000));
  CHECK(!removed(arch::opcode::tlbi_nh_va, 0x600000));
  CHECK(!removed(arch::opcode::tlbi_nh_va, 0x3ff000));
  t.kind = arch::translation_kind::s2;
  std::swap(t.s1.size_shift, t.s2.size_shift);
  CHECK(removed(arch::opcode::tlbi_s2_ipa, 0x400000));
  CHECK(!removed(arch::opcode::tlbi_s2_ipa, 0x600000));
}
