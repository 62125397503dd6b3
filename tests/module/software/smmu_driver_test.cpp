#include "tlm/software/smmu_driver.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cstring>
#include <functional>
#include <vector>

#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"

using namespace svasim;
using arch::opcode;
using base::duration;
using base::ns;
using base::us;
using software::smmu_driver;
using software::sync_completion;
using test::run_dry;
using test::run_until;

namespace {

constexpr std::uint64_t cmdq_prod = 0x98, cmdq_cons = 0x9c;
constexpr std::uint64_t gerror = 0x60, gerrorn = 0x64;
constexpr std::uint64_t eventq_prod = 0x100a8, eventq_cons = 0x100ac;
constexpr std::uint32_t overflow = 1u << 31;
constexpr base::pa ring{0x1000}, event_ring{0x2000}, msi{0x3000};

software::smmu_driver_params params(sync_completion completion = sync_completion::poll) {
  software::smmu_driver_params p;
  p.prepare_command = ns(20);
  p.mmio_write = ns(30);
  p.mmio_read = ns(60);
  p.interrupt = ns(1600);
  p.handle_event = ns(500);
  p.completion = completion;
  return p;
}

// The driver, a memory that takes 10 ns, and registers of an SMMU that the test plays. Commands are
// consumed, `pace` for each read of CMDQ_CONS.
struct bench {
  explicit bench(sync_completion completion = sync_completion::poll, std::uint32_t entries = 4)
      : driver("driver", params(completion), {ring, entries, event_ring, 4, msi}, &root),
        mask(2 * entries - 1) {
    driver.to_memory.bind(memory.socket);
    driver.to_registers.bind(registers.socket);
    memory.bytes = &bytes;
    memory.latency = ns(10);
    registers.on_request = [this](auto& p) { access(p); };
    driver.on_synced = [this] { synced.push_back(kit::now()); };
    run_until(us(1));
  }
  void access(tlm::tlm_generic_payload& p) {
    std::uint32_t value = 0;
    if (p.is_write()) {
      std::memcpy(&value, p.get_data_ptr(), 4);
      if (p.get_address() == cmdq_prod) {
        prod = value;
        doorbells.push_back(kit::now());
      } else if (p.get_address() == eventq_cons) {
        event_cons.push_back(value);
        if (after_event_cons) after_event_cons(event_cons.size());
      } else if (p.get_address() == gerrorn) {
        acknowledged.push_back(value);
      }
      return;
    }
    if (p.get_address() == cmdq_cons) {
      for (unsigned n = 0; n < pace && cons != (prod & mask); ++n) consume();
      value = cons;
    } else if (p.get_address() == eventq_prod) {
      value = event_prod;
    } else if (p.get_address() == gerror) {
      value = errors;
    } else if (p.get_address() == gerrorn) {
      value = acknowledged.empty() ? 0 : acknowledged.back();
    }
    std::memcpy(p.get_data_ptr(), &value, 4);
  }
  void consume() {
    arch::command_words words;
    bytes.read(ring + (cons & (mask / 2)) * 16ull, words.data(), 16);
    consumed.push_back(arch::decode_command(words));
    cons = (cons + 1) & mask;
  }
  bool submit(opcode op, std::uint64_t address = 0) {
    arch::command c;
    c.op = op;
    c.address = address;
    return driver.submit(arch::encode(c));
  }
  void put_event(std::uint32_t index, std::uint32_t sid) {
    arch::event e;
    e.type = arch::event_type::f_translation;
    e.sid = base::stream_id(sid);
    const auto words = arch::encode(e);
    bytes.write(event_ring + index * 32ull, words.data(), 32);
  }
  const software::smmu_driver_stats& stats() const { return driver.statistics(); }

  base::sparse_memory bytes;
  stats::group root{"test"};
  smmu_driver driver;
  test::scripted_target memory{"memory"}, registers{"registers"};
  std::uint32_t mask;
  unsigned pace = 16;
  std::uint32_t prod = 0, cons = 0, event_prod = 0;
  std::vector<duration> doorbells, synced;
  std::vector<arch::command> consumed;
  std::vector<std::uint32_t> event_cons, acknowledged;
  std::uint32_t errors = 0;  // GERROR
  std::function<void(std::size_t)> after_event_cons;
};

}  // namespace

TEST_CASE("a list is written, published with one doorbell, then its sync is polled for") {
  bench b;
  REQUIRE(b.submit(opcode::tlbi_nh_va, 0x5000));
  REQUIRE(b.submit(opcode::sync));
  CHECK(b.driver.outstanding() == 2);
  run_dry();
  CHECK(b.doorbells == std::vector<duration>{us(1) + ns(20 + 10 + 20 + 10 + 30)});
  CHECK(b.synced == std::vector<duration>{b.doorbells[0] + ns(60)});
  REQUIRE(b.consumed.size() == 2);
  CHECK(b.consumed[0].op == opcode::tlbi_nh_va);
  CHECK(b.consumed[0].address == 0x5000);
  CHECK(b.consumed[1].op == opcode::sync);
  CHECK(b.stats().commands.value() == 2);
  CHECK(b.stats().doorbells.value() == 1);
  CHECK(b.stats().polls.value() == 1);
  CHECK(b.stats().issue_time.whole().max() == (b.synced[0] - us(1)).value());
  CHECK(b.driver.outstanding() == 0);
}

