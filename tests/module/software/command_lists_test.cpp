#include "tlm/software/command_lists.h"

#include "software_bench.h"

using namespace svasim;
using arch::command;
using arch::opcode;
using base::ns;
using base::us;
using software::command_completion;
using test::run_dry;

namespace {

struct bench : test::software_bench {
  explicit bench(std::uint32_t entries = 16,
                 command_completion completion = command_completion::poll)
      : software_bench(4, entries), lists(params(completion), where(entries), &root) {}
  static software::command_lists_params params(command_completion completion) {
    software::command_lists_params p;
    p.prepare = ns(20);
    p.reserve = ns(40);
    p.contention = ns(8);
    p.poll = ns(10);
    p.completion = completion;
    return p;
  }
  void run(std::function<void(kit::task&)> body) {
    spawn("task", 0u, std::move(body));
    run_dry();
  }
  const software::command_lists_stats& stats() const { return lists.statistics(); }
  software::command_lists lists;
};

command tlbi(std::uint64_t address) {
  command c;
  c.op = opcode::tlbi_nh_va;
  c.asid = base::asid(0x1234);
  c.vmid = base::vmid(0x56);
  c.leaf = true;
  c.address = address;
  return c;
}

std::vector<std::uint64_t> addresses(const bench& b) {
  std::vector<std::uint64_t> out;
  for (const command& c : b.consumed) out.push_back(c.address);
  return out;
}

}  // namespace

TEST_CASE("commands lie in the ring byte by byte as IHI 0070 has them, behind one doorbell") {
  bench b;
  b.run([&](kit::task& t) {
    command c = tlbi(0x1000'0000'7000);
    b.lists.issue(t, c, true);
  });
  std::uint64_t words[4] = {};
  b.bytes.read(base::pa(b.ring), words, sizeof words);
  // CMD_TLBI_NH_VA: opcode [7:0], VMID [47:32], ASID [63:48]; Leaf [0] and the address.
  CHECK(words[0] == (0x12u | 0x56ull << 32 | 0x1234ull << 48));
  CHECK(words[1] == (0x1000'0000'7000u | 1u));
  CHECK((words[2] & 0xff) == 0x46);  // CMD_SYNC
  CHECK((words[2] >> 12 & 3) == 0);  // CS: no signal
  CHECK(b.written[b.smmu + 0x98] == std::vector<std::uint32_t>{2});
  CHECK(b.stats().commands.value() == 2);
  CHECK(b.stats().syncs.value() == 1);
  CHECK(b.lists.busy() == 0);
}

TEST_CASE("a list without a sync returns when its doorbell is rung") {
  bench b;
  b.pace = 1;
  base::duration took;
  b.run([&](kit::task& t) {
    const base::duration begun = kit::now();
    b.lists.issue(t, tlbi(0x1000), false);
    took = kit::now() - begun;
  });
  CHECK(b.stats().polls.value() == 0);
  CHECK(b.consumed.empty());
  CHECK(took >= ns(60));
  CHECK(took < ns(70));  // reserve, prepare, and a store that hits or misses
}

TEST_CASE("the ring is used round its end, PROD with its wrap bit") {
  bench b(4);
  std::vector<std::uint64_t> expected;
  b.run([&](kit::task& t) {
    for (std::uint64_t i = 1; i <= 9; ++i) {
      b.lists.issue(t, tlbi(i << 12), true);
      expected.push_back(i << 12);
      expected.push_back(0);
    }
  });
  CHECK(addresses(b) == expected);
  CHECK(b.prod == 18 % 8);
  CHECK(b.stats().full.value() == 0);
}

TEST_CASE("a full queue is waited for by reading CONS, and no command is overwritten") {
  bench b(4);
  b.pace = 1;
  std::vector<std::uint64_t> expected;
  std::uint32_t most = 0;
  b.memory.on_request = [&](auto&) { most = std::max(most, (b.prod - b.cons) & b.mask); };
  b.run([&](kit::task& t) {
    for (std::uint64_t i = 1; i <= 10; ++i) {
      b.lists.issue(t, tlbi(i << 12), false);
      expected.push_back(i << 12);
    }
    b.lists.issue(t, nullptr, 0, true);
    expected.push_back(0);
  });
  CHECK(addresses(b) == expected);
  CHECK(most <= 4);
  CHECK(b.stats().full.value() == 7);
}

