// TLBs of cores: times and reads as on paper. A cycle is 1 ns, a line of the core's cache 10 ns,
// one from memory 100 ns, a lookup of the second level 5 ns.
#include "tlm/cpu/core_tlb.h"

#include <catch2/catch.hpp>

#include "cluster_bench.h"
#include "tlm/cpu/virtual_machine.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using cpu::core_tlbs;
using kit::actor;
using kit::now;
using kit::task;
using test::cluster_bench;
using test::run_dry;
using test::run_until;

namespace {

constexpr std::uint64_t page = 4096;

// 4 entries before 16, both fully associative.
cpu::tlb_params small_tlb() {
  cpu::tlb_params p;
  p.l1_entries = 4;
  p.l2.entries = p.l2.ways = 16;
  p.l2.hit_cycles = 5;
  return p;
}

cpu::cluster_params with_tlb(std::uint32_t cores, const cpu::tlb_params& tlb = small_tlb()) {
  cpu::cluster_params p = test::free_cluster(cores);
  p.tlb = tlb;
  return p;
}

duration read_time(task& t, std::uint64_t at) {
  const duration start = now();
  std::uint64_t v = 0;
  t.read(at, &v, sizeof v);
  return now() - start;
}

// Requests that are for descriptors.
std::vector<std::uint64_t> descriptors(const cluster_bench& b) {
  std::vector<std::uint64_t> out;
  for (const auto& a : b.memory.arrivals) {
    if (a.address >= core_tlbs::tables && a.address < core_tlbs::tables_end) {
      out.push_back(a.address);
    }
  }
  return out;
}

arch::command tlbi(arch::opcode op, std::uint16_t vmid = 0, std::uint64_t address = 0) {
  arch::command c;
  c.op = op;
  c.vmid = base::vmid(vmid);
  c.address = address;
  return c;
}

struct counts {
  std::uint64_t first, second, walks;
  bool operator==(const counts& o) const {
    return first == o.first && second == o.second && walks == o.walks;
  }
};

// Of `rounds` rounds over `pages` pages of the host kernel, so many bytes apart.
counts cyclic(const cpu::tlb_params& params, std::uint64_t pages, unsigned rounds,
              std::uint64_t stride = page) {
  stats::group root{"test"};
  core_tlbs tlbs(params, {&root});
  for (unsigned r = 0; r < rounds; ++r) {
    for (std::uint64_t i = 0; i < pages; ++i) {
      if (tlbs.lookup(0, core_tlbs::kernel_space, i * stride) != core_tlbs::found::nowhere)
        continue;
      tlbs.enter(0, core_tlbs::kernel_space, i * stride,
                 tlbs.begin_walk(0, core_tlbs::kernel_space, i * stride));
    }
  }
  const cpu::tlb_stats& s = tlbs.statistics(0);
  return {s.l1_hits.value(), s.l2_hits.value(), s.walks.value()};
}

// A machine of one vCPU with its guest's memory where the host has it.
struct vm_bench : cluster_bench {
  explicit vm_bench(std::uint16_t vmid, unsigned stage2_shift)
      : cluster_bench(with_tlb(1)), vm("vm", free_vm(), cluster, &root) {
    vm.set_translation(base::vmid(vmid), stage2_shift);
  }
  static cpu::vm_params free_vm() {
    cpu::vm_params p;
    p.vcpus = 1;
    p.kvm.exit = p.kvm.vcpu_wake = duration();
    p.scheduling = test::free_scheduling();
    return p;
  }
  void guest(std::function<void(task&)> body) {
    kit::task_options o;
    o.name = "g";
    o.who = actor::gk;
    o.cpu = 0;
    vm.spawn(o, std::move(body));
  }
  cpu::virtual_machine vm;
};

}  // namespace

TEST_CASE("a page is walked once, then its accesses take what the cache takes") {
  cluster_bench b(with_tlb(1));
  b.spawn("a", 0, [&](task& t) {
    CHECK(read_time(t, 0x1000) == ns(5 + 100 + 100));  // second level, descriptor, line
    CHECK(read_time(t, 0x1000) == ns(10));
    CHECK(read_time(t, 0x1fc0) == ns(100));
  });
  run_dry();
  CHECK(descriptors(b).size() == 1);
  const cpu::tlb_stats& s = b.cluster.tlb_of(0);
  CHECK(s.walks.value() == 1);
  CHECK(s.walk_reads.value() == 1);
  CHECK(s.l1_hits.value() == 2);
  CHECK(b.used() == ns(315).value());
  CHECK(b.busy() == b.used());
  CHECK(b.cluster.accesses().reads.value() == 3);
  CHECK(static_cast<std::uint64_t>(b.cluster.accesses().memory_time.since_snapshot().sum()) ==
        ns(315).value());
}

