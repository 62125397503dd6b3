// What belongs to a stream and not to its address space holds on a TLB hit, too.
#include "arch/ste.h"
#include "smmu_bench.h"

using namespace svasim;
using test::run_dry;
using test::smmu_bench;

namespace {

constexpr std::uint64_t page = 0x1000;
constexpr std::uint64_t output = 0x80000000;

base::pa ste_address(const arch::table_builder& tables, unsigned sid) {
  arch::registers words;
  tables.configure(words);
  return base::pa((words.strtab_base & 0xfffffffffffc0) + sid * 64);
}
arch::ste ste_of(smmu_bench& b, const arch::table_builder& tables, unsigned sid) {
  arch::structure_words words{};
  b.bytes.read(ste_address(tables, sid), words.data(), 64);
  return arch::decode_ste(words);
}
void set_ste(smmu_bench& b, unsigned sid, const arch::ste& s) {
  const arch::structure_words words = arch::encode(s);
  b.bytes.write(ste_address(b.tables, sid), words.data(), 64);
}
// Did it get through?
bool access(smmu_bench& b, unsigned sid, bool write) {
  auto& r = b.access(page, sid, write);
  run_dry();
  return r.p->is_response_ok();
}

}  // namespace

TEST_CASE("a read that STE.INSTCFG makes an instruction fetch does not hit where a write did") {
  smmu_bench b;
  b.regs.caps.perms_override = true;
  const auto d = b.tables.add_domain({base::asid(1), base::vmid()});
  b.tables.attach(base::stream_id(1), d);
  b.tables.map(d, base::iova(page), output, 12, true);
  arch::ste s = ste_of(b, b.tables, 1);
  s.instcfg = 3;
  set_ste(b, 1, s);
  CHECK(access(b, 1, true));
  CHECK_FALSE(access(b, 1, false));  // the page may not be executed
}

TEST_CASE("with tags by ASID a stream's STE.INSTCFG does not become that of its address space") {
  auto p = test::small_smmu();
  p.tbu.tag = smmu::tlb_tag::asid;
  smmu_bench b(p);
  b.regs.caps.perms_override = true;
  const auto d = b.tables.add_domain({base::asid(1), base::vmid()});
  for (const unsigned sid : {1u, 2u}) b.tables.attach(base::stream_id(sid), d);
  b.tables.map(d, base::iova(page), output, 12, true);
  arch::ste s = ste_of(b, b.tables, 1);
  s.instcfg = 3;
  set_ste(b, 1, s);
  CHECK(access(b, 2, false));
  CHECK(access(b, 1, true));
  CHECK_FALSE(access(b, 1, false));
  CHECK(access(b, 2, false));
}

TEST_CASE("a configuration that is an error is not answered by the TLB of the TCU") {
  auto p = test::small_smmu();
  p.tbu.tag = smmu::tlb_tag::asid;
  p.tbu.utlb.entries = p.tbu.main_tlb.entries = 0;
  p.tcu.tlb.entries = p.tcu.tlb.ways = 16;
  smmu_bench b(p);
  b.regs.caps.ssid_bits = 20;
  arch::table_builder_params q = test::linear_tables();
  q.mode = arch::table_mode::stage2;
  q.region = base::pa(0x400000000);
  arch::table_builder stage2(b.bytes, q);
  const auto d = stage2.add_domain({base::asid(), base::vmid(7)});
  stage2.attach(base::stream_id(1), d);
  stage2.map(d, base::iova(page), output, 12, true);
  set_ste(b, 1, ste_of(b, stage2, 1));
  CHECK(b.output_of(page) == output);
  for (int times = 0; times < 2; ++times) {
    auto& r = b.port.make(tlm::TLM_READ_COMMAND, page, 64);
    r.ext().sid = base::stream_id(1);
    r.ext().has_ssid = true;  // there is no stage 1 to have it
    r.ext().ssid = base::substream_id(3);
    r.ext().timing_only = true;
    b.port.send(r);
    run_dry();
    CHECK(r.p->is_response_error());
    CHECK(b.events.prod() == static_cast<std::uint32_t>(times + 1));
  }
}
