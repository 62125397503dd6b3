#include "tlm/software/locks.h"

#include <algorithm>

#include "software_bench.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using strings = std::vector<std::string>;
using test::run_dry;

namespace {
struct bench : test::cluster_bench {
  explicit bench(std::uint32_t cores = 4) : cluster_bench(test::no_cost_cluster(cores)) {}
  std::uint64_t hk() const { return time_of(kit::actor::hk); }
};
}  // namespace

TEST_CASE("a mutex is handed over in the order of asking, also to who asks again at once") {
  bench b;
  software::mutex m;
  for (unsigned i = 0; i < 4; ++i) {
    b.spawn(std::to_string(i), i, [&b, &m, i](kit::task& t) {
      t.compute(ns(10 * i + 1));
      for (int round = 0; round < 2; ++round) {
        m.lock(t);
        b.note(t.name());
        t.compute(ns(100));
        m.unlock();
      }
    });
  }
  run_dry();
  CHECK(b.log == strings{"0 1ns", "1 101ns", "2 201ns", "3 301ns", "0 401ns", "1 501ns", "2 601ns",
                         "3 701ns"});
}

TEST_CASE("who waits for a mutex uses no processor time") {
  bench b(2);
  software::mutex m;
  for (unsigned i = 0; i < 2; ++i) {
    b.spawn(std::to_string(i), i, [&m](kit::task& t) {
      m.lock(t);
      t.compute(us(1));
      m.unlock();
    });
  }
  run_dry();
  CHECK(kit::now() == us(2));
  CHECK(b.hk() == us(2).value());
}

TEST_CASE("a spin lock keeps the processor of who waits busy, and is handed over in order") {
  bench b(3);
  software::spin_lock l;
  std::uint64_t most = 0;
  for (unsigned i = 0; i < 3; ++i) {
    b.spawn(std::to_string(i), i, [&, i](kit::task& t) {
      t.compute(ns(i));
      l.lock(t, ns(300));
      b.note(t.name());
      most = std::max(most, l.users());
      t.compute(us(1));
      l.unlock();
    });
  }
  run_dry();
  // 1 asks at 1, looks every 300: free at 1000, seen at 1201. 2: free at 2201, seen at 2402.
  CHECK(b.log == strings{"0 0ps", "1 1.201us", "2 2.402us"});
  CHECK(b.hk() == ns(1000 + 2201 + 3402).value());
  CHECK(most == 2);  // who has it, and one behind it when 1 got it
  CHECK(l.users() == 0);
}

TEST_CASE("a spin lock taken with interrupts off is not held by a thread that made room") {
  cpu::cluster_params p = test::no_cost_cluster(1);
  p.scheduling.time_slice = us(1);
  test::cluster_bench b(p);
  software::spin_lock l;
  for (unsigned i = 0; i < 2; ++i) {
    b.spawn(std::to_string(i), 0u, [&](kit::task& t) {
      t.compute(ns(1));
      const software::spin_guard held(l, t, ns(300));
      CHECK(l.users() == 1);
      b.note(t.name());
      t.compute(us(5));
    });
  }
  run_dry();
  CHECK(b.log == strings{"0 1ns", "1 5.002us"});
}

TEST_CASE(
    "readers share, a writer that waits keeps later readers out, and they go before the next "
    "writer") {
  bench b(6);
  software::shared_mutex m;
  const auto reader = [&](const char* name, unsigned cpu, duration at) {
    b.spawn(name, cpu, [&, at](kit::task& t) {
      t.compute(at);
      m.lock_shared(t);
      b.note(t.name());
      t.compute(ns(100));
      m.unlock_shared();
    });
  };
  const auto writer = [&](const char* name, unsigned cpu, duration at) {
    b.spawn(name, cpu, [&, at](kit::task& t) {
      t.compute(at);
      m.lock(t);
      b.note(t.name());
      t.compute(ns(100));
      m.unlock();
    });
  };
  reader("r1", 0, ns(1));
  reader("r2", 1, ns(2));
  writer("w1", 2, ns(3));
  reader("r3", 3, ns(4));
  writer("w2", 4, ns(5));
  reader("r4", 5, ns(6));
  run_dry();
  REQUIRE(b.log.size() == 6);
  CHECK(b.log[0] == "r1 1ns");
  CHECK(b.log[1] == "r2 2ns");
  CHECK(b.log[2] == "w1 102ns");
  const strings together{std::min(b.log[3], b.log[4]), std::max(b.log[3], b.log[4])};
  CHECK(together == strings{"r3 202ns", "r4 202ns"});
  CHECK(b.log[5] == "w2 302ns");
}

TEST_CASE("a sleeper waits the time exactly, without a processor") {
  bench b(1);
  software::sleeper s;
  for (const int i : {1, 2, 3}) {
    b.spawn(std::to_string(i), 0u, [&, i](kit::task& t) {
      s.wait(t, us(i));
      b.note(t.name());
      s.wait(t, us(3));
      b.note(t.name());
    });
  }
  run_dry();
  CHECK(b.log == strings{"1 1us", "2 2us", "3 3us", "1 4us", "2 5us", "3 6us"});
  CHECK(b.hk() == 0);
}
