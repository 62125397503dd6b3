#include <catch2/catch.hpp>

#include "cluster_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using kit::now;
using kit::task;
using test::cluster_bench;
using test::free_cluster;
using test::run_dry;
using test::run_until;

namespace {

// How long a read or write of 8 bytes takes; what was read must be `value`.
duration read_time(task& t, std::uint64_t at, std::uint64_t value = 0) {
  const duration start = now();
  std::uint64_t v = ~value;
  t.read(at, &v, sizeof v);
  CHECK(v == value);
  return now() - start;
}

duration write_time(task& t, std::uint64_t at, std::uint64_t value) {
  const duration start = now();
  t.write(at, &value, sizeof value);
  return now() - start;
}

}  // namespace

TEST_CASE("a line is fetched once, then found in the core's cache") {
  cluster_bench b(free_cluster(1));
  b.bytes.write64(base::pa(0x1008), 42);
  b.spawn("a", 0, [&](task& t) {
    CHECK(read_time(t, 0x1008, 42) == ns(100));
    CHECK(read_time(t, 0x1008, 42) == ns(10));
    CHECK(write_time(t, 0x1010, 7) == ns(10));
    CHECK(read_time(t, 0x1010, 7) == ns(10));
  });
  run_dry();
  CHECK(b.bytes.read64(base::pa(0x1010)) == 7);
  CHECK(b.memory.arrivals.size() == 1);
  CHECK(b.used() == ns(130).value());
  CHECK(b.busy() == b.used());
}

TEST_CASE("a line that a device wrote must be fetched again") {
  cluster_bench b(free_cluster(1));
  b.spawn("a", 0, [&](task& t) {
    CHECK(read_time(t, 0x1000) == ns(100));
    b.bytes.write64(base::pa(0x1000), 5);
    b.cluster.written(base::pa(0x1020));
    CHECK(read_time(t, 0x1000, 5) == ns(100));
    b.cluster.written(base::pa(0x2000));
    CHECK(read_time(t, 0x1000, 5) == ns(10));
    b.cluster.written(base::pa(0xfc0), 64);
    CHECK(read_time(t, 0x1000, 5) == ns(10));
    b.cluster.written(base::pa(0xfc0), 65);
    CHECK(read_time(t, 0x1000, 5) == ns(100));
  });
  run_dry();
}

TEST_CASE("a core that writes a line takes it from the others, who fetch it again") {
  cluster_bench b(free_cluster(2));
  kit::wakeup w("w");
  b.spawn("a", 0, [&](task& t) {
    CHECK(read_time(t, 0x1000) == ns(100));
    t.sleep(w);
    CHECK(read_time(t, 0x1000, 9) == ns(100));
  });
  b.spawn("b", 1, [&](task& t) {
    t.compute(us(1));
    CHECK(read_time(t, 0x1000) == ns(100));
    CHECK(write_time(t, 0x1000, 8) == ns(100));
    CHECK(write_time(t, 0x1000, 9) == ns(10));
    w.raise();
  });
  run_dry();
}

TEST_CASE("lines that do not fit make room") {
  auto params = free_cluster(1);
  params.l2.size = base::kib(4);  // 64 lines in 8 sets
  cluster_bench b(params);
  b.spawn("a", 0, [&](task& t) {
    for (std::uint64_t i = 0; i < 9; ++i) CHECK(read_time(t, i * 512) == ns(100));
    CHECK(read_time(t, 8 * 512) == ns(10));
    CHECK(read_time(t, 0) == ns(100));
  });
  run_dry();
}

TEST_CASE("register accesses take their cost and what the device takes, and hold the core") {
  cluster_bench b(free_cluster(1));
  b.registers.latency = ns(5);
  b.registers.on_request = [](tlm::tlm_generic_payload& p) {
    if (p.is_read()) *reinterpret_cast<std::uint32_t*>(p.get_data_ptr()) = 0x77;
  };
  const unsigned irq = b.cluster.add_interrupt("irq", kit::actor::hk, 0, [&](task&) {
    CHECK(now() == ns(65));
    b.note("handler");
  });
  b.spawn("a", 0, [&](task& t) {
    CHECK(t.read_register(0x9000) == 0x77);
    CHECK(now() == ns(65));
    t.write_register(0x9004, 3);
    CHECK(now() == ns(100));
  });
  run_until(ns(10));
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log.size() == 1);
  REQUIRE(b.registers.arrivals.size() == 2);
  CHECK(b.registers.arrivals[0].address == 0x9000);
  CHECK(b.registers.arrivals[1].at == ns(95));
  CHECK(b.busy() == b.used());
}

TEST_CASE("an access lies in one line") {
  cluster_bench b(free_cluster(1));
  b.spawn("a", 0, [&](task& t) {
    std::uint64_t v = 0;
    CHECK_THROWS_WITH(t.read(0x103c, &v, sizeof v), "a: an access must lie in one 64-byte line");
    CHECK_THROWS_WITH(t.read(0x1000, &v, 0), "a: an access must lie in one 64-byte line");
    b.note("a");
  });
  run_dry();
  CHECK(b.log.size() == 1);
}

TEST_CASE("a broadcast invalidation holds the core until its DVM Sync is answered") {
  auto params = free_cluster(1);
  params.broadcast = ns(100);
  cluster_bench b(params);
  std::function<void()> answer;
  arch::opcode sent{};
  b.cluster.on_broadcast = [&](const arch::command& c, std::function<void()> done) {
    sent = c.op;
    answer = std::move(done);
    CHECK(now() == ns(100));
  };
  b.spawn("a", 0, [&](task& t) {
    arch::command c;
    c.op = arch::opcode::tlbi_nh_asid;
    b.cluster.broadcast(t, c);
    b.note("a");
  });
  run_until(ns(350));
  answer();
  run_dry();
  CHECK(sent == arch::opcode::tlbi_nh_asid);
  CHECK(b.log == std::vector<std::string>{"a 350ns"});
  CHECK(b.used() == ns(350).value());
}

TEST_CASE("without an SMMU a broadcast costs what the CPUs take") {
  auto params = free_cluster(1);
  params.broadcast = ns(100);
  cluster_bench b(params);
  b.spawn("a", 0, [&](task& t) {
    b.cluster.broadcast(t, {});
    b.note("a");
  });
  run_dry();
  CHECK(b.log == std::vector<std::string>{"a 100ns"});
}