TEST_CASE("the descriptors of eight neighbouring pages are one read of the interconnect") {
  cluster_bench b(with_tlb(1));
  b.spawn("a", 0, [&](task& t) {
    CHECK(read_time(t, 0x10000) == ns(5 + 100 + 100));
    for (std::uint64_t i = 1; i < 8; ++i) {
      CHECK(read_time(t, 0x10000 + i * page) == ns(5 + 10 + 100));
    }
    CHECK(read_time(t, 0x10000 + 8 * page) == ns(5 + 100 + 100));
  });
  run_dry();
  CHECK(descriptors(b).size() == 2);
  CHECK(b.cluster.tlb_of(0).walk_reads.value() == 9);
}

TEST_CASE("the second level takes its cycles and no walk") {
  cluster_bench b(with_tlb(1));
  b.spawn("a", 0, [&](task& t) {
    for (std::uint64_t i = 0; i < 5; ++i) read_time(t, i * page);
    CHECK(read_time(t, 0) == ns(5 + 10));
    CHECK(read_time(t, 0) == ns(10));
  });
  run_dry();
  CHECK(b.cluster.tlb_of(0).l2_hits.value() == 1);
  CHECK(b.cluster.tlb_of(0).walks.value() == 5);
}

TEST_CASE("pages gone round hit the level they fit in, each time, and none but the first misses") {
  for (std::uint64_t n = 1; n <= 4; ++n) CHECK(cyclic(small_tlb(), n, 10) == counts{9 * n, 0, n});
  for (std::uint64_t n = 5; n <= 16; ++n) CHECK(cyclic(small_tlb(), n, 10) == counts{0, 9 * n, n});
  for (std::uint64_t n = 17; n <= 20; ++n)
    CHECK(cyclic(small_tlb(), n, 10) == counts{0, 0, 10 * n});
}

TEST_CASE("pages at round addresses do not fight for one set of the second level") {
  cpu::tlb_params p = small_tlb();
  p.l1_entries = 0;
  p.l2.entries = 1280;
  p.l2.ways = 5;
  CHECK(cyclic(p, 32, 10, 1u << 20) == counts{0, 288, 32});
  CHECK(cyclic(p, 32, 10, 1u << 24) == counts{0, 288, 32});
}

TEST_CASE("a level without entries is not there, and without either every access is walked") {
  cpu::tlb_params p = small_tlb();
  p.l1_entries = 0;
  CHECK(cyclic(p, 2, 10) == counts{0, 18, 2});
  CHECK(cyclic(p, 1, 10) == counts{0, 9, 1});
  p.l2.entries = 0;
  CHECK(cyclic(p, 1, 10) == counts{0, 0, 10});
  p.l1_entries = 4;
  CHECK(cyclic(p, 4, 10) == counts{36, 0, 4});
  CHECK(cyclic(p, 5, 10) == counts{0, 0, 50});
}

TEST_CASE("a second level that is not there takes no cycles") {
  cpu::tlb_params p = small_tlb();
  p.l2.entries = 0;
  cluster_bench b(with_tlb(1, p));
  b.spawn("a", 0, [&](task& t) { CHECK(read_time(t, 0x1000) == ns(200)); });
  run_dry();
}

TEST_CASE("larger pages need fewer entries, and their descriptors fewer lines") {
  cpu::tlb_params p = small_tlb();
  p.kernel_page = cpu::map_page::block_2m;
  CHECK(cyclic(p, 512, 1) == counts{511, 0, 1});
  CHECK(cyclic(p, 513, 1) == counts{511, 0, 2});
}

