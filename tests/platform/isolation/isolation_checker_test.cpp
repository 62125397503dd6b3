// The isolation checker beside TLBs that are broken on purpose: off, each run ends as if all were
// well; on, it names the breach.
#include "platforms/isolation_checker.h"

#include <fmt/format.h>

#include "broken_tlb.h"
#include "tests/module/smmu/smmu_bench.h"
#include "tlm/smmu/smmu_params.h"

using namespace svasim;
using test::defect;
using test::tlb_defect;

namespace {

constexpr std::uint64_t page = 0x1000;
constexpr std::uint64_t first_output = 0x80000000, second_output = 0x90000000;

struct checked_smmu : test::smmu_bench {
  checked_smmu(tlb_defect d, bool check, const smmu::smmu_params& p = test::small_smmu())
      : smmu_bench((defect = d, p)), checker(regs, bytes) {
    if (!check) return;
    // An exception would end the process of SystemC that it passes.
    tbu.on_translated = [this](const arch::access_request& a, const arch::translation&,
                               base::pa output, const kit::dma_extension&) {
      try {
        checker.check(a, output);
      } catch (const platforms::isolation_error& e) {
        breaches.push_back(e.what());
        breach_at = kit::now();
      }
    };
    engine.on_invalidation = [this](const arch::command& c) {
      checker.note_invalidation(std::string(arch::name(c.op)));
      invalidated_at = kit::now();
    };
  }
  arch::domain_id space(std::uint16_t asid, std::uint32_t sid) {
    const arch::domain_id d = tables.add_domain({base::asid(asid), base::vmid()});
    tables.attach(base::stream_id(sid), d);
    return d;
  }
  void invalidate(std::uint64_t address) {
    arch::command c;
    c.op = arch::opcode::tlbi_nh_va;
    c.asid = base::asid(1);
    c.address = address;
    put(c);
    put(arch::opcode::sync);
    publish();
    test::run_dry();
  }
  /// Nothing was seen, and nothing failed.
  bool silent() const {
    if (!breaches.empty() || events.prod() != 0) return false;
    for (const auto& r : port.requests) {
      if (!r.p->is_response_ok()) return false;
    }
    return true;
  }
  std::string message(const char* access, std::uint64_t address, unsigned sid, std::uint64_t output,
                      const std::string& expected) const {
    return fmt::format(
        "isolation: {} of IOVA {:#x} by StreamID {:#x} at {} ps went to {:#x}; the tables give {}",
        access, address, sid, breach_at.value(), output, expected);
  }
  std::string last_invalidation() const {
    return fmt::format("\nlast invalidations:\n  at {} ps: TLBI_NH_VA\n", invalidated_at.value());
  }

  platforms::isolation_checker checker;
  std::vector<std::string> breaches;
  base::duration breach_at, invalidated_at;
};

// A page is mapped elsewhere, with the invalidation that this needs.
std::uint64_t remap_a_page(checked_smmu& b) {
  const auto d = b.space(1, 1);
  b.tables.map(d, base::iova(page), first_output, 12, true);
  CHECK(b.output_of(page) == first_output);
  b.tables.map(d, base::iova(page), second_output, 12, true);
  b.invalidate(page);
  return b.output_of(page);
}

// Two address spaces have a page each at one IOVA.
std::uint64_t same_iova_in_two_spaces(checked_smmu& b) {
  const auto one = b.space(1, 1), two = b.space(2, 2);
  b.tables.map(one, base::iova(page), first_output, 12, true);
  b.tables.map(two, base::iova(page), second_output, 12, true);
  b.tables.map(two, base::iova(9 * page), second_output, 12, true);
  CHECK(b.output_of(9 * page, 2) == second_output);  // the TBU knows the stream's ASID
  CHECK(b.output_of(page, 1) == first_output);
  return b.output_of(page, 2);
}

// A block is mapped elsewhere; software names a page inside it.
std::uint64_t remap_a_block(checked_smmu& b) {
  const auto d = b.space(1, 1);
  b.tables.map(d, base::iova(0x200000), first_output, 21, true);
  CHECK(b.output_of(0x200000) == first_output);
  b.tables.map(d, base::iova(0x200000), second_output, 21, true);
  b.invalidate(0x200000 + 5 * page);
  return b.output_of(0x200000);
}

// A write to a page that was read and may not be written.
std::uint64_t write_a_read_only_page(checked_smmu& b) {
  b.tables.map(b.space(1, 1), base::iova(page), first_output, 12, false);
  CHECK(b.output_of(page) == first_output);
  auto& r = b.access(page, 1, true);
  test::run_dry();
  return r.p->is_response_ok() ? r.p->get_address() : 0;
}

smmu::smmu_params by_asid() {
  smmu::smmu_params p = test::small_smmu();
  p.tbu.tag = smmu::tlb_tag::asid;
  return p;
}
// The uTLB is one set: a block stands in the set of any page.
smmu::smmu_params without_utlb() {
  smmu::smmu_params p = test::small_smmu();
  p.tbu.utlb.entries = 0;
  return p;
}

}  // namespace

