// TLBs of the cores in runs of the fault loop.
#include <catch2/catch.hpp>
#include <sstream>

#include "base/child_process.h"
#include "several_bench.h"

using namespace svasim;
using test::sva_bench;

namespace {

// One fault at a time, so that nothing else moves its latency.
trace::sva_plan one_at_a_time() {
  trace::sva_plan p = test::small_plan();
  p.processes = 1;
  p.buffers = 32;
  p.buffer = base::kib(4);
  p.messages = 1;
  p.queue_depth = 1;
  p.end = trace::buffer_end::all_at_end;
  return p;
}

struct figures {
  std::uint64_t latency = 0;  // of all faults
  std::uint64_t l1_hits = 0, l2_hits = 0, walks = 0, reads = 0, accesses = 0;
};

// In a process of its own.
figures run(const platforms::platform_params& p, const trace::sva_plan& plan) {
  const std::string text = base::in_child([&] {
    sva_bench b(p, plan);
    b.run();
    if (const std::string broken = b.broken_rule(); !broken.empty()) {
      throw std::runtime_error(broken);
    }
    figures f;
    for (const kit::finished_fault& fault : b.faults()) {
      for (const kit::hop_time& h : fault.on_path) f.latency += h.length.value();
    }
    const cpu::cluster& c = b.model().cpus();
    for (unsigned i = 0; i < c.cpus(); ++i) {
      const cpu::tlb_stats& s = c.tlb_of(i);
      f.l1_hits += s.l1_hits.value();
      f.l2_hits += s.l2_hits.value();
      f.walks += s.walks.value();
      f.reads += s.walk_reads.value();
    }
    f.accesses = c.accesses().reads.value() + c.accesses().writes.value();
    std::ostringstream out;
    out << f.latency << ' ' << f.l1_hits << ' ' << f.l2_hits << ' ' << f.walks << ' ' << f.reads
        << ' ' << f.accesses << '\n';
    return out.str();
  });
  figures f;
  std::istringstream(text) >> f.latency >> f.l1_hits >> f.l2_hits >> f.walks >> f.reads >>
      f.accesses;
  REQUIRE(f.latency != 0);
  return f;
}

platforms::platform_params without_levels(platforms::platform_params p) {
  p.cpu.tlb.l1_entries = p.cpu.tlb.l2.entries = 0;
  return p;
}

}  // namespace

TEST_CASE(
    "a fault takes longer where the cores have fewer levels of TLB, and the counters say why") {
  for (const char variant : {'a', 'b', 'd'}) {
    INFO(variant);
    platforms::platform_params p = test::variant_params(variant);
    const figures both = run(p, one_at_a_time());
    CHECK(both.walks > 0);
    CHECK(both.l1_hits > 10 * both.walks);
    CHECK(both.l1_hits + both.l2_hits + both.walks == both.accesses);

    platforms::platform_params second_only = p;
    second_only.cpu.tlb.l1_entries = 0;
    const figures second = run(second_only, one_at_a_time());
    CHECK(second.l1_hits == 0);
    CHECK(second.l2_hits > 10 * second.walks);
    CHECK(second.latency > both.latency);

    const figures none = run(without_levels(p), one_at_a_time());
    CHECK(none.walks == none.accesses);
    CHECK(none.reads >= none.walks);
    CHECK(none.latency > second.latency);

    p.cpu.tlb.enabled = false;
    const figures off = run(p, one_at_a_time());
    CHECK(off.l1_hits + off.l2_hits + off.walks + off.reads == 0);
    CHECK(off.latency < both.latency);
  }
}

TEST_CASE("walks of the host read one descriptor, those of a guest's kernel two") {
  const figures bare = run(without_levels(test::variant_params('a')), one_at_a_time());
  CHECK(bare.reads == bare.walks);
  const figures guest = run(without_levels(test::variant_params('b')), one_at_a_time());
  CHECK(guest.reads > guest.walks);
  CHECK(guest.reads < 2 * guest.walks);  // the VMM and the host kernel have their part
}

TEST_CASE("TLBs with room for few pages are walked more often, and all still balances") {
  const figures enough = run(test::variant_params('b'), test::small_plan());
  platforms::platform_params p = test::variant_params('b');
  p.cpu.tlb.l1_entries = 2;
  p.cpu.tlb.l2.entries = p.cpu.tlb.l2.ways = 4;
  const figures few = run(p, test::small_plan());
  CHECK(few.l1_hits + few.l2_hits + few.walks == few.accesses);
  CHECK(few.l2_hits > 0);
  CHECK(few.walks > 2 * enough.walks);
}
