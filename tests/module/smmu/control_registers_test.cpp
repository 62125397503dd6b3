#include "tlm/smmu/control_registers.h"

#include "smmu_bench.h"
#include "tlm/smmu/ecmdq.h"
#include "tlm/smmu/interrupts.h"
#include "tlm/smmu/pri_queue.h"

using namespace svasim;
using arch::opcode;
using base::ns;
using base::us;
using smmu::reg;
using test::run_dry;
using test::run_until;
using test::smmu_bench;

namespace {

constexpr auto ok = tlm::TLM_OK_RESPONSE;
constexpr auto refused = tlm::TLM_ADDRESS_ERROR_RESPONSE;
constexpr base::pa msi_word{0x13000040};

arch::registers reset() {
  arch::registers words;
  words.idr0 |= 1u << 13 | 1u << 16 | 1u << 10;  // MSI, PRI, ATS
  words.idr1 |= 5u << 11;                        // 32 page requests
  return words;
}

// An SMMU as it comes out of reset, with all that its register pages show.
struct bench {
  bench()
      : smmu(test::small_smmu(), [this](smmu_bench& b) {
          const smmu::command_queue_params queue{2};
          pages = std::make_unique<smmu::pri_queue>("pages", smmu::pri_queue_params{2, 4}, b.regs,
                                                    base::pa(0), b.errors, &b.root);
          irqs = std::make_unique<smmu::interrupts>("irqs", b.regs, b.errors, &b.root);
          cpu_queue = std::make_unique<smmu::ecmdq>("cpu_queue", queue, b.engine, b.errors, &b.root,
                                                    "ecmdq0");
          pages->to_memory.bind(page_memory.socket);
          irqs->to_memory.bind(irq_memory.socket);
          cpu_queue->to_memory.bind(cpu_queue_memory.socket);
          for (auto* m : {&page_memory, &irq_memory, &cpu_queue_memory}) {
            m->bytes = &b.bytes;
            m->latency = smmu_bench::latency;
          }
          b.registers.connect(*pages);
          b.registers.connect(*irqs);
          b.registers.connect(control);
          b.registers.connect(std::vector<smmu::ecmdq*>{cpu_queue.get()});
          control.on_change = [this, &b, wake = control.on_change] {
            b.regs = control.view();
            if (wake) wake();
          };
          b.regs = control.view();
        }) {}
  auto write(reg r, std::uint64_t value, std::uint32_t length = 4) {
    auto& p = smmu.cpu.make(tlm::TLM_WRITE_COMMAND, static_cast<std::uint64_t>(r), length);
    std::memcpy(p.p->get_data_ptr(), &value, length);
    smmu.cpu.blocking(p);
    return p.p->get_response_status();
  }
  std::uint64_t read(reg r, std::uint32_t length = 4) {
    auto& p = smmu.cpu.make(tlm::TLM_READ_COMMAND, static_cast<std::uint64_t>(r), length);
    smmu.cpu.blocking(p);
    REQUIRE(p.p->get_response_status() == ok);
    std::uint64_t value = 0;
    std::memcpy(&value, p.p->get_data_ptr(), length);
    return value;
  }
  /// Bases and CR0 as a driver sets them up.
  void set_up(std::uint32_t cr0) {
    REQUIRE(write(reg::cmdq_base, smmu_bench::command_base.value() | 2, 8) == ok);
    REQUIRE(write(reg::eventq_base, smmu_bench::event_base.value() | 2, 8) == ok);
    REQUIRE(write(reg::priq_base, 0x16000000 | 2, 8) == ok);
    write(reg::cr0, cr0);
    run_dry();
  }

  smmu::control_registers control{"control", {}, reset()};
  test::scripted_target page_memory{"page_memory"}, irq_memory{"irq_memory"};
  test::scripted_target cpu_queue_memory{"cpu_queue_memory"};
  std::unique_ptr<smmu::pri_queue> pages;
  std::unique_ptr<smmu::interrupts> irqs;
  std::unique_ptr<smmu::ecmdq> cpu_queue;
  smmu_bench smmu;  // last: it starts the time
};

}  // namespace

