#include <catch2/catch.hpp>

#include "cluster_bench.h"

using namespace svasim;
using base::ns;
using base::us;
using kit::task;
using test::cluster_bench;
using test::free_cluster;
using test::run_dry;
using test::run_until;
using strings = std::vector<std::string>;

TEST_CASE("a task alone on its core takes what it asks for") {
  cluster_bench b(free_cluster(1));
  b.spawn("a", 0, [&](task& t) {
    t.compute(us(25));
    b.note("a");
    t.compute(ns(1));
    b.note("a");
  });
  run_dry();
  CHECK(b.log == strings{"a 25us", "a 25.001us"});
  CHECK(b.used() == ns(25001).value());
  CHECK(b.busy() == b.used());
}

TEST_CASE("tasks of one priority share a core slice by slice") {
  cluster_bench b(free_cluster(1));
  for (const char* name : {"a", "b"}) {
    b.spawn(name, 0, [&b, name](task& t) {
      t.compute(us(25));
      b.note(name);
    });
  }
  run_dry();
  // a 0-10, b 10-20, a 20-30, b 30-40, a 40-45, b 45-50
  CHECK(b.log == strings{"a 45us", "b 50us"});
  const auto& s = b.cluster.processor_of(0).statistics();
  CHECK(s.slices.value() == 4);
  CHECK(s.switches.value() == 5);
  CHECK(b.busy() == us(50).value());
}

TEST_CASE("with interrupts off a task keeps its core, and makes room as soon as they are on") {
  cluster_bench b(free_cluster(1));  // slices of 10 us
  const unsigned irq = b.cluster.add_interrupt("irq", kit::actor::hk, 0, [&](task& t) {
    b.note("handler");
    t.compute(us(1));
  });
  b.spawn("a", 0, [&](task& t) {
    {
      const kit::interrupts_off off(t);
      const kit::interrupts_off nested(t);
      t.compute(us(25));
      b.note("a");
    }
    t.compute(us(5));
    b.note("a");
  });
  b.spawn("b", 0, [&](task& t) {
    t.compute(us(2));
    b.note("b");
  });
  run_until(us(3));
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"a 25us", "handler 25us", "b 28us", "a 33us"});
  CHECK(b.cluster.processor_of(0).statistics().slices.value() == 1);
}

TEST_CASE("a task may not sleep with interrupts off") {
  cluster_bench b(free_cluster(1));
  kit::wakeup w("w");
  std::string text;
  b.spawn("a", 0, [&](task& t) {
    const kit::interrupts_off off(t);
    try {
      t.sleep(w);
    } catch (const std::logic_error& e) {
      text = e.what();
    }
  });
  run_dry();
  CHECK(text == "a: sleeps with interrupts off");
}

TEST_CASE("an interrupt preempts at once, and the rest of the work is exact") {
  auto params = free_cluster(1);
  params.scheduling.irq_entry = ns(700);
  cluster_bench b(params);
  const unsigned irq = b.cluster.add_interrupt("irq", kit::actor::vmm, 0, [&](task& t) {
    b.note("handler");
    t.compute(ns(300));
  });
  b.spawn("a", 0, [&](task& t) {
    t.compute(us(9));
    b.note("a");
  });
  run_until(base::ps(3000001));
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"handler 3700.001ns", "a 10us"});
  CHECK(b.time_of(kit::actor::hk) == us(9).value());
  CHECK(b.time_of(kit::actor::vmm) == us(1).value());
  CHECK(b.busy() == b.used());
  CHECK(b.cluster.processor_of(0).statistics().preemptions.value() == 1);
}

TEST_CASE("edges while an interrupt is pending are one, and one in the handler is another") {
  auto params = free_cluster(1);
  params.scheduling.irq_entry = us(1);
  cluster_bench b(params);
  const unsigned irq = b.cluster.add_interrupt("irq", kit::actor::hk, 0, [&](task& t) {
    b.note("handler");
    t.compute(us(1));
  });
  b.cluster.interrupt(irq);
  run_until(ns(500));
  b.cluster.interrupt(irq);
  run_until(ns(1500));
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"handler 1us", "handler 3us"});
  CHECK(b.cluster.statistics().merged.value() == 1);
}

TEST_CASE("interrupts of a core are served in order, each to its end") {
  cluster_bench b(free_cluster(1));
  unsigned irq[2];
  irq[0] = b.cluster.add_interrupt("first", kit::actor::hk, 0, [&](task& t) {
    t.compute(us(20));
    b.note("first");
  });
  irq[1] = b.cluster.add_interrupt("second", kit::actor::hk, 0, [&](task& t) {
    t.compute(us(1));
    b.note("second");
  });
  b.cluster.interrupt(irq[0]);
  run_until(us(2));
  b.cluster.interrupt(irq[1]);
  run_dry();
  CHECK(b.log == strings{"first 20us", "second 21us"});
}

TEST_CASE("a realtime task goes before a normal one, and is not sliced") {
  cluster_bench b(free_cluster(1));
  kit::wakeup w("w");
  b.spawn("normal", 0, [&](task& t) {
    t.compute(us(12));
    b.note("normal");
  });
  for (const char* name : {"rt1", "rt2"}) {
    b.spawn(
        name, 0,
        [&b, &w, name](task& t) {
          if (name[2] == '1') t.sleep(w);
          t.compute(us(30));
          b.note(name);
        },
        kit::priority::realtime);
  }
  run_until(us(1));
  w.raise();
  run_dry();
  // rt2 from 0; rt1 is awake from 1
  CHECK(b.log == strings{"rt2 30us", "rt1 60us", "normal 72us"});
}

