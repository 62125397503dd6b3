#include "tlm/software/process_memory.h"

#include "arch/translate.h"
#include "software_bench.h"

using namespace svasim;
using base::ns;
using base::us;
using software::page_kind;
using software::process_memory;
using strings = std::vector<std::string>;
using test::run_dry;

namespace {

constexpr std::uint64_t buffer = 0x1000'0000'0000;
constexpr std::uint64_t page = 4096;
const base::stream_id stream{8};
const base::substream_id pasid{5};

software::mm_costs costs() {
  software::mm_costs c;
  c.swap_spread_percent = 0;
  return c;
}

// A process whose tables are in the memory of the cluster, reached through STE and CD.
struct bench : test::cluster_bench {
  explicit bench(const software::mm_costs& c = costs())
      : cluster_bench(test::no_cost_cluster(4)),
        tables(bytes, {}),
        regs(registers()),
        frames(0x8000'0000, 1000),
        mm(c, test::no_kernel_costs(), tables, identity(), frames, 1, &root, "mm") {
    memory.latency = base::duration();
    tables.attach_processes(stream, {});
    tables.bind(stream, pasid, mm.who().domain);
    mm.set_iommu(&iommu);
    iommu.takes = us(2);
    process_memory::observer o;
    o.released = [this](std::uint64_t) { note("released"); };
    mm.observe(std::move(o));
  }
  arch::registers registers() const {
    arch::registers r;
    r.idr1 = (r.idr1 & ~(31u << 6)) | 20u << 6;
    r.cr0 = 1;
    tables.configure(r);
    return r;
  }
  process_memory::identity identity() {
    process_memory::identity who;
    arch::domain_params d;
    d.asid = base::asid(7);
    who.domain = tables.add_domain(d);
    who.pasid = pasid;
    who.asid = base::asid(7);
    return who;
  }
  // What an SMMU without caches says to an access of the device; 0: a fault.
  std::uint64_t device_sees(std::uint64_t address, bool write) {
    const auto read = [this](const arch::fetch_request& f, std::uint64_t* words) {
      bytes.read(base::pa(f.address), words, f.size);
      return true;
    };
    arch::access_request a;
    a.sid = stream;
    a.has_ssid = true;
    a.ssid = pasid;
    a.address = address;
    a.write = write;
    const arch::translation_result r = arch::translate(regs, read, a);
    return r.outcome == arch::outcome::ok ? r.output.value() : 0;
  }
  // `body` by one task from time 0.
  void run(std::function<void(kit::task&)> body) {
    spawn("task", 0u, std::move(body));
    run_dry();
  }
  const software::process_memory_stats& stats() const { return mm.statistics(); }

  arch::table_builder tables;
  arch::register_view regs;
  software::frame_allocator frames;
  test::noting_iommu iommu;
  process_memory mm;
};

}  // namespace

TEST_CASE(
    "a zero-filled page is there for the device by stores of the task, all levels the first time") {
  bench b;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 2);
    CHECK(b.device_sees(buffer, false) == 0);
    const auto before = b.cluster.accesses().writes.value();
    CHECK(b.mm.handle_fault(t, buffer + 0x123, true));
    CHECK(b.cluster.accesses().writes.value() - before == 4);  // three tables and the leaf
    CHECK(b.mm.handle_fault(t, buffer + page, false));
    CHECK(b.cluster.accesses().writes.value() - before == 5);  // a leaf
  });
  CHECK(b.mm.frame_of(buffer) == 0x8000'0000);
  CHECK(b.device_sees(buffer, true) == b.mm.frame_of(buffer));
  CHECK(b.device_sees(buffer + page + 5, true) == b.mm.frame_of(buffer + page) + 5);
  CHECK(b.stats().zero_filled.value() == 2);
  CHECK(b.iommu.ranges.empty());
}

TEST_CASE("a fault on a page that is there is minor and changes nothing") {
  bench b;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 1);
    CHECK(b.mm.handle_fault(t, buffer, true));
    const base::duration begun = kit::now();
    CHECK(b.mm.handle_fault(t, buffer, true));
    CHECK(kit::now() - begun == costs().minor);
  });
  CHECK(b.stats().minor.value() == 1);
  CHECK(b.stats().zero_filled.value() == 1);
  CHECK(b.mm.frame_of(buffer) == 0x8000'0000);
}