TEST_CASE("CR0ACK follows CR0 a transition later, and only then it counts") {
  bench b;
  CHECK(b.write(reg::cr0, 0xf) == ok);
  CHECK(b.read(reg::cr0) == 0xf);
  run_until(smmu_bench::start + ns(99));
  CHECK(b.read(reg::cr0ack) == 0);
  CHECK_FALSE(b.smmu.regs.enabled);
  run_dry();
  CHECK(b.read(reg::cr0ack) == 0xf);
  CHECK(b.smmu.regs.enabled);
  CHECK(b.smmu.regs.cmdq_enabled);
  CHECK(b.smmu.regs.priq_enabled);
  CHECK(kit::now() == smmu_bench::start + ns(100));
}

TEST_CASE("CR0.PRIQEN has no effect without SMMUEN") {
  bench b;
  b.set_up(0x2);
  CHECK(b.read(reg::cr0ack) == 2);
  CHECK_FALSE(b.smmu.regs.priq_enabled);
}

TEST_CASE("SMMUEN changes when no translation is under way") {
  bench b;
  bool busy = true;
  b.control.translating = [&] { return busy; };
  b.write(reg::cr0, 1);
  run_until(smmu_bench::start + us(2));
  CHECK(b.read(reg::cr0ack) == 0);
  busy = false;
  run_dry();
  CHECK(b.read(reg::cr0ack) == 1);
}

TEST_CASE("clearing CMDQEN is acknowledged when the command under way is consumed") {
  bench b;
  b.set_up(0x8);
  b.smmu.command_memory.latency = us(1);  // the fetch takes that long
  b.smmu.put(opcode::tlbi_nh_all);
  b.write(reg::cmdq_prod, 1);
  run_until(kit::now() + ns(10));
  b.write(reg::cr0, 0);
  run_until(kit::now() + ns(500));
  CHECK(b.read(reg::cr0ack) == 8);
  run_dry();
  CHECK(b.read(reg::cr0ack) == 0);
}

TEST_CASE("setting CMDQEN starts what has been put in the queue before") {
  bench b;
  b.set_up(0);
  b.smmu.put(opcode::tlbi_nh_all);
  b.write(reg::cmdq_prod, 1);
  run_dry();
  CHECK(b.smmu.invalidated.empty());
  b.write(reg::cr0, 0x8);
  run_dry();
  CHECK(b.read(reg::cmdq_cons) == 1);
}

TEST_CASE("bases and indices of a queue are writable only while it is disabled") {
  bench b;
  CHECK(b.write(reg::cmdq_cons, 3) == ok);
  CHECK(b.write(reg::eventq_prod, 2) == ok);
  CHECK(b.write(reg::priq_prod, 1) == ok);
  CHECK(b.read(reg::cmdq_cons) == 3);
  CHECK(b.read(reg::eventq_prod) == 2);
  CHECK(b.read(reg::priq_prod) == 1);
  b.set_up(0xf);
  CHECK(b.read(reg::cmdq_base, 8) == (smmu_bench::command_base.value() | 2));
  for (const auto r : {reg::cmdq_base, reg::eventq_base, reg::priq_base}) {
    CHECK(b.write(r, 0x20000005, 8) == refused);
  }
  for (const auto r : {reg::cmdq_cons, reg::eventq_prod, reg::priq_prod}) {
    CHECK(b.write(r, 0) == refused);
  }
  CHECK(b.read(reg::cmdq_base, 8) == (smmu_bench::command_base.value() | 2));
}

TEST_CASE("a queue lies where its base register says, as large as it says") {
  bench b;
  CHECK(b.write(reg::eventq_base, 0x17000000 | 3, 8) == ok);
  b.write(reg::cr0, 0x4);
  run_dry();
  CHECK(b.smmu.events.entries() == 8);
  b.smmu.events.record({});
  run_dry();
  CHECK(b.smmu.event_memory.arrivals.at(0).address == 0x17000000);
  CHECK(b.read(reg::eventq_prod) == 1);
}

TEST_CASE("a queue is not larger than IDR1 allows") {
  bench b;
  CHECK(b.write(reg::priq_base, 0x17000000 | 19, 8) == ok);
  CHECK(b.read(reg::priq_base, 8) == (0x17000000 | 5));
}

