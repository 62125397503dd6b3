// Split entries of nested translations with numbers: which half a TLBI takes, and what the other
// half is still good for.
#include <catch2/catch.hpp>

#include "arch/invalidation.h"
#include "tlm/smmu/stream_keys.h"
#include "tlm/smmu/tlb.h"

using namespace svasim;
using uarch::replacement;

namespace {

constexpr std::uint64_t tag = 5, other_tag = 6;
constexpr std::uint64_t va = 0x4020'3000, ipa = 0x8060'3000, pa = 0x9'1260'3000;

// The translation of `va` by leaves of these sizes in the tables of one VM.
arch::translation nested(unsigned s1, unsigned s2, std::uint16_t asid = 1) {
  const auto shift = static_cast<std::uint8_t>(std::min(s1, s2));
  arch::translation t;
  t.kind = arch::translation_kind::nested;
  t.size_shift = shift;
  t.vmid = base::vmid(3);
  t.asid = base::asid(asid);
  t.input = va >> shift << shift;
  t.ipa = ipa >> shift << shift;
  t.output = base::pa(pa >> shift << shift);
  t.s1.size_shift = static_cast<std::uint8_t>(s1);
  t.s2.size_shift = static_cast<std::uint8_t>(s2);
  return t;
}

arch::invalidation tlbi(arch::opcode op, std::uint64_t address) {
  arch::command c;
  c.op = op;
  c.vmid = base::vmid(3);
  c.asid = base::asid(1);
  c.address = address;
  arch::idr caps;
  caps.s2p = true;
  return arch::invalidation(c, caps);
}

struct bench {
  explicit bench(std::uint32_t entries = 16, smmu::tlb_span span = smmu::tlb_span::leaf,
                 smmu::nested_entries kind = smmu::nested_entries::split)
      : counts(&root, "tlb"),
        tlb({entries, entries, replacement::lru, base::ns(1), "test"}, span, kind, 1, counts) {}
  std::uint64_t output(std::uint64_t address, std::uint64_t of = tag) {
    const arch::translation* const t = tlb.find(of, address);
    return t == nullptr ? 0 : t->output.value() + smmu::offset_in(*t, address);
  }
  stats::group root{"test"};
  smmu::tlb_stats counts;
  smmu::tlb tlb;
};

constexpr std::uint64_t mib2 = 0x20'0000;

}  // namespace

TEST_CASE("a split entry is the smaller of both leaves, whichever stage has it") {
  for (const auto& [s1, s2] :
       {std::pair{12u, 21u}, {21u, 12u}, {16u, 21u}, {21u, 16u}, {12u, 12u}}) {
    bench b;
    b.tlb.fill(tag, nested(s1, s2), va);
    REQUIRE(b.tlb.find(tag, va) != nullptr);
    CHECK(b.tlb.find(tag, va)->size_shift == std::min(s1, s2));
    CHECK(b.tlb.lookups() == 2);
    CHECK(b.output(va + 0x123) == pa + 0x123);
    CHECK(b.counts.fills.value() == 2);
  }
}

TEST_CASE("stage-1 pages of two address spaces share one stage-2 block") {
  bench b;
  b.tlb.fill(tag, nested(12, 21, 1), va);
  b.tlb.fill(other_tag, nested(12, 21, 2), va);
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_nsnh_all, 0));
  CHECK(b.counts.fills.value() == 4);
  CHECK(b.counts.invalidated.value() == 3);
}

TEST_CASE("a page of a stage-1 block whose stage-2 page is not held is a miss") {
  bench b;
  b.tlb.fill(tag, nested(21, 12), va);
  CHECK(b.output(va + 0x1000) == 0);
  CHECK(b.tlb.lookups() == 2);
  CHECK(b.output(va + mib2) == 0);
  CHECK(b.tlb.lookups() == 1);
}

TEST_CASE("TLBI_S2_IPA takes the stage-2 half, and with it what is found of both") {
  bench b;
  b.tlb.fill(tag, nested(12, 21), va);
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_s2_ipa, ipa + mib2));
  CHECK(b.output(va) == pa);
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_s2_ipa, ipa & ~(mib2 - 1)));
  CHECK(b.output(va) == 0);
  CHECK(b.tlb.lookups() == 2);
  CHECK(b.counts.invalidated.value() == 1);
}

TEST_CASE("TLBI_NH_VA takes the stage-1 half and leaves stage 2 to the others") {
  bench b;
  b.tlb.fill(tag, nested(12, 21, 1), va);
  b.tlb.fill(other_tag, nested(12, 21, 2), va);
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_nh_va, va));
  CHECK(b.output(va) == 0);
  CHECK(b.tlb.lookups() == 1);
  CHECK(b.output(va, other_tag) == pa);
  CHECK(b.counts.invalidated.value() == 1);
}

TEST_CASE("TLBI_S12_VMALL takes both halves, and a TLBI by the IPA's number as VA takes none") {
  bench b;
  b.tlb.fill(tag, nested(12, 12), va);
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_nh_va, ipa));
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_s2_ipa, va));
  CHECK(b.output(va) == pa);
  b.tlb.invalidate(tlbi(arch::opcode::tlbi_s12_vmall, 0));
  CHECK(b.counts.invalidated.value() == 2);
}

TEST_CASE("a TLB of one entry never holds both halves of a split translation") {
  bench b(1);
  b.tlb.fill(tag, nested(12, 21), va);
  CHECK(b.output(va) == 0);
  CHECK(b.counts.fills.value() == 2);
  CHECK(b.counts.evictions.value() == 1);
}

TEST_CASE("what was filled through an address with an ignored top byte is found without it") {
  using smmu::nested_entries;
  using smmu::tlb_span;
  for (const tlb_span span : {tlb_span::leaf, tlb_span::page}) {
    for (const nested_entries kind : {nested_entries::merged, nested_entries::split}) {
      bench b(16, span, kind);
      b.tlb.fill(tag, nested(21, 16), va | 0xabull << 56);
      CHECK(b.output(va + 0x123) == pa + 0x123);
      CHECK(b.output(va | 0xabull << 56) == 0);
    }
  }
}
