// A cluster with memory and registers that answer as the test wants; scheduling and translation
// cost nothing unless the test says so.
#pragma once

#include <string>
#include <vector>

#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/cpu/cluster.h"

namespace svasim::test {

inline cpu::scheduling_params free_scheduling() {
  cpu::scheduling_params p;
  p.time_slice = base::us(10);
  p.irq_entry = p.thread_wake = p.thread_wake_cost = p.context_switch = base::duration();
  return p;
}

inline cpu::cluster_params free_cluster(std::uint32_t cores) {
  cpu::cluster_params p;
  p.cores = cores;
  p.clock = base::mhz(1000);
  p.l2.hit_cycles = 10;
  p.tlb.enabled = false;
  p.scheduling = free_scheduling();
  p.mmio_read = base::ns(60);
  p.mmio_write = base::ns(30);
  return p;
}

struct cluster_bench {
  explicit cluster_bench(const cpu::cluster_params& params) : cluster("cpu", params, bytes, &root) {
    memory.latency = base::ns(100);
    memory.bytes = &bytes;
    cluster.to_memory.bind(memory.socket);
    cluster.to_registers.bind(registers.socket);
  }

  kit::task& spawn(const std::string& name, std::optional<unsigned> cpu,
                   std::function<void(kit::task&)> body,
                   kit::priority priority = kit::priority::normal,
                   kit::actor who = kit::actor::hk) {
    kit::task_options o;
    o.name = name;
    o.cpu = cpu;
    o.priority = priority;
    o.who = who;
    return cluster.spawn(o, std::move(body));
  }
  /// Notes that `what` happened now.
  void note(const std::string& what) { log.push_back(what + " " + to_string(kit::now())); }
  std::uint64_t time_of(kit::actor who) const { return cluster.cpu_time().of(who).value(); }
  /// The areas of all cores' busy times.
  std::uint64_t busy() {
    root.settle(kit::now());
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < cluster.cpus(); ++i) {
      sum += static_cast<std::uint64_t>(cluster.processor_of(i).statistics().busy.area());
    }
    return sum;
  }
  /// Processor time of everybody.
  std::uint64_t used() const {
    std::uint64_t sum = cluster.cpu_time().background.value();
    for (int i = 0; i < static_cast<int>(kit::actor::count); ++i) {
      sum += time_of(static_cast<kit::actor>(i));
    }
    return sum;
  }

  stats::group root{"test"};
  base::sparse_memory bytes;
  cpu::cluster cluster;
  scripted_target memory{"memory"};
  scripted_target registers{"registers"};
  std::vector<std::string> log;
};

}  // namespace svasim::test