TEST_CASE("the two halves of a base may be written one by one") {
  bench b;
  CHECK(b.write(reg::cmdq_base, 0x12345004) == ok);
  CHECK(b.write(static_cast<reg>(0x94), 0x1a) == ok);
  CHECK(b.read(reg::cmdq_base, 8) == 0x1a12345004);
  CHECK(b.read(static_cast<reg>(0x94)) == 0x1a);
}

TEST_CASE("stream table and CR2 are writable only with SMMUEN clear") {
  bench b;
  CHECK(b.write(reg::strtab_base, 0x30000000, 8) == ok);
  CHECK(b.write(reg::strtab_base_cfg, 8) == ok);
  CHECK(b.write(reg::cr2, 2) == ok);
  CHECK(b.smmu.regs.record_invalid_sid);
  CHECK(b.smmu.regs.table_base == base::pa(0x30000000));
  b.write(reg::cr0, 1);
  CHECK(b.write(reg::cr2, 0) == refused);  // SMMUEN is on its way
  run_dry();
  CHECK(b.write(reg::strtab_base, 0, 8) == refused);
  CHECK(b.write(reg::strtab_base_cfg, 0) == refused);
  CHECK(b.read(reg::strtab_base, 8) == 0x30000000);
}

TEST_CASE("GBPA changes with UPDATE only, which reads as one until it has") {
  bench b;
  CHECK(b.write(reg::gbpa, 1u << 20) == ok);
  run_dry();
  CHECK(b.read(reg::gbpa) == 0);
  b.write(reg::gbpa, 1u << 20 | 1u << 31);
  CHECK(b.read(reg::gbpa) == 1u << 31);
  CHECK_FALSE(b.smmu.regs.abort_when_disabled);
  run_dry();
  CHECK(b.read(reg::gbpa) == 1u << 20);
  CHECK(b.smmu.regs.abort_when_disabled);
}

TEST_CASE("identification registers tell the words, and refuse writes") {
  bench b;
  CHECK(b.read(reg::idr0) == reset().idr0);
  CHECK(b.read(reg::idr1) == reset().idr1);
  CHECK(b.read(reg::idr3) == reset().idr3);
  CHECK(b.read(reg::idr5) == reset().idr5);
  CHECK(b.read(reg::idr6) == 0);
  for (const auto r : {reg::idr0, reg::idr1, reg::idr3, reg::idr5, reg::cr0ack, reg::irq_ctrlack}) {
    CHECK(b.write(r, 0) == refused);
  }
}

TEST_CASE("CR1 keeps the attributes that are written to it") {
  bench b;
  CHECK(b.write(reg::cr1, 0xffffabc) == ok);
  CHECK(b.read(reg::cr1) == 0xabc);
}

TEST_CASE("an event interrupt goes as a message if it has an address, else over its wire") {
  bench b;
  std::vector<smmu::interrupt> wires;
  b.irqs->on_wire = [&](smmu::interrupt i) { wires.push_back(i); };
  b.set_up(0x4);
  b.smmu.events.record({});
  run_dry();
  CHECK(wires.empty());  // IRQ_CTRL has it disabled
  CHECK(b.irq_memory.arrivals.empty());
  b.smmu.events.write_cons(1);
  b.write(reg::irq_ctrl, 4);
  b.smmu.events.record({});
  run_dry();
  CHECK(wires == std::vector<smmu::interrupt>{smmu::interrupt::eventq});
  CHECK(b.write(reg::eventq_irq_cfg0, msi_word.value(), 8) == refused);  // while enabled
  b.write(reg::irq_ctrl, 0);
  CHECK(b.write(reg::eventq_irq_cfg0, msi_word.value(), 8) == ok);
  CHECK(b.write(static_cast<reg>(0xb8), 0x42) == ok);
  b.write(reg::irq_ctrl, 4);
  CHECK(b.read(reg::irq_ctrlack) == 4);
  b.smmu.events.write_cons(2);
  b.smmu.events.record({});
  run_dry();
  CHECK(wires.size() == 1);
  REQUIRE(b.irq_memory.arrivals.size() == 1);
  CHECK(b.irq_memory.arrivals[0].address == msi_word.value());
  CHECK(b.smmu.bytes.read64(msi_word) == 0x42);
}

