// Host-side speed. Every measurement is a process of its own (one SystemC kernel each), and the
// yardstick is measured in the same run, because the machine's speed is not the simulator's.
#include <fmt/format.h>
#include <time.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstring>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <systemc>

#include "app/commands.h"
#include "app/load.h"
#include "base/child_process.h"
#include "describe/effective.h"
#include "platforms/platform.h"
#include "platforms/sva/sva_platform.h"
#include "workloads/generator.h"

namespace svasim::app {
namespace {

// Finer than what getrusage() tells of user time, which may be none of a short run.
double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_nsec) * 1e-9;
}

// A module that does nothing but be activated once a nanosecond.
class ticker : public sc_core::sc_module {
 public:
  explicit ticker(sc_core::sc_module_name name) : sc_module(name) {
    SC_HAS_PROCESS(ticker);
    SC_METHOD(tick);
    sensitive << m_event;
  }
  std::uint64_t ticks() const { return m_ticks; }

 private:
  void tick() {
    ++m_ticks;
    m_event.notify(m_period);
  }
  sc_core::sc_event m_event;
  const sc_core::sc_time m_period{1, sc_core::SC_NS};
  std::uint64_t m_ticks = 0;
};

double yardstick() {
  constexpr unsigned modules = 16;
  constexpr double run_ns = 500000;
  std::vector<std::unique_ptr<ticker>> all;
  for (unsigned i = 0; i < modules; ++i) {
    all.push_back(std::make_unique<ticker>(fmt::format("ticker_{}", i).c_str()));
  }
  const double start = cpu_seconds();
  sc_core::sc_start(sc_core::sc_time(run_ns, sc_core::SC_NS));
  const double took = cpu_seconds() - start;
  std::uint64_t ticks = 0;
  for (const auto& t : all) ticks += t->ticks();
  return static_cast<double>(ticks) / took / 1e6;
}

struct bench_case {
  const char* name;
  const char* what;
  std::uint32_t cold_ppm;  ///< share of accesses to the cold footprint
  base::byte_size footprint;
  bool nested;
};

// Only footprint and stages differ from the platform file, and 128 requests are outstanding in
// each.
const std::array<bench_case, 3> cases{{
    {"hit", "0.1 % TLB misses", 1000, base::kib(64), false},
    {"mixed", "17 % TLB misses", 170000, base::kib(64), false},
    {"walk", "nested, 87 % TLB misses", 0, base::mib(64), true},
}};

// Through ATC, page requests and the software of bare metal (variant a).
struct sva_case {
  const char* name;
  const char* what;
  bool faults;
  std::uint32_t processes;
  base::byte_size buffer;
  std::uint32_t messages;  ///< that go over a buffer
  std::uint32_t queue_depth;
};
const std::array<sva_case, 2> sva_cases{{
    {"atc_hit", "device ATC, 99.9 % hits", false, 1, base::kib(64), 1000, 4},
    {"fault_storm", "64 PASIDs, every page faults", true, 64, base::kib(32), 1, 1},
}};
constexpr std::size_t all_cases = cases.size() + sva_cases.size();

struct measurement {
  double m_per_s = 0;
  double miss_ratio = 0;
  double reads_per_walk = 0;
};

measurement simulate(const bench_case& c, const bench_options& o) {
  std::vector<std::string> sets{"device.dma.mode=closed", "device.dma.outstanding_reads=128"};
  if (c.nested) sets.emplace_back("tables.mode=nested");
  const loaded_platform loaded = load_platform(o.platform, sets);
  workloads::generator_params g;
  g.pattern =
      c.cold_ppm != 0 ? workloads::access_pattern::hot_cold : workloads::access_pattern::random;
  g.accesses = o.transactions;
  g.footprint = c.footprint;
  g.cold_footprint = base::gib(1);
  g.cold_ppm = c.cold_ppm;
  workloads::generator source(g);
  platforms::platform p(loaded.params, source, {});
  const double start = cpu_seconds();
  p.run();
  const double took = cpu_seconds() - start;
  const auto requests = static_cast<double>(p.dma().statistics().issued.value());
  const smmu::tbu_stats& t = p.tbu().statistics();
  const auto asked = static_cast<double>(t.translations.value() + t.hazards.value());
  const smmu::walker_stats& w = p.walker().statistics();
  return {requests / took / 1e6, asked / requests,
          static_cast<double>(w.descriptor_reads()) / static_cast<double>(w.walks.value())};
}

