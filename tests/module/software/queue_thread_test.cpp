#include "software_bench.h"
#include "tlm/software/queue_threads.h"

using namespace svasim;
using base::ns;
using base::us;
using test::run_dry;
using test::run_until;

namespace {

constexpr std::uint64_t prod_at = 0x9000000, cons_at = 0x9000004, queue_at = 0x300000;
constexpr std::uint32_t overflow = 1u << 31;
using words_list = std::vector<std::uint64_t>;

struct bench : test::software_bench {
  explicit bench(std::uint32_t size = 4)
      : entries(size),
        thread(
            "priq", costs(), {queue_at, size, 16, prod_at, cons_at}, cluster, kit::actor::hk, 1,
            [this](kit::task& t, const std::uint64_t* words) {
              seen.push_back(words[0]);
              if (on_entry) on_entry();
              t.compute(ns(100));
            },
            [this](kit::task&) { ++overflows; }, &root) {
    read = [this](std::uint64_t at) { return at == prod_at ? prod : 0; };
  }
  static software::kernel_costs costs() {
    software::kernel_costs c = test::no_kernel_costs();
    c.fault_decode = ns(250);
    return c;
  }
  // An entry, and PROD behind it.
  void put(std::uint64_t word) {
    const std::uint64_t words[2] = {word, ~word};
    bytes.write(base::pa(queue_at + (prod & (entries - 1)) * 16ull), words, sizeof words);
    cluster.written(base::pa(queue_at + (prod & (entries - 1)) * 16ull), 16);
    prod = ((prod + 1) & (2 * entries - 1)) | (prod & overflow);
  }
  void interrupt() {
    cluster.interrupt(thread.interrupt());
    run_dry();
  }
  const std::vector<std::uint32_t>& cons() { return written[cons_at]; }

  const std::uint32_t entries;
  std::uint32_t prod = 0;
  words_list seen;
  int overflows = 0;
  std::function<void()> on_entry;
  software::queue_thread thread;
};

}  // namespace

TEST_CASE("the thread reads all entries in order and then writes CONS once") {
  bench b;
  run_until(us(1));
  for (int i = 1; i <= 3; ++i) b.put(i);
  b.interrupt();
  CHECK(b.seen == words_list{1, 2, 3});
  CHECK(b.cons() == std::vector<std::uint32_t>{3});
  CHECK(b.thread.statistics().entries.value() == 3);
  CHECK(b.thread.statistics().interrupts.value() == 1);
  CHECK(b.thread.woken_at() == us(1));
}

TEST_CASE("entries that come while the thread works are read without another interrupt") {
  bench b;
  b.put(1);
  b.on_entry = [&] {
    if (b.seen.size() < 3) b.put(b.seen.size() + 1);
  };
  b.interrupt();
  CHECK(b.seen == words_list{1, 2, 3});
  CHECK(b.cons() == std::vector<std::uint32_t>{1, 2, 3});
}

TEST_CASE("an interrupt that comes while the thread works makes it look again") {
  bench b;
  b.put(1);
  b.on_entry = [&] {
    if (b.seen.size() == 1) b.cluster.interrupt(b.thread.interrupt());
  };
  b.interrupt();
  CHECK(b.thread.statistics().interrupts.value() == 2);
  CHECK(b.cons() == std::vector<std::uint32_t>{1});
}

TEST_CASE("the queue is read round its end, CONS with its wrap bit") {
  bench b;
  words_list expected;
  for (std::uint64_t i = 1; i <= 11; ++i) {
    b.put(i);
    b.interrupt();
    expected.push_back(i);
  }
  CHECK(b.seen == expected);
  CHECK(b.cons().back() == 11 % 8);
}

TEST_CASE("a queue of one entry is read") {
  bench b(1);
  for (std::uint64_t i = 1; i <= 3; ++i) {
    b.put(i);
    b.interrupt();
  }
  CHECK(b.seen == words_list{1, 2, 3});
  CHECK(b.cons() == std::vector<std::uint32_t>{1, 0, 1});
}

TEST_CASE("an overflow is told once, when what stood in the queue is read, and acknowledged") {
  bench b;
  for (int i = 1; i <= 4; ++i) b.put(i);
  b.prod |= overflow;
  b.on_entry = [&] { CHECK(b.overflows == 0); };
  b.interrupt();
  CHECK(b.seen.size() == 4);
  CHECK(b.overflows == 1);
  CHECK(b.cons() == std::vector<std::uint32_t>{4 | overflow});
  b.on_entry = nullptr;
  b.put(5);
  b.interrupt();
  CHECK(b.overflows == 1);
  CHECK(b.cons().back() == (5 | overflow));
  b.prod ^= overflow;  // a second one
  b.put(6);
  b.interrupt();
  CHECK(b.overflows == 2);
  CHECK(b.cons().back() == 6);
  CHECK(b.thread.statistics().overflows.value() == 2);
}

TEST_CASE("an interrupt of a queue without entries makes the thread look, no more") {
  bench b;
  b.interrupt();
  CHECK(b.seen.empty());
  CHECK(b.cons().empty());
}