TEST_CASE("a task that was displaced keeps its place and the rest of its slice") {
  cluster_bench b(free_cluster(1));
  const unsigned irq =
      b.cluster.add_interrupt("irq", kit::actor::hk, 0, [&](task& t) { t.compute(us(5)); });
  for (const char* name : {"a", "b"}) {
    b.spawn(name, 0, [&b, name](task& t) {
      t.compute(us(10));
      b.note(name);
    });
  }
  run_until(us(4));
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log == strings{"a 15us", "b 25us"});
}

TEST_CASE("background tasks run when nobody else does") {
  cluster_bench b(free_cluster(1));
  kit::wakeup w("w");
  b.spawn(
      "idle", 0,
      [&](task& t) {
        t.compute(us(40));
        b.note("idle");
      },
      kit::priority::background);
  b.spawn("a", 0, [&](task& t) {
    t.sleep(w);
    t.compute(us(30));
    b.note("a");
  });
  run_until(us(7));
  w.raise();
  run_dry();
  CHECK(b.log == strings{"a 37us", "idle 70us"});
}

TEST_CASE("waking a task takes its latency without the core, then its cost on it") {
  auto params = free_cluster(1);
  params.scheduling.thread_wake = us(2);
  params.scheduling.thread_wake_cost = ns(500);
  params.scheduling.context_switch = ns(300);
  cluster_bench b(params);
  kit::wakeup w("w");
  b.spawn("a", 0, [&](task& t) {
    CHECK(t.sleep(w) == 2);
    b.note("a");
  });
  b.spawn("b", 0, [&](task& t) {
    t.compute(us(1));
    b.note("b");
  });
  run_until(us(10));
  w.raise();
  w.raise();
  run_dry();
  // b finds the core used by a; then a by b
  CHECK(b.log == strings{"b 1.3us", "a 12.8us"});
  CHECK(b.used() == ns(1300 + 800).value());
  CHECK(b.busy() == b.used());
}

TEST_CASE("a wake-up that came first is not lost, and costs nothing") {
  auto params = free_cluster(1);
  params.scheduling.thread_wake = us(2);
  cluster_bench b(params);
  kit::wakeup w("w");
  w.raise();
  b.spawn("a", 0, [&](task& t) {
    CHECK(t.sleep(w) == 1);
    b.note("a");
  });
  run_dry();
  CHECK(b.log == strings{"a 0ps"});
}

TEST_CASE("a floating task returns to its core if that is vacant, else takes a vacant one") {
  cluster_bench b(free_cluster(3));
  kit::wakeup w("w");
  std::vector<unsigned> at;
  b.spawn("a", std::nullopt, [&](task& t) {
    for (int i = 0; i < 2; ++i) {
      t.compute(us(1));
      at.push_back(static_cast<cpu::thread&>(t).processor().index());
      t.sleep(w);
    }
    t.compute(us(1));
    at.push_back(static_cast<cpu::thread&>(t).processor().index());
  });
  kit::wakeup go("go");
  b.spawn("pinned", 0, [&](task& t) {
    t.sleep(go);
    t.compute(us(50));
  });
  run_until(us(5));
  w.raise();
  run_until(us(10));
  go.raise();
  run_until(us(11));
  w.raise();
  run_dry();
  CHECK(at == std::vector<unsigned>{0, 0, 1});
}

TEST_CASE("no core idles while a floating task waits") {
  cluster_bench b(free_cluster(2));
  for (int i = 0; i < 4; ++i) {
    b.spawn("t" + std::to_string(i), std::nullopt, [&b](task& t) {
      t.compute(us(10));
      b.note("done");
    });
  }
  b.spawn("pinned", 0, [&](task& t) {
    t.compute(us(10));
    b.note("pinned");
  });
  run_dry();
  CHECK(b.log == strings{"done 10us", "done 10us", "done 20us", "done 20us", "pinned 30us"});
  CHECK(b.busy() == us(50).value());
}

TEST_CASE("the waiting area is the sum of the waits") {
  cluster_bench b(free_cluster(1));
  for (int i = 0; i < 3; ++i) {
    b.spawn("t" + std::to_string(i), 0, [](task& t) { t.compute(us(25)); });
  }
  run_dry();
  b.root.settle(kit::now());
  const auto& s = b.cluster.processor_of(0).statistics();
  CHECK(s.waiting.area() == s.wait.whole().sum());
  CHECK(s.waiting.area() > 0);
}

TEST_CASE("an interrupt handler may not sleep") {
  cluster_bench b(free_cluster(1));
  kit::wakeup w("w");
  const unsigned irq = b.cluster.add_interrupt("irq", kit::actor::hk, 0, [&](task& t) {
    CHECK_THROWS_WITH(t.sleep(w), "irq: an interrupt handler may not sleep");
    b.note("irq");
  });
  b.cluster.interrupt(irq);
  run_dry();
  CHECK(b.log.size() == 1);
}

TEST_CASE("a name is taken once, and a processor must be there") {
  cluster_bench b(free_cluster(2));
  b.spawn("a", 0, [](task&) {});
  CHECK_THROWS_WITH(b.spawn("a", 0, [](task&) {}), "a: there is such a thread already");
  CHECK_THROWS_WITH(b.spawn("b", 2, [](task&) {}), "b: there is no processor 2");
}
