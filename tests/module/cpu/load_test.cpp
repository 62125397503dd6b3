// What holds whatever happens: random tasks, interrupts, wake-ups, accesses and guests.
#include <catch2/catch.hpp>

#include "base/rng.h"
#include "cluster_bench.h"
#include "describe/reference.h"
#include "tlm/cpu/gic.h"
#include "tlm/cpu/virtual_machine.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using kit::actor;
using kit::task;
using test::cluster_bench;

namespace {

struct load : cluster_bench {
  load(std::uint64_t seed, cpu::placement placement)
      : cluster_bench(host_params()),
        m_seed(seed),
        vm("vm", guest_params(placement), cluster, &root) {
    vm.trap(
        base::ipa(0x1000), 0x1000,
        [](task& host, bool, std::uint64_t, std::uint32_t v) {
          host.compute(ns(300));
          return v;
        },
        true);
    vm.pass_through(base::ipa(0x2000), 0x1000, base::pa(0x2000));
    vm.stage2 = [this](std::uint64_t ipa, bool) -> std::optional<base::pa> {
      if (((ipa >> 6) & 7) == 3 && (++m_faults & 1) != 0) return std::nullopt;
      return base::pa(ipa);
    };
    vm.on_stage2_fault = [](task& host, std::uint64_t) { host.compute(us(1)); };
    for (unsigned i = 0; i < 3; ++i)
      m_wakeups.push_back(std::make_unique<kit::wakeup>(sc_core::sc_gen_unique_name("w")));
    add_tasks(cluster, actor::hk, 4, "host");
    add_tasks(vm, actor::gk, 6, "guest");
  }
  static cpu::cluster_params host_params() {
    cpu::cluster_params p;
    p.cores = 3;
    p.l2.size = base::kib(4);
    p.background_percent = 10;
    p.scheduling.time_slice = us(20);
    return p;
  }
  static cpu::vm_params guest_params(cpu::placement placement) {
    cpu::vm_params p;
    p.vcpus = 4;
    p.placement = placement;
    p.kvm.halt_poll = us(3);
    p.scheduling.time_slice = us(15);
    return p;
  }

  void add_tasks(kit::machine& m, actor who, unsigned n, const std::string& name) {
    for (unsigned i = 0; i < m.cpus(); ++i) {
      m.add_interrupt((name + "_irq" + std::to_string(i)).c_str(), who, i, [this](task& t) {
        t.compute(ns(100));
        m_wakeups[m_handled++ % m_wakeups.size()]->raise();
      });
    }
    for (unsigned i = 0; i < n; ++i) {
      kit::task_options o;
      o.name = name + std::to_string(i);
      o.who = who;
      o.priority = i % 4 == 3 ? kit::priority::realtime : kit::priority::normal;
      if (i % 3 == 0) o.cpu = i % m.cpus();
      m.spawn(o, [this, &m, i, who](task& t) { work(t, m, who, i); });
    }
  }
  void work(task& t, kit::machine& m, actor who, unsigned index) {
    base::rng random(m_seed * 1000 + index + (who == actor::gk ? 500 : 0));
    for (int k = 0; k < 400; ++k) {
      std::uint64_t v = 0;
      switch (random.below(8)) {
        case 0:
          t.read(random.below(256) * 64, &v, sizeof v);
          break;
        case 1:
          t.write(random.below(256) * 64, &v, sizeof v);
          break;
        case 2:
          t.write_register((who == actor::gk && random.chance(1, 2)) ? 0x1000 : 0x2000, 1);
          break;
        case 3:
          m.interrupt(static_cast<unsigned>(random.below(m.cpus())));
          break;
        case 4:
          if (who == actor::gk) {
            vm.send_interrupt(t, static_cast<unsigned>(random.below(vm.cpus())));
          } else {
            vm.interrupt(static_cast<unsigned>(random.below(vm.cpus())));
          }
          break;
        case 5:
          m_timers.push_back(std::make_unique<kit::wakeup>(sc_core::sc_gen_unique_name("t")));
          m_timers.back()->raise_after(duration(random.below(5000000)));
          t.sleep(*m_timers.back());
          break;
        default:
          t.compute(duration(random.below(30000000)));
      }
    }
    ++finished;
  }
  bool idle() const {
    for (unsigned i = 0; i < cluster.cpus(); ++i) {
      if (!cluster.processor_of(i).vacant()) return false;
    }
    return true;
  }

  unsigned finished = 0;

 private:
  std::uint64_t m_seed;
  std::uint64_t m_faults = 0;
  std::size_t m_handled = 0;
  std::vector<std::unique_ptr<kit::wakeup>> m_wakeups;
  std::vector<std::unique_ptr<kit::wakeup>> m_timers;

 public:
  cpu::virtual_machine vm;
};

// Nothing is lost, and every ps of every core belongs to somebody.
void check(std::uint64_t seed, cpu::placement placement) {
  load l(seed, placement);
  for (int i = 0; i < 200 && l.finished != 10; ++i) {
    test::run_until(kit::now() + base::us(1000) + base::ps(17 * seed));
    for (unsigned c = 0; c < 3; ++c) l.cluster.interrupt(c);
  }
  CHECK(l.finished == 10);
  for (int i = 0; i < 100000 && !l.idle(); ++i) test::run_until(kit::now() + base::ns(100));
  REQUIRE(l.idle());
  CHECK(l.busy() == l.used());
  CHECK(l.used() > us(10000).value());
  for (const cpu::scheduler* m : {static_cast<const cpu::scheduler*>(&l.cluster),
                                  static_cast<const cpu::scheduler*>(&l.vm)}) {
    for (unsigned i = 0; i < m->cpus(); ++i) {
      const auto& s = m->processor_of(i).statistics();
      CHECK(s.busy.max() == 1);
      CHECK(s.waiting.area() == s.wait.whole().sum());
    }
  }
  CHECK(l.vm.exits().halts.value() > 0);
  CHECK(l.vm.exits().kicks.value() > 0);
  CHECK(l.vm.exits().stage2.value() > 0);
  CHECK(l.vm.exits().injected.value() + l.vm.statistics().merged.value() > 0);
  CHECK(l.vm.statistics().interrupts.value() == l.vm.exits().injected.value());
}

}  // namespace

TEST_CASE("all work is done and every ps accounted for, vCPUs pinned") {
  check(1, cpu::placement::pinned);
}

TEST_CASE("all work is done and every ps accounted for, vCPUs floating") {
  check(2, cpu::placement::floating);
}

TEST_CASE("every parameter of processors has a name, a sentence and a provenance") {
  for (const std::string& text : {describe::reference_markdown(cpu::cluster_params{}, "cluster"),
                                  describe::reference_markdown(cpu::vm_params{}, "vm"),
                                  describe::reference_markdown(cpu::gic_params{}, "gic")}) {
    CHECK(text.size() > 300);
    CHECK(text.find("| |") == std::string::npos);
  }
}

TEST_CASE("a task of another machine is refused") {
  cluster_bench b(test::free_cluster(1));
  cpu::virtual_machine vm("vm", {}, b.cluster, &b.root);
  b.spawn("host", 0, [&](task& t) {
    CHECK_THROWS_WITH(vm.hypercall(t), "host: no thread of vm");
    b.note("host");
  });
  test::run_dry();
  CHECK(b.log.size() == 1);
}