TEST_CASE("a nested miss reads the guest's leaf and that of stage 2, neighbours the same lines") {
  vm_bench b(3, 12);
  b.guest([&](task& t) {
    CHECK(read_time(t, 0x10000) == ns(5 + 100 + 100 + 100));
    CHECK(read_time(t, 0x10000) == ns(10));
    CHECK(read_time(t, 0x11000) == ns(5 + 10 + 10 + 100));
  });
  run_dry();
  const auto read = descriptors(b);
  REQUIRE(read.size() == 2);
  CHECK(read[0] != read[1]);
  CHECK(b.cluster.tlb_of(0).walks.value() == 2);
  CHECK(b.cluster.tlb_of(0).walk_reads.value() == 4);
  CHECK(b.busy() == b.used());
}

TEST_CASE("blocks of stage 2 leave entries as small as the guest's pages, and share a descriptor") {
  vm_bench b(3, 21);
  b.guest([&](task& t) {
    CHECK(read_time(t, 0x200000) == ns(5 + 100 + 100 + 100));
    CHECK(read_time(t, 0x208000) == ns(5 + 100 + 10 + 100));
  });
  run_dry();
  CHECK(b.cluster.tlb_of(0).walks.value() == 2);
}

TEST_CASE("small pages of stage 2 split a block of the guest, and a TLBI for any of it drops all") {
  stats::group root{"test"};
  core_tlbs tlbs(small_tlb(), {&root});
  const unsigned guest = tlbs.add_guest(base::vmid(3), 21, 12);
  for (std::uint64_t i = 0; i < 3; ++i) {
    const std::uint64_t at = 0x200000 + i * page;
    CHECK(tlbs.lookup(0, guest, at) == core_tlbs::found::nowhere);
    tlbs.enter(0, guest, at, tlbs.begin_walk(0, guest, at));
  }
  tlbs.invalidate(tlbi(arch::opcode::tlbi_nh_vaa, 3, core_tlbs::linear_map + 0x3ff000));
  CHECK(tlbs.statistics(0).invalidated.value() == 6);  // in both levels
  CHECK(tlbs.lookup(0, guest, 0x200000) == core_tlbs::found::nowhere);
}

TEST_CASE("a core has neither what another one walked nor the line of its descriptor") {
  cluster_bench b(with_tlb(2));
  b.spawn("a", 0, [&](task& t) { CHECK(read_time(t, 0x1000) == ns(205)); });
  b.spawn("b", 1, [&](task& t) {
    t.compute(us(1));
    CHECK(read_time(t, 0x1000) == ns(205));
    CHECK(read_time(t, 0x1000) == ns(10));
  });
  run_dry();
  CHECK(b.cluster.tlb_of(0).walks.value() == 1);
  CHECK(b.cluster.tlb_of(1).walks.value() == 1);
}

TEST_CASE("a thread that moves leaves its translations behind, and finds them when it is back") {
  cluster_bench b(with_tlb(2));
  kit::wakeup moves("moves"), returns("returns"), pause("pause");
  b.spawn("a", std::nullopt, [&](task& t) {
    CHECK(read_time(t, 0x1000) == ns(205));
    t.sleep(moves);
    CHECK(read_time(t, 0x1000) == ns(205));  // the other core's cache has no line of it either
    t.sleep(returns);
    CHECK(read_time(t, 0x1000) == ns(10));
    b.note("a");
  });
  b.spawn("first", 0, [&](task& t) {
    t.compute(us(1));
    moves.raise();
    t.compute(us(1));
  });
  b.spawn("second", 1, [&](task& t) {
    pause.raise_after(us(3));
    t.sleep(pause);
    returns.raise();
    t.compute(us(1));
  });
  run_dry();
  CHECK(b.log.size() == 1);  // it was there and back
  CHECK(b.cluster.tlb_of(0).walks.value() == 1);
  CHECK(b.cluster.tlb_of(1).walks.value() == 1);
}

TEST_CASE("what acts for a VMM has translations of its own") {
  cluster_bench b(with_tlb(1));
  b.spawn(
      "vmm", 0, [&](task& t) { CHECK(read_time(t, 0x1000) == ns(205)); }, kit::priority::normal,
      actor::vmm);
  b.spawn("kernel", 0, [&](task& t) {
    t.compute(us(1));
    CHECK(read_time(t, 0x1000) == ns(5 + 100 + 10));
    CHECK(read_time(t, 0x1000) == ns(10));
  });
  run_dry();
  CHECK(descriptors(b).size() == 2);
  CHECK(b.time_of(actor::vmm) == ns(205).value());
}