TEST_CASE("a sync that takes long is polled for until it is consumed") {
  bench b;
  b.pace = 1;
  b.submit(opcode::tlbi_nh_all);
  b.submit(opcode::tlbi_nh_all);
  b.submit(opcode::sync);
  run_dry();
  CHECK(b.stats().polls.value() == 3);
  REQUIRE(b.synced.size() == 1);
  CHECK(b.synced[0] == b.doorbells[0] + ns(60) * 3);
}

TEST_CASE("lists go one after the other: the second is written when the first is synced") {
  bench b;
  for (int n = 0; n < 2; ++n) {
    b.submit(opcode::tlbi_nh_all);
    b.submit(opcode::sync);
  }
  run_dry();
  REQUIRE(b.synced.size() == 2);
  CHECK(b.doorbells[1] == b.synced[0] + ns(20 + 10 + 20 + 10 + 30));
}

TEST_CASE("commands without a sync are published and stay outstanding") {
  bench b;
  b.submit(opcode::tlbi_nh_all);
  run_dry();
  CHECK(b.doorbells.size() == 1);
  CHECK(b.driver.outstanding() == 1);
  b.submit(opcode::sync);
  run_dry();
  CHECK(b.driver.outstanding() == 0);
}

TEST_CASE("a list longer than the queue is published in parts, none is overwritten") {
  bench b;
  b.pace = 1;
  std::vector<std::uint64_t> expected;
  for (std::uint64_t n = 0; n < 10; ++n) {
    b.submit(opcode::tlbi_nh_va, n << 12);
    expected.push_back(n << 12);
  }
  b.submit(opcode::sync);
  expected.push_back(0);
  std::uint32_t most = 0;
  b.memory.on_request = [&](auto&) { most = std::max(most, (b.prod - b.cons) & b.mask); };
  run_dry();
  std::vector<std::uint64_t> seen;
  for (const auto& c : b.consumed) seen.push_back(c.address);
  CHECK(seen == expected);
  CHECK(most <= 4);
  CHECK(b.stats().queue_full.value() == 7);
  CHECK(b.synced.size() == 1);
}

TEST_CASE("exactly as many commands as the queue has entries need no wait") {
  bench b;
  for (int n = 0; n < 3; ++n) b.submit(opcode::tlbi_nh_all);
  b.submit(opcode::sync);
  run_dry();
  CHECK(b.stats().queue_full.value() == 0);
  CHECK(b.doorbells.size() == 1);
  CHECK(b.prod == 4);  // same index, other wrap
  CHECK(b.synced.size() == 1);
}

TEST_CASE("PROD goes round with its wrap bit") {
  bench b;
  for (int n = 0; n < 9; ++n) {
    b.submit(opcode::tlbi_nh_all);
    b.submit(opcode::sync);
    run_dry();
  }
  CHECK(b.prod == 18 % 8);
  CHECK(b.synced.size() == 9);
}

TEST_CASE("the error field of CMDQ_CONS is no part of the index") {
  bench b;
  b.registers.on_request = [&](auto& p) {
    b.access(p);
    if (p.is_read() && p.get_address() == cmdq_cons) p.get_data_ptr()[3] = 0x7f;
  };
  b.submit(opcode::sync);
  run_dry();
  CHECK(b.synced.size() == 1);
}

TEST_CASE("with MSI the sync carries its address and number, and its word is polled for") {
  bench b(sync_completion::msi);
  b.submit(opcode::tlbi_nh_all);
  b.submit(opcode::sync);
  unsigned reads = 0;
  b.memory.on_request = [&](auto& p) {
    if (p.get_address() != msi.value() || ++reads != 3) return;
    const std::uint32_t word = 1;  // the SMMU has written it when the third read comes
    std::memcpy(p.get_data_ptr(), &word, 4);
  };
  run_dry();
  CHECK(reads == 3);
  REQUIRE(b.synced.size() == 1);
  CHECK(b.synced[0] == b.doorbells[0] + ns(10) * 3);
  b.consume();
  b.consume();
  CHECK(b.consumed[1].signal == arch::sync_signal::interrupt);
  CHECK(b.consumed[1].address == msi.value());
  CHECK(b.consumed[1].msi_data == 1);
  CHECK(b.stats().polls.value() == 3);
}

TEST_CASE("each sync by MSI has a number of its own") {
  bench b(sync_completion::msi);
  b.memory.on_request = [&](auto& p) {
    if (p.get_address() != msi.value()) return;
    while (b.cons != (b.prod & b.mask)) b.consume();
    std::memcpy(p.get_data_ptr(), &b.consumed.back().msi_data, 4);
  };
  for (int n = 0; n < 3; ++n) b.submit(opcode::sync);
  run_dry();
  REQUIRE(b.consumed.size() == 3);
  for (std::uint32_t n = 0; n < 3; ++n) CHECK(b.consumed[n].msi_data == n + 1);
  CHECK(b.synced.size() == 3);
}