TEST_CASE("two faults on a page at a time give it one frame") {
  bench b;
  b.spawn("first", 0u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 2);
    b.mm.handle_fault(t, buffer, true);
  });
  b.spawn("second", 1u, [&](kit::task& t) {
    t.compute(costs().mmap + ns(1));
    b.mm.handle_fault(t, buffer, true);
    b.mm.handle_fault(t, buffer + page, true);
  });
  run_dry();
  CHECK(b.mm.frame_of(buffer) == 0x8000'0000);
  CHECK(b.mm.frame_of(buffer + page) == 0x8000'0000 + page);
}

TEST_CASE(
    "copy on write: the device reads, its write fault replaces the page once the invalidation is "
    "over") {
  bench b;
  std::uint64_t old = 0;
  b.iommu.on_begin = [&] {
    CHECK(b.device_sees(buffer, false) == 0);  // nothing can be fetched anew meanwhile
    CHECK(b.mm.frame_of(buffer) == old);
  };
  b.iommu.on_end = [&] {
    CHECK(b.mm.frame_of(buffer) == old);
    b.note("invalidated");
  };
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 1);
    b.mm.set_kind(buffer, page_kind::copy_on_write);
    old = b.mm.frame_of(buffer);
    CHECK(b.device_sees(buffer, false) == old);
    CHECK(b.device_sees(buffer, true) == 0);
    CHECK(b.mm.handle_fault(t, buffer, true));
  });
  CHECK(b.device_sees(buffer, true) == b.mm.frame_of(buffer));
  CHECK(b.mm.frame_of(buffer) != old);
  REQUIRE(b.iommu.ranges.size() == 1);
  CHECK(b.iommu.ranges[0].pasid == pasid);
  CHECK(b.iommu.ranges[0].asid.value() == 7);
  CHECK(b.iommu.ranges[0].first == buffer);
  CHECK(b.iommu.ranges[0].pages == 1);
  REQUIRE(b.log.size() == 2);
  CHECK(b.log[0].substr(0, 11) == "invalidated");
  CHECK(b.log[1].substr(0, 8) == "released");
  CHECK(b.stats().copied.value() == 1);
}

TEST_CASE("a read fault on a copy-on-write page is minor and keeps its frame") {
  bench b;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 1);
    b.mm.set_kind(buffer, page_kind::copy_on_write);
    CHECK(b.mm.handle_fault(t, buffer, false));
  });
  CHECK(b.stats().minor.value() == 1);
  CHECK(b.device_sees(buffer, false) == 0x8000'0000);
  CHECK(b.device_sees(buffer, true) == 0);
}

TEST_CASE("swap-in sleeps its time, and another thread has the processor meanwhile") {
  bench b;
  base::duration took;
  b.spawn("fault", 0u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 1);
    b.mm.set_kind(buffer, page_kind::swapped);
    const base::duration begun = kit::now();
    b.mm.handle_fault(t, buffer, false);
    took = kit::now() - begun;
  });
  b.spawn("other", 0u, [&](kit::task& t) {
    t.compute(us(30));
    b.note("other");
  });
  run_dry();
  CHECK(took >= costs().zero_fill + costs().swap_in + costs().map_page);
  CHECK(took < costs().zero_fill + costs().swap_in + costs().map_page + ns(50));
  CHECK(b.time_of(kit::actor::hk) < us(35).value());
  REQUIRE(b.log.size() == 1);
  CHECK(b.stats().swapped_in.value() == 1);
}

TEST_CASE("swap-in times lie about the median by the spread") {
  software::mm_costs c = costs();
  c.swap_spread_percent = 50;
  c.zero_fill = c.map_page = base::duration();
  bench b(c);
  base::duration least = us(1000), most;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 100);
    for (std::uint64_t i = 0; i < 100; ++i) {
      b.mm.set_kind(buffer + i * page, page_kind::swapped);
      const base::duration begun = kit::now();
      b.mm.handle_fault(t, buffer + i * page, false);
      least = std::min(least, kit::now() - begun);
      most = std::max(most, kit::now() - begun);
    }
  });
  CHECK(least >= us(30));
  CHECK(least < us(36));
  CHECK(most > us(84));
  CHECK(most < us(90) + ns(50));
}

