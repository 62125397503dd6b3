#include "tlm/memory/dram.h"

#include <catch2/catch.hpp>
#include <cstring>

#include "tests/support/scripted_initiator.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"

using namespace svasim;
using base::bytes;
using base::duration;
using base::ns;
using base::ps;
using test::run_until;

namespace {

// 64 bytes take 2 ns on a channel.
memory::dram_params small() {
  memory::dram_params p;
  p.access = ns(100);
  p.bank_cycle = ns(50);
  p.channels = 2;
  p.banks = 4;
  p.channel_rate = base::gigabytes_per_s(32);
  p.interleave = bytes(256);
  return p;
}

struct bench {
  explicit bench(const memory::dram_params& p = small()) : dram("dram", p, memory, &root) {
    cache.socket.bind(checker.upstream);
    checker.downstream.bind(dram.from_cache);
    run_until(ns(1000));
  }
  duration read(std::uint64_t address, std::uint32_t length = 64, duration after = duration()) {
    return cache.read(address, length, after).answered - kit::now();
  }
  base::sparse_memory memory;
  stats::group root{"test"};
  test::scripted_initiator cache{"cache"};
  kit::protocol_checker checker{"checker"};
  memory::dram dram;
};

constexpr std::uint64_t next_channel = 256;
constexpr std::uint64_t next_bank = 512;  // of the same channel

}  // namespace

TEST_CASE("an idle memory answers after its access and transfer time") {
  bench b;
  CHECK(b.read(0, 64) == ns(102));
  CHECK(b.read(next_channel, 32, ns(10)) == ns(10 + 101));
}

TEST_CASE("two accesses of one bank are a bank cycle apart") {
  bench b;
  CHECK(b.read(0) == ns(102));
  CHECK(b.read(64) == ns(50 + 102));
  CHECK(b.read(128) == ns(100 + 102));
}

TEST_CASE("as many accesses as banks go on together, one more waits for its bank") {
  bench b;
  for (std::uint64_t n = 0; n < 4; ++n) CHECK(b.read(n * next_bank) == ns(100 + 2 * (n + 1)));
  CHECK(b.read(4 * next_bank) == ns(50 + 102));
}

TEST_CASE("a channel moves its rate, whatever its banks could do") {
  auto p = small();
  p.bank_cycle = ns(0);
  bench b(p);
  duration last;
  for (std::uint64_t n = 0; n < 100; ++n) last = b.read(n % 4 * next_bank);
  CHECK(last == ns(100 + 100 * 2));
}

TEST_CASE("channels do not wait for each other") {
  bench b;
  CHECK(b.read(0) == ns(102));
  CHECK(b.read(next_channel) == ns(102));
  CHECK(b.read(2 * next_channel) == ns(104));
}

TEST_CASE("a bank and a channel are free again when their time has passed") {
  bench b;
  b.read(0);
  run_until(ns(1000 + 50));
  CHECK(b.read(0) == ns(102));
  run_until(ns(2000));
  CHECK(b.read(next_bank) == ns(102));
}

TEST_CASE("what is written to memory is what is read from it") {
  bench b;
  auto& w = b.cache.make(tlm::TLM_WRITE_COMMAND, 0xffe, 8);
  std::memcpy(w.p->get_data_ptr(), "ABCDEFGH", 8);
  b.cache.send(w);
  CHECK(b.memory.read64(base::pa(0xffe)) == 0x4847464544434241);
  auto& r = b.cache.read(0xffe, 8);
  CHECK(std::memcmp(r.p->get_data_ptr(), "ABCDEFGH", 8) == 0);
  CHECK(r.p->is_response_ok());
}

TEST_CASE("a transfer for its time only copies nothing") {
  bench b;
  b.memory.write64(base::pa(0x40), 0x1111);
  auto& w = b.cache.make(tlm::TLM_WRITE_COMMAND, 0x40, 8);
  std::memset(w.p->get_data_ptr(), 0xff, 8);
  w.ext().timing_only = true;
  b.cache.send(w);
  CHECK(b.memory.read64(base::pa(0x40)) == 0x1111);
  auto& r = b.cache.make(tlm::TLM_READ_COMMAND, 0x40, 8);
  std::memset(r.p->get_data_ptr(), 0xee, 8);
  r.ext().timing_only = true;
  b.cache.send(r);
  CHECK(r.p->get_data_ptr()[0] == 0xee);
  CHECK(r.p->is_response_ok());
}

TEST_CASE("the time at memory is split into waiting and access") {
  bench b;
  b.read(0);
  auto& second = b.cache.read(0, 64);
  const auto* s = second.ext().log->begin();
  REQUIRE(second.ext().log->end() - s == 2);
  CHECK(s[0].what == kit::stage::dram_queue);
  CHECK(s[0].length == ns(50));
  CHECK(s[1].what == kit::stage::dram);
  CHECK(s[1].length == ns(102));
}