TEST_CASE("1024 commands can wait, the next is refused") {
  bench b(sync_completion::poll, 4);
  for (std::uint32_t n = 0; n < smmu_driver::capacity; ++n) {
    REQUIRE(b.submit(opcode::tlbi_nh_all));
  }
  CHECK_FALSE(b.submit(opcode::tlbi_nh_all));
  CHECK(b.driver.outstanding() == smmu_driver::capacity);
}

TEST_CASE("the event interrupt runs its handler, which reads until the queue is empty") {
  bench b;
  for (std::uint32_t n = 0; n < 3; ++n) b.put_event(n, n + 1);
  b.event_prod = 3;
  b.driver.event_interrupt();
  run_dry();
  CHECK(b.event_cons == std::vector<std::uint32_t>{1, 2, 3});
  CHECK(b.stats().events.value() == 3);
  CHECK(b.stats().overflows.value() == 0);
  CHECK(kit::now() == us(1) + ns(1600 + 60 + 3 * (10 + 500 + 30 + 60)));
}

TEST_CASE("an event that comes while the queue is emptied is read without another interrupt") {
  bench b;
  b.event_prod = 1;
  b.after_event_cons = [&](std::size_t writes) {
    if (writes == 1) b.event_prod = 2;
  };
  b.driver.event_interrupt();
  run_dry();
  CHECK(b.event_cons == std::vector<std::uint32_t>{1, 2});
}

TEST_CASE("an interrupt with an empty queue does nothing") {
  bench b;
  b.driver.event_interrupt();
  run_dry();
  CHECK(b.event_cons.empty());
  CHECK(b.stats().events.value() == 0);
}

TEST_CASE("the event queue is read round its end") {
  bench b;
  for (std::uint32_t n = 1; n <= 6; ++n) {
    b.event_prod = n % 8;
    b.driver.event_interrupt();
    run_dry();
  }
  CHECK(b.event_cons == std::vector<std::uint32_t>{1, 2, 3, 4, 5, 6});
  CHECK(b.memory.arrivals.back().address == event_ring.value() + 1 * 32);
}

TEST_CASE("an overflow is acknowledged once, with the first record read after it") {
  bench b;
  b.event_prod = 4 | overflow;  // full, and records were lost
  b.driver.event_interrupt();
  run_dry();
  CHECK(b.event_cons ==
        std::vector<std::uint32_t>{1 | overflow, 2 | overflow, 3 | overflow, 4 | overflow});
  CHECK(b.stats().overflows.value() == 1);
}

TEST_CASE("a second overflow is acknowledged by toggling back") {
  bench b;
  b.event_prod = 4 | overflow;
  b.driver.event_interrupt();
  run_dry();
  b.event_prod = 0;  // index 0 after eight records, flag toggled back
  b.driver.event_interrupt();
  run_dry();
  CHECK(b.event_cons.back() == 0);
  CHECK(b.event_cons.size() == 8);
  CHECK(b.stats().overflows.value() == 2);
}

TEST_CASE("an illegal command is replaced by a sync, then its error is acknowledged") {
  bench b;
  b.pace = 0;  // the queue stands at the second command
  b.cons = 1 | 1u << 24;
  b.errors = 1;
  const std::uint64_t garbage[2] = {0xff, 0xff};
  b.bytes.write(ring + 16, garbage, 16);
  b.driver.error_interrupt();
  run_dry();
  arch::command_words words;
  b.bytes.read(ring + 16, words.data(), 16);
  const arch::command c = arch::decode_command(words);
  CHECK(c.op == opcode::sync);
  CHECK(c.signal == arch::sync_signal::none);
  CHECK(b.acknowledged == std::vector<std::uint32_t>{1});
  CHECK(b.stats().replaced.value() == 1);
  CHECK(b.stats().errors.value() == 1);
  CHECK(kit::now() == us(1) + ns(1600 + 60 * 3 + 10 + 30));
}

TEST_CASE("a command that could not be fetched, or a sync that failed, is left to be tried again") {
  bench b;
  b.pace = 0;
  b.errors = 1;
  for (const std::uint32_t reason : {2u, 3u}) {
    b.cons = reason << 24;
    b.driver.error_interrupt();
    run_dry();
    b.errors ^= 1;
  }
  CHECK(b.memory.arrivals.empty());
  CHECK(b.acknowledged == std::vector<std::uint32_t>{1, 0});
  CHECK(b.stats().replaced.value() == 0);
}

TEST_CASE("errors that do not concern commands are acknowledged only") {
  bench b;
  b.errors = 1u << 2 | 1u << 5;  // EVENTQ_ABT, MSI_EVENTQ_ABT
  b.driver.error_interrupt();
  run_dry();
  CHECK(b.acknowledged == std::vector<std::uint32_t>{b.errors});
  CHECK(b.stats().errors.value() == 2);
}

TEST_CASE("an error interrupt without an active error acknowledges nothing") {
  bench b;
  b.driver.error_interrupt();
  run_dry();
  CHECK(b.acknowledged.empty());
}