TEST_CASE("a TLBI by VMID drops a guest's translations and no others, by IPA none that combines") {
  vm_bench b(3, 12);
  b.guest([&](task& t) {
    read_time(t, 0x10000);
    b.vm.broadcast(t, tlbi(arch::opcode::tlbi_s2_ipa, 3, 0x10000));
    CHECK(read_time(t, 0x10000) == ns(10));
    b.vm.broadcast(t, tlbi(arch::opcode::tlbi_nh_all, 2));
    b.vm.broadcast(t, tlbi(arch::opcode::tlbi_nh_all, 0));
    CHECK(read_time(t, 0x10000) == ns(10));
    b.vm.broadcast(t, tlbi(arch::opcode::tlbi_nh_all, 3));
    CHECK(read_time(t, 0x10000) == ns(5 + 10 + 10 + 10));
    CHECK(read_time(t, 0x10000) == ns(10));
    b.note("g");
  });
  run_dry();
  CHECK(b.log.size() == 1);
  CHECK(b.cluster.tlb_of(0).walks.value() == 2);
  CHECK(b.cluster.tlb_of(0).invalidated.value() == 2);
}

TEST_CASE("a TLBI reaches all cores, and the space it does not name survives on each") {
  cluster_bench b(with_tlb(2));
  kit::wakeup there("there"), gone("gone");
  b.spawn("a", 0, [&](task& t) {
    read_time(t, 0x1000);
    there.raise();
    t.sleep(gone);
    CHECK(read_time(t, 0x1000) == ns(5 + 10 + 10));
    CHECK(read_time(t, 0x1000) == ns(10));
  });
  b.spawn(
      "vmm", 0,
      [&](task& t) {
        t.compute(us(1));
        read_time(t, 0x1000);
        t.compute(us(9));
        CHECK(read_time(t, 0x1000) == ns(10));
      },
      kit::priority::normal, actor::vmm);
  b.spawn("b", 1, [&](task& t) {
    t.sleep(there);
    t.compute(us(5));
    b.cluster.broadcast(t, tlbi(arch::opcode::tlbi_nh_vaa, 0, core_tlbs::linear_map + 0x1000));
    gone.raise();
  });
  run_dry();
  CHECK(b.cluster.tlb_of(0).invalidated.value() == 2);
  CHECK(b.cluster.tlb_of(1).invalidated.value() == 0);
}

TEST_CASE("a TLBI for pages of a process drops nothing of kernels and VMMs") {
  cluster_bench b(with_tlb(1));
  b.spawn("a", 0, [&](task& t) {
    read_time(t, 0x1000);
    arch::command c = tlbi(arch::opcode::tlbi_nh_va, 0, 0x1000);
    c.asid = base::asid(1);
    b.cluster.broadcast(t, c);
    c.op = arch::opcode::tlbi_nh_asid;
    b.cluster.broadcast(t, c);
    CHECK(read_time(t, 0x1000) == ns(10));
  });
  run_dry();
  CHECK(b.cluster.tlb_of(0).invalidated.value() == 0);
}

TEST_CASE("what is invalidated while it is walked is walked again") {
  cluster_bench b(with_tlb(1));
  b.spawn("a", 0, [&](task& t) {
    CHECK(read_time(t, 0x1000) == ns(205));
    CHECK(read_time(t, 0x1000) == ns(5 + 10 + 10));
    CHECK(read_time(t, 0x1000) == ns(10));
  });
  run_until(ns(50));
  b.cluster.invalidate(tlbi(arch::opcode::tlbi_nsnh_all));
  run_dry();
  CHECK(b.cluster.tlb_of(0).walks.value() == 2);
}

TEST_CASE("a cluster passes its TLBIs on to the others") {
  cluster_bench b(with_tlb(1));
  std::vector<arch::opcode> passed;
  b.cluster.on_tlbi = [&](const arch::command& c) { passed.push_back(c.op); };
  b.spawn("a", 0, [&](task& t) { b.cluster.broadcast(t, tlbi(arch::opcode::tlbi_nh_all)); });
  run_dry();
  CHECK(passed == std::vector<arch::opcode>{arch::opcode::tlbi_nh_all});
}