TEST_CASE("an event interrupt message that is aborted raises MSI_EVENTQ_ABT") {
  bench b;
  b.set_up(0x4);
  b.write(reg::eventq_irq_cfg0, msi_word.value(), 8);
  b.write(reg::irq_ctrl, 4);
  b.irq_memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.smmu.events.record({});
  run_dry();
  CHECK(b.read(reg::gerror) == 1u << 5);
}

TEST_CASE("a GERROR message that is aborted raises MSI_GERROR_ABT once, and ends there") {
  bench b;
  b.set_up(0x8);
  b.write(reg::gerror_irq_cfg0, msi_word.value(), 8);
  b.write(reg::irq_ctrl, 1);
  b.irq_memory.status = tlm::TLM_ADDRESS_ERROR_RESPONSE;
  b.smmu.put(static_cast<opcode>(0xff));
  b.write(reg::cmdq_prod, 1);
  run_dry();
  CHECK(b.read(reg::gerror) == (1u | 1u << 7));
  CHECK(b.irq_memory.arrivals.size() == 2);
}

TEST_CASE("interrupts that come while their message is written go together in one more") {
  bench b;
  b.write(reg::gerror_irq_cfg0, msi_word.value(), 8);
  b.write(reg::irq_ctrl, 1);
  b.smmu.errors.raise(smmu::global_error::cmdq);
  run_until(kit::now() + ns(10));
  b.smmu.errors.raise(smmu::global_error::priq_abort);
  b.smmu.errors.raise(smmu::global_error::cmdqp);
  run_dry();
  CHECK(b.irq_memory.arrivals.size() == 2);
}

TEST_CASE("PRIQ_IRQ_CFG2.LO makes the PRI queue interrupt by groups") {
  bench b;
  unsigned edges = 0;
  b.irqs->on_wire = [&](smmu::interrupt i) { edges += i == smmu::interrupt::priq ? 1 : 0; };
  b.set_up(0x3);
  CHECK(b.write(static_cast<reg>(0xdc), 1u << 31) == ok);
  b.write(reg::irq_ctrl, 2);
  arch::page_request r;
  r.read = true;
  REQUIRE(b.pages->take(r));
  run_dry();
  CHECK(edges == 0);
  r.last = true;
  REQUIRE(b.pages->take(r));
  run_dry();
  CHECK(edges == 1);
  CHECK(b.read(reg::priq_prod) == 2);
  CHECK(b.write(reg::priq_cons, 2) == ok);
  CHECK(b.read(reg::priq_cons) == 2);
}

TEST_CASE("an ECMDQ is found through its control page and worked by its registers") {
  bench b;
  CHECK(b.read(reg::cmdq_control_page_base0, 8) == 0x20001);
  const auto base = static_cast<std::uint32_t>(reg::ecmdq0);
  CHECK(b.write(reg::ecmdq0, smmu_bench::command_base.value() | 2, 8) == ok);
  b.smmu.put(opcode::tlbi_nh_all);
  CHECK(b.write(static_cast<reg>(base + 8), 1u << 31 | 1) == ok);
  run_dry();
  CHECK(b.read(static_cast<reg>(base + 12)) == (1u << 31 | 1));
  CHECK(b.read(static_cast<reg>(base + 8)) == (1u << 31 | 1));
  CHECK(b.smmu.invalidated.size() == 1);
  CHECK(b.write(reg::ecmdq0, 0, 8) == refused);               // it is enabled
  CHECK(b.write(static_cast<reg>(base + 16), 0) == refused);  // there is one
}

TEST_CASE("64 bits at a register of 32, or between two, are refused") {
  bench b;
  CHECK(b.write(reg::cr0, 0, 8) == refused);
  CHECK(b.write(static_cast<reg>(0x94), 0, 8) == refused);
  CHECK(b.write(static_cast<reg>(0x21), 0) == refused);
}