TEST_CASE("a TLB that ignores invalidations goes unnoticed without the checker") {
  checked_smmu b(tlb_defect::invalidation_ignored, false);
  CHECK(remap_a_page(b) == first_output);
  CHECK(b.silent());
}

TEST_CASE("the isolation checker names a page used after its invalidation") {
  checked_smmu b(tlb_defect::invalidation_ignored, true);
  remap_a_page(b);
  REQUIRE(b.breaches.size() == 1);
  CHECK(b.breaches[0] ==
        b.message("read", page, 1, first_output, "0x90000000") + b.last_invalidation());
}

TEST_CASE("a TLB that ignores the ASID goes unnoticed without the checker") {
  checked_smmu b(tlb_defect::asid_ignored, false, by_asid());
  CHECK(same_iova_in_two_spaces(b) == first_output);
  CHECK(b.silent());
}

TEST_CASE("the isolation checker names an access that reached a page of another address space") {
  checked_smmu b(tlb_defect::asid_ignored, true, by_asid());
  same_iova_in_two_spaces(b);
  REQUIRE(b.breaches.size() == 1);
  CHECK(b.breaches[0] ==
        b.message("read", page, 2, first_output, "0x90000000") + "\nno invalidation before it\n");
}

TEST_CASE("a TLB that has blocks under their base set goes unnoticed without the checker") {
  checked_smmu b(tlb_defect::block_under_its_base_set, false, without_utlb());
  CHECK(remap_a_block(b) == first_output);
  CHECK(b.silent());
}

TEST_CASE("the isolation checker names a block that a TLBI of a page inside it did not remove") {
  checked_smmu b(tlb_defect::block_under_its_base_set, true, without_utlb());
  remap_a_block(b);
  REQUIRE(b.breaches.size() == 1);
  CHECK(b.breaches[0] ==
        b.message("read", 0x200000, 1, first_output, "0x90000000") + b.last_invalidation());
}

TEST_CASE("a TLB that checks no permission on a hit goes unnoticed without the checker") {
  checked_smmu b(tlb_defect::permission_skipped_on_a_hit, false);
  CHECK(write_a_read_only_page(b) == first_output);
  CHECK(b.silent());
}

TEST_CASE("the isolation checker names a write through a read-only page") {
  checked_smmu b(tlb_defect::permission_skipped_on_a_hit, true);
  write_a_read_only_page(b);
  REQUIRE(b.breaches.size() == 1);
  CHECK(b.breaches[0] == b.message("write", page, 1, first_output, "F_PERMISSION") +
                             "\nno invalidation before it\n");
}

TEST_CASE("the isolation checker has nothing to say of a TLB without defect") {
  checked_smmu b(tlb_defect::none, true);
  CHECK(remap_a_page(b) == second_output);
  CHECK(b.silent());
  CHECK(b.checker.checked() == 2);
}