TEST_CASE("unmap: gone for the device, then invalidated, then the frames are free") {
  bench b;
  b.iommu.on_begin = [&] {
    CHECK(b.device_sees(buffer, false) == 0);
    CHECK(b.device_sees(buffer + page, false) == 0);
    CHECK(b.device_sees(buffer + 2 * page, false) != 0);
    CHECK(b.frames.allocate() == 0x8000'0000 + 3 * page);  // none of the process's own
  };
  b.iommu.on_end = [&] { b.note("invalidated"); };
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 4);
    for (int i = 0; i < 3; ++i) b.mm.handle_fault(t, buffer + i * page, true);
    b.mm.unmap(t, buffer, 2);
    CHECK_FALSE(b.mm.handle_fault(t, buffer, false));
    CHECK(b.mm.handle_fault(t, buffer + 2 * page, false));
  });
  REQUIRE(b.iommu.ranges.size() == 1);
  CHECK(b.iommu.ranges[0].first == buffer);
  CHECK(b.iommu.ranges[0].pages == 2);
  REQUIRE(b.log.size() == 3);
  CHECK(b.log[0].substr(0, 11) == "invalidated");
  CHECK(b.log[1].substr(0, 8) == "released");
  CHECK(b.log[2].substr(0, 8) == "released");
  CHECK(b.stats().unmapped.value() == 2);
  CHECK(b.stats().refused.value() == 1);
}

TEST_CASE("pages that nobody touched are unmapped without an invalidation") {
  bench b;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 4);
    b.mm.unmap(t, buffer, 4);
  });
  CHECK(b.iommu.ranges.empty());
  CHECK(b.stats().unmapped.value() == 0);
}

TEST_CASE("a fault waits for an unmap under way, and is refused behind it") {
  bench b;
  b.spawn("unmap", 0u, [&](kit::task& t) {
    b.mm.declare(t, buffer, 1);
    b.mm.handle_fault(t, buffer, true);
    t.compute(us(10) - kit::now());
    b.mm.unmap(t, buffer, 1);
    b.note("unmapped");
  });
  b.spawn("fault", 1u, [&](kit::task& t) {
    t.compute(us(11));
    CHECK_FALSE(b.mm.handle_fault(t, buffer, true));
    b.note("refused");
  });
  run_dry();
  REQUIRE(b.log.size() == 3);
  CHECK(b.log[0].substr(0, 8) == "released");
  CHECK(b.log[1].substr(0, 8) == "unmapped");
  CHECK(b.log[2].substr(0, 7) == "refused");
}

TEST_CASE("a discarded page is zero-filled at the next use") {
  bench b;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 1);
    b.mm.handle_fault(t, buffer, true);
    b.mm.discard(t, buffer, 1);
    CHECK(b.device_sees(buffer, false) == 0);
    CHECK_FALSE(b.mm.is_present(buffer));
    CHECK(b.mm.handle_fault(t, buffer, true));
  });
  CHECK(b.stats().zero_filled.value() == 2);
  CHECK(b.device_sees(buffer, true) == b.mm.frame_of(buffer));
}

TEST_CASE("fork makes all pages read-only and invalidates once, everything, a write copies") {
  bench b;
  b.run([&](kit::task& t) {
    b.mm.declare(t, buffer, 3);
    for (int i = 0; i < 2; ++i) b.mm.handle_fault(t, buffer + i * page, true);
    b.mm.fork(t);
    for (int i = 0; i < 2; ++i) {
      CHECK(b.device_sees(buffer + i * page, false) == 0x8000'0000 + i * page);
      CHECK(b.device_sees(buffer + i * page, true) == 0);
    }
    REQUIRE(b.iommu.ranges.size() == 1);
    CHECK(b.iommu.ranges[0].pages == 0);
    CHECK(b.mm.handle_fault(t, buffer, true));
  });
  CHECK(b.stats().copied.value() == 1);
  CHECK(b.device_sees(buffer, true) == b.mm.frame_of(buffer));
  CHECK(b.device_sees(buffer + page, true) == 0);
}

TEST_CASE("a machine without frames left is an error of the workload") {
  software::frame_allocator frames(0x1000, 1);
  CHECK(frames.allocate() == 0x1000);
  CHECK_THROWS_WITH(frames.allocate(), "the workload needs more memory than its machine has");
  frames.release(0x1000);
  CHECK(frames.allocate() == 0x1000);
}
