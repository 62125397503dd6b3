#include "tlm/software/io_pgfault.h"

#include "software_bench.h"
#include "tlm/software/process_memory.h"

using namespace svasim;
using base::ns;
using base::us;
using test::page_request;
using test::run_dry;

namespace {

constexpr std::uint64_t buffer = 0x1000'0000'0000;
constexpr std::uint64_t page = 4096;

software::io_pgfault_params params(std::uint32_t workers, std::uint32_t groups,
                                   std::uint32_t partial) {
  software::io_pgfault_params p;
  p.workers = workers;
  p.groups = groups;
  p.partial = partial;
  return p;
}

// A process with PASID 5 and 16 pages from `buffer`; what `body` reports is reported at 10 us.
struct bench : test::cluster_bench {
  explicit bench(const software::io_pgfault_params& p = params(2, 8, 8))
      : cluster_bench(test::no_cost_cluster(4)),
        tables(bytes, {}),
        frames(0x8000'0000, 1000),
        mm({}, test::no_kernel_costs(), tables, identity(), frames, 1, &root, "mm"),
        faults(p, test::no_kernel_costs(), cluster, kit::actor::hk, iommu, nullptr,
               {kit::hop::hk_group_work, kit::hop::hk_mm}, &root) {
    memory.latency = base::duration();
    faults.bind(base::substream_id(5), mm);
  }
  software::process_memory::identity identity() {
    software::process_memory::identity who;
    who.domain = tables.add_domain({});
    who.pasid = base::substream_id(5);
    return who;
  }
  void run(std::function<void(kit::task&)> body) {
    spawn("reporter", 3u, [this, body](kit::task& t) {
      mm.declare(t, buffer, 16);
      t.compute(us(10) - kit::now());
      body(t);
    });
    run_dry();
  }
  const software::io_pgfault_stats& stats() const { return faults.statistics(); }

  arch::table_builder tables;
  software::frame_allocator frames;
  software::process_memory mm;
  test::noting_iommu iommu;
  software::io_pgfault faults;
};

}  // namespace

TEST_CASE(
    "requests that are not the last wait for it, then the group is served and answered as one") {
  bench b;
  b.run([&](kit::task& t) {
    b.faults.report(t, page_request(5, 9, buffer, false));
    b.faults.report(t, page_request(5, 9, buffer + page, false));
    t.compute(us(50));
    CHECK_FALSE(b.mm.is_present(buffer));
    CHECK(b.iommu.answers.empty());
    b.faults.report(t, page_request(5, 9, buffer + 2 * page));
  });
  for (int i = 0; i < 3; ++i) CHECK(b.mm.is_present(buffer + i * page));
  REQUIRE(b.iommu.answers.size() == 1);
  const auto& a = b.iommu.answers[0];
  CHECK(a.success);
  CHECK(a.group.sid.value() == 8);
  CHECK(a.group.has_pasid);
  CHECK(a.group.pasid.value() == 5);
  CHECK(a.group.tag == 9);
  REQUIRE(a.group.requests.size() == 3);
  for (int i = 0; i < 3; ++i) CHECK(a.group.requests[i].address == buffer + i * page);
  CHECK(b.stats().requests.value() == 3);
  CHECK(b.stats().groups.value() == 1);
}

TEST_CASE("groups are told apart by their PRG index and by their PASID") {
  bench b;
  b.run([&](kit::task& t) {
    b.faults.report(t, page_request(5, 1, buffer, false));
    b.faults.report(t, page_request(5, 2, buffer + page));
    b.faults.report(t, page_request(6, 1, buffer + 2 * page));
  });
  REQUIRE(b.iommu.answers.size() == 2);
  CHECK(b.iommu.answers[0].group.requests.size() == 1);
  CHECK(b.iommu.answers[1].group.requests.size() == 1);
  CHECK_FALSE(b.mm.is_present(buffer));  // its Last never came
}

TEST_CASE(
    "an address outside the process fails the group, and the pages behind it are left alone") {
  bench b;
  b.run([&](kit::task& t) {
    b.faults.report(t, page_request(5, 1, buffer, false));
    b.faults.report(t, page_request(5, 1, buffer + 16 * page, false));
    b.faults.report(t, page_request(5, 1, buffer + page));
  });
  REQUIRE(b.iommu.answers.size() == 1);
  CHECK_FALSE(b.iommu.answers[0].success);
  CHECK(b.mm.is_present(buffer));
  CHECK_FALSE(b.mm.is_present(buffer + page));
  CHECK(b.stats().failed.value() == 1);
}

TEST_CASE("a PASID of nobody, and a request without one, are answered as failed") {
  bench b;
  b.run([&](kit::task& t) {
    b.faults.report(t, page_request(77, 1, buffer));
    arch::page_request r = page_request(0, 2, buffer);
    r.has_ssid = false;
    b.faults.report(t, r);
  });
  REQUIRE(b.iommu.answers.size() == 2);
  CHECK_FALSE(b.iommu.answers[0].success);
  CHECK_FALSE(b.iommu.answers[1].success);
  CHECK(b.stats().failed.value() == 2);
}

TEST_CASE("a stop marker is not answered") {
  bench b;
  b.run([&](kit::task& t) {
    arch::page_request r = page_request(5, 1, 0);
    r.read = r.write = false;
    b.faults.report(t, r);
  });
  CHECK(b.iommu.answers.empty());
  CHECK(b.stats().requests.value() == 0);
}

TEST_CASE("groups that the workqueue has no room for are answered as failed, by who reports them") {
  bench b(params(1, 2, 8));
  b.run([&](kit::task& t) {
    for (std::uint16_t i = 0; i < 5; ++i) {
      b.faults.report(t, page_request(5, i, buffer + i * page));
    }
    CHECK(b.iommu.answers.size() == 3);
  });
  REQUIRE(b.iommu.answers.size() == 5);
  for (std::size_t i = 0; i < 5; ++i) CHECK(b.iommu.answers[i].success == (i >= 3));
  CHECK(b.iommu.answers[0].group.tag == 2);
  CHECK(b.iommu.answers[3].group.tag == 0);
  CHECK(b.stats().refused.value() == 3);
  CHECK(b.stats().failed.value() == 3);
  CHECK(b.stats().groups.value() == 2);
}

TEST_CASE("as many groups are served at a time as there are workers") {
  bench b(params(2, 8, 8));
  b.iommu.takes = us(5);
  b.run([&](kit::task& t) {
    for (std::uint16_t i = 0; i < 3; ++i) b.faults.report(t, page_request(77, i, buffer));
  });
  REQUIRE(b.iommu.answers.size() == 3);
  CHECK(b.iommu.answers[0].at == us(10));
  CHECK(b.iommu.answers[1].at == us(10));
  CHECK(b.iommu.answers[2].at == us(15));
}

TEST_CASE("an overflow drops the requests of unfinished groups, what comes later is a group anew") {
  bench b;
  b.run([&](kit::task& t) {
    b.faults.report(t, page_request(5, 1, buffer, false));
    b.faults.report(t, page_request(5, 2, buffer + page, false));
    b.faults.discard_partial();
    b.faults.report(t, page_request(5, 1, buffer + 2 * page));
  });
  REQUIRE(b.iommu.answers.size() == 1);
  CHECK(b.iommu.answers[0].group.requests.size() == 1);
  CHECK(b.stats().partial_dropped.value() == 2);
  CHECK_FALSE(b.mm.is_present(buffer));
}

TEST_CASE(
    "requests of unfinished groups beyond the limit are dropped, the group is answered still") {
  bench b(params(2, 8, 2));
  b.run([&](kit::task& t) {
    for (int i = 0; i < 3; ++i) b.faults.report(t, page_request(5, 1, buffer + i * page, false));
    b.faults.report(t, page_request(5, 1, buffer + 3 * page));
    // The group made room.
    b.faults.report(t, page_request(5, 2, buffer + 4 * page, false));
    b.faults.report(t, page_request(5, 2, buffer + 5 * page));
  });
  CHECK(b.stats().partial_dropped.value() == 1);
  REQUIRE(b.iommu.answers.size() == 2);
  // The shorter group is ready first.
  CHECK(b.iommu.answers[0].group.tag == 2);
  CHECK(b.iommu.answers[0].group.requests.size() == 2);
  CHECK(b.iommu.answers[1].group.requests.size() == 3);
  CHECK_FALSE(b.mm.is_present(buffer + 2 * page));
}
