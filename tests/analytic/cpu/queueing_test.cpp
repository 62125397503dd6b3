// Queues with a known answer, set up from cores, interrupts and tasks.
#include <catch2/catch.hpp>
#include <cmath>

#include "base/rng.h"
#include "tests/module/cpu/cluster_bench.h"

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

duration exponential(base::rng& random, duration mean) {
  const double u = (static_cast<double>(random.next() >> 11) + 0.5) * 0x1p-53;
  return duration(
      static_cast<std::uint64_t>(-std::log(u) * static_cast<double>(mean.value()) + 0.5));
}

}  // namespace

TEST_CASE("interrupts at random for a handler of fixed length wait as M/D/1 says") {
  // Sources share the arrivals, so that none is merged with the one before.
  constexpr unsigned sources = 64;
  constexpr unsigned count = 300000;
  const std::uint64_t rho_percent = 70;
  const duration service = us(1);
  auto params = free_cluster(1);
  params.scheduling.irq_entry = service;
  cluster_bench b(params);
  duration raised[sources];
  double waits = 0;
  unsigned handled = 0;
  unsigned irq[sources];
  for (unsigned i = 0; i < sources; ++i) {
    irq[i] = b.cluster.add_interrupt(
        ("irq" + std::to_string(i)).c_str(), kit::actor::hk, 0, [&, i](task&) {
          waits += static_cast<double>((now() - raised[i] - service).value());
          ++handled;
        });
  }
  sc_core::sc_spawn([&] {
    base::rng random(7);
    for (unsigned i = 0; i < count; ++i) {
      sc_core::wait(kit::to_sc(exponential(random, duration(service.value() * 100 / rho_percent))));
      raised[i % sources] = now();
      b.cluster.interrupt(irq[i % sources]);
    }
  });
  run_dry();
  CHECK(handled == count);
  CHECK(b.cluster.statistics().merged.value() == 0);
  const double rho = static_cast<double>(rho_percent) / 100;
  const double expected = rho * static_cast<double>(service.value()) / (2 * (1 - rho));
  CHECK(waits / count == Approx(expected).epsilon(0.02));
  CHECK(b.used() == service.value() * count);
  CHECK(b.busy() == b.used());
  const auto& s = b.cluster.processor_of(0).statistics();
  CHECK(s.waiting.area() == s.wait.whole().sum());
}

TEST_CASE("tasks that think and share a core have the throughput of mean value analysis") {
  constexpr unsigned tasks = 6;
  const duration think = us(20), work = us(5);
  auto params = free_cluster(1);
  params.scheduling.time_slice = us(1000000);  // first come, first served
  cluster_bench b(params);
  std::uint64_t rounds = 0;
  std::vector<std::unique_ptr<kit::wakeup>> wakeups;
  for (unsigned i = 0; i < tasks; ++i) {
    wakeups.push_back(std::make_unique<kit::wakeup>(("w" + std::to_string(i)).c_str()));
    b.spawn("t" + std::to_string(i), 0, [&rounds, i, think, work, &w = *wakeups.back()](task& t) {
      base::rng random(100 + i);
      for (;;) {
        w.raise_after(exponential(random, think));
        t.sleep(w);
        const duration cost = exponential(random, work);
        t.compute(cost);
        ++rounds;
      }
    });
  }
  const duration end = us(2000000);
  run_until(end);
  // Mean value analysis of one queue and a delay.
  double queue = 0, throughput = 0;
  for (unsigned n = 1; n <= tasks; ++n) {
    const double r = static_cast<double>(work.value()) * (1 + queue);
    throughput = n / (r + static_cast<double>(think.value()));
    queue = throughput * r;
  }
  CHECK(static_cast<double>(rounds) / static_cast<double>(end.value()) ==
        Approx(throughput).epsilon(0.02));
  b.root.settle(now());
  const auto& s = b.cluster.processor_of(0).statistics();
  const double inside =
      static_cast<double>(s.busy.area() + s.waiting.area()) / static_cast<double>(end.value());
  CHECK(inside == Approx(queue).epsilon(0.02));
}

namespace {

// How much longer a task takes on a core with background load.
double slowdown(std::uint32_t percent) {
  auto params = free_cluster(1);
  params.scheduling.time_slice = us(200);
  params.background_percent = percent;
  params.background_burst = us(100);
  cluster_bench b(params);
  const duration work = us(2000000);
  duration took;
  b.spawn("a", 0, [&](task& t) {
    t.compute(work);
    took = now();
  });
  run_until(us(4500000));
  return static_cast<double>(took.value()) / static_cast<double>(work.value());
}

}  // namespace

TEST_CASE("background load of 10 % leaves a task 90 % of its core") {
  CHECK(slowdown(10) == Approx(1 / 0.9).epsilon(0.02));
}

TEST_CASE("background load of 40 % leaves a task 60 % of its core") {
  CHECK(slowdown(40) == Approx(1 / 0.6).epsilon(0.02));
}

TEST_CASE("background load of 80 % leaves a task half of its core, as slices alternate") {
  CHECK(slowdown(80) == Approx(2.0).epsilon(0.02));
}

TEST_CASE("background load takes its share of a core that is idle otherwise") {
  auto params = free_cluster(2);
  params.background_percent = 30;
  cluster_bench b(params);
  const duration end = us(1000000);
  run_until(end);
  CHECK(static_cast<double>(b.used()) / static_cast<double>(2 * end.value()) ==
        Approx(0.3).epsilon(0.02));
}