TEST_CASE("a sync is polled for until CONS has passed it") {
  bench b;
  b.pace = 1;
  b.run([&](kit::task& t) {
    const command c[] = {tlbi(0x1000), tlbi(0x2000)};
    b.lists.issue(t, c, 2, true);
    CHECK(b.consumed.size() == 3);
  });
  CHECK(b.stats().polls.value() == 3);
}

TEST_CASE("with MSI each sync has a word and a number of its own, and CONS is not read") {
  bench b(16, command_completion::msi);
  b.run([&](kit::task& t) {
    for (int i = 0; i < 70; ++i) b.lists.issue(t, tlbi(0x1000), true);
  });
  std::uint32_t number = 0;
  for (const command& c : b.consumed) {
    if (c.op != opcode::sync) continue;
    ++number;
    CHECK(c.signal == arch::sync_signal::interrupt);
    CHECK(c.msi_data == number);
    CHECK(c.address == b.msi + number % 64 * 64);
  }
  CHECK(number == 70);
  CHECK(b.stats().syncs.value() == 70);
  CHECK(b.cluster.accesses().register_reads.value() < 16);  // only for room
}

TEST_CASE(
    "four threads interleave: nothing is lost, each list lies together, PROD only goes forward") {
  bench b(8);
  b.pace = 1;
  std::map<unsigned, std::uint64_t> returned;
  for (unsigned i = 0; i < 4; ++i) {
    b.spawn(std::to_string(i), i, [&, i](kit::task& t) {
      for (std::uint64_t n = 1; n <= 20; ++n) {
        const command c[] = {tlbi(std::uint64_t{i} << 32 | n << 12),
                             tlbi(std::uint64_t{i} << 32 | 1 << 20 | n << 12)};
        b.lists.issue(t, c, 2, true);
        // Its own commands are over.
        std::size_t mine = 0;
        for (const command& d : b.consumed) {
          mine += d.op == opcode::tlbi_nh_va && d.address >> 32 == i;
        }
        CHECK(mine >= 2 * n);
        returned[i] = n;
      }
    });
  }
  run_dry();
  REQUIRE(b.consumed.size() == 4 * 20 * 3);
  std::map<std::uint64_t, std::uint64_t> last;
  for (std::size_t i = 0; i < b.consumed.size(); i += 3) {
    const std::uint64_t who = b.consumed[i].address >> 32;
    const std::uint64_t n = (b.consumed[i].address & 0xffffffff) >> 12;
    CHECK(n == last[who] + 1);
    CHECK(b.consumed[i + 1].address == (who << 32 | 1 << 20 | n << 12));
    CHECK(b.consumed[i + 2].op == opcode::sync);
    last[who] = n;
  }
  std::uint32_t before = 0;
  for (const std::uint32_t p : b.written[b.smmu + 0x98]) {
    CHECK(((p - before) & b.mask) == 3);
    before = p;
  }
  for (unsigned i = 0; i < 4; ++i) CHECK(returned[i] == 20);
}

TEST_CASE("a list longer than its queue goes in parts, its sync behind the last") {
  bench b(4);
  std::vector<std::uint64_t> expected;
  std::vector<command> c;
  for (std::uint64_t i = 1; i <= 11; ++i) {
    c.push_back(tlbi(i << 12));
    expected.push_back(i << 12);
  }
  expected.push_back(0);
  b.run([&](kit::task& t) { b.lists.issue(t, c.data(), c.size(), true); });
  CHECK(addresses(b) == expected);
  CHECK(b.consumed.back().op == opcode::sync);
  CHECK(b.stats().syncs.value() == 1);
}