// Buffers are as many as the transactions need, and fresh each.
trace::sva_plan plan_of(const sva_case& c, std::uint64_t transactions) {
  trace::sva_plan plan;
  plan.processes = c.processes;
  plan.buffer = c.buffer;
  plan.queue_depth = c.queue_depth;
  plan.end = trace::buffer_end::keep;
  const std::uint64_t of_message = c.buffer.value() / plan.access.value();
  const std::uint64_t all = std::max<std::uint64_t>(transactions / c.processes / of_message, 1);
  plan.messages = static_cast<std::uint32_t>(std::min<std::uint64_t>(all, c.messages));
  const std::uint64_t buffers = std::max<std::uint64_t>(all / plan.messages, 1);
  plan.buffers = static_cast<std::uint32_t>(std::min<std::uint64_t>(buffers, 1000000));
  return plan;
}

measurement simulate(const sva_case& c, const bench_options& o) {
  const loaded_platform loaded = load_platform(o.platform, {"variant=a"});
  platforms::sva_options options;
  options.prefault = !c.faults;
  platforms::sva_platform p(loaded.params, plan_of(c, o.transactions), options);
  const double start = cpu_seconds();
  p.run();
  const double took = cpu_seconds() - start;
  const auto requests = static_cast<double>(p.dma().statistics().issued.value());
  const smmu::walker_stats& w = p.parts().smmus[0].walker.statistics();
  const device::atc_store_stats& a = p.atc()->cache_statistics();
  return {requests / took / 1e6,
          static_cast<double>(a.misses.value()) / static_cast<double>(a.lookups.value()),
          static_cast<double>(w.descriptor_reads()) / static_cast<double>(w.walks.value())};
}

// Cases by number: first those of the SMMU, then those of the fault loop.
measurement simulate(std::size_t i, const bench_options& o) {
  return i < cases.size() ? simulate(cases[i], o) : simulate(sva_cases[i - cases.size()], o);
}
const char* name_of(std::size_t i) {
  return i < cases.size() ? cases[i].name : sva_cases[i - cases.size()].name;
}
const char* what_of(std::size_t i) {
  return i < cases.size() ? cases[i].what : sva_cases[i - cases.size()].what;
}

// `work` in a process of its own.
measurement measured(const std::function<measurement()>& work) {
  const std::string text = base::in_child([&] {
    const measurement m = work();
    return std::string(reinterpret_cast<const char*>(&m), sizeof m);
  });
  measurement m;
  std::memcpy(&m, text.data(), sizeof m);
  return m;
}

double median(std::vector<double> v) {
  std::sort(v.begin(), v.end());
  return v[v.size() / 2];
}

struct case_result {
  std::vector<double> rates, shares;
  measurement last;
};

}  // namespace

int bench(const bench_options& o) {
  // Parsed here first, so that a bad platform file is one clear error.
  const loaded_platform loaded = load_platform(o.platform, {});
  const std::string digest = describe::effective_digest(loaded.params);
  std::vector<double> yard;
  std::array<case_result, all_cases> results;
  for (unsigned round = 0; round < o.repeats; ++round) {
    yard.push_back(measured([] { return measurement{yardstick(), 0, 0}; }).m_per_s);
    for (std::size_t i = 0; i < all_cases; ++i) {
      const measurement m = measured([&] { return simulate(i, o); });
      results[i].rates.push_back(m.m_per_s);
      results[i].shares.push_back(m.m_per_s / yard.back());
      results[i].last = m;
    }
  }
  if (o.json) {
    nlohmann::json out{{"yardstick_m_per_s", median(yard)}, {"platform", digest}};
    for (std::size_t i = 0; i < all_cases; ++i) {
      out["cases"][name_of(i)] = {{"m_per_s", median(results[i].rates)},
                                  {"share", median(results[i].shares)}};
    }
    fmt::print("{}\n", out.dump(2));
    return 0;
  }
  fmt::print("platform {} ({}), {} transactions a case, median of {} rounds\n", loaded.params.name,
             digest, o.transactions, o.repeats);
  fmt::print("yardstick: {:.1f} M activations/s (16 modules, one SC_METHOD each, every 1 ns)\n\n",
             median(yard));
  fmt::print("{:12} {:>9} {:>10} {:>8} {:>12}\n", "case", "M/s", "of yard", "misses", "reads/walk");
  for (std::size_t i = 0; i < all_cases; ++i) {
    const case_result& r = results[i];
    fmt::print("{:12} {:9.2f} {:10.3f} {:7.1f}% {:12.2f}   {}\n", name_of(i), median(r.rates),
               median(r.shares), r.last.miss_ratio * 100, r.last.reads_per_walk, what_of(i));
  }
  return 0;
}

}  // namespace svasim::app
