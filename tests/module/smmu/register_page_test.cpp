#include "tlm/smmu/register_page.h"

#include "smmu_bench.h"

using namespace svasim;
using arch::opcode;
using test::run_dry;
using test::smmu_bench;

namespace {

constexpr auto ok = tlm::TLM_OK_RESPONSE;
constexpr auto refused = tlm::TLM_ADDRESS_ERROR_RESPONSE;

std::uint32_t value_of(smmu_bench& b, smmu::reg r) {
  std::uint32_t value = 0;
  REQUIRE(b.read_register(static_cast<std::uint64_t>(r), value) == ok);
  return value;
}
auto write(smmu_bench& b, smmu::reg r, std::uint32_t value) {
  return b.write_register(static_cast<std::uint64_t>(r), value);
}

}  // namespace

TEST_CASE("a write of CMDQ_PROD starts the queue, CMDQ_CONS follows") {
  smmu_bench b;
  b.put(opcode::tlbi_nh_all);
  b.put(opcode::tlbi_nh_all);
  CHECK(write(b, smmu::reg::cmdq_prod, 2) == ok);
  CHECK(value_of(b, smmu::reg::cmdq_prod) == 2);
  CHECK(value_of(b, smmu::reg::cmdq_cons) == 0);
  run_dry();
  CHECK(value_of(b, smmu::reg::cmdq_cons) == 2);
}

TEST_CASE("a command error stands in GERROR and CMDQ_CONS until GERRORN is written") {
  smmu_bench b;
  b.put(static_cast<opcode>(0xff));
  write(b, smmu::reg::cmdq_prod, 1);
  run_dry();
  CHECK(value_of(b, smmu::reg::gerror) == 1);
  CHECK(value_of(b, smmu::reg::cmdq_cons) == 1u << 24);
  arch::command repaired;
  repaired.op = opcode::sync;
  const auto words = arch::encode(repaired);
  b.bytes.write(smmu_bench::command_base, words.data(), 16);
  CHECK(write(b, smmu::reg::gerrorn, 1) == ok);
  run_dry();
  CHECK(value_of(b, smmu::reg::gerror) == 1);  // no longer active, as both say the same
  CHECK(value_of(b, smmu::reg::gerrorn) == 1);
  CHECK(value_of(b, smmu::reg::cmdq_cons) == 1);
}

TEST_CASE("the event queue's indices are at their offsets of page 1") {
  smmu_bench b;
  b.events.record({});
  run_dry();
  std::uint32_t value = 0;
  CHECK(b.read_register(0x100a8, value) == ok);
  CHECK(value == 1);
  CHECK(b.write_register(0x100ac, 0x80000001) == ok);
  CHECK(value_of(b, smmu::reg::eventq_cons) == 0x80000001);
  CHECK(b.events.cons() == 0x80000001);
}

TEST_CASE("an offset that is no register here is refused, for reads and writes") {
  smmu_bench b;
  std::uint32_t value = 0;
  for (const std::uint64_t offset : {0x0ull, 0x9aull, 0x20ull, 0xa8ull, 0x200a8ull}) {
    CHECK(b.read_register(offset, value) == refused);
    CHECK(b.write_register(offset, 1) == refused);
  }
}

TEST_CASE("registers that software only reads refuse writes") {
  smmu_bench b;
  for (const auto r : {smmu::reg::cmdq_cons, smmu::reg::eventq_prod, smmu::reg::gerror}) {
    CHECK(write(b, r, 1) == refused);
  }
  CHECK(b.commands.cons() == 0);
  CHECK(b.events.prod() == 0);
}

TEST_CASE("an access that is not of 32 bits is refused and changes nothing") {
  smmu_bench b;
  std::uint32_t value = 0;
  const auto prod = static_cast<std::uint64_t>(smmu::reg::cmdq_prod);
  for (const std::uint32_t length : {1u, 2u, 8u}) {
    CHECK(b.write_register(prod, 3, length) == refused);
    CHECK(b.read_register(prod, value, length) == refused);
  }
  CHECK(b.commands.prod() == 0);
}

TEST_CASE("an address beyond 32 bits is not taken for a register below") {
  smmu_bench b;
  CHECK(b.write_register(0x100000098, 1) == refused);
  CHECK(b.commands.prod() == 0);
}

TEST_CASE("a register access takes no time") {
  smmu_bench b;
  auto& r = b.cpu.make(tlm::TLM_READ_COMMAND, 0x98, 4);
  CHECK(b.cpu.blocking(r) == base::ps(0));
}
