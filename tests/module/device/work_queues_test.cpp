// Work descriptors become accesses, in turns, and are done when all of those are.
#include "tlm/device/work_queues.h"

#include <catch2/catch.hpp>
#include <set>

#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/device/dma_engine.h"

using namespace svasim;
using base::ns;
using base::us;
using device::work;
using device::work_queues;
using test::run_dry;
using test::run_until;
using trace::pull;

namespace {

device::work_queue_params with(std::uint32_t queues, std::uint32_t depth, std::uint32_t burst = 1) {
  device::work_queue_params p;
  p.queues = queues;
  p.depth = depth;
  p.burst = burst;
  return p;
}

work buffer(std::uint64_t id, std::uint64_t address, std::uint64_t length,
            std::uint32_t access_length) {
  work w;
  w.id = id;
  w.sid = base::stream_id(0x10);
  w.has_ssid = true;
  w.ssid = base::substream_id(static_cast<std::uint32_t>(id));
  w.address = base::iova(address);
  w.length = length;
  w.access_length = access_length;
  return w;
}

std::vector<trace::record> all_of(work_queues& q) {
  std::vector<trace::record> out;
  trace::record r;
  while (q.next(r) == pull::ready) out.push_back(r);
  return out;
}

std::vector<unsigned> owners(const std::vector<trace::record>& accesses) {
  std::vector<unsigned> out;
  for (const auto& r : accesses) out.push_back(r.ssid.value());
  return out;
}

}  // namespace

TEST_CASE("a work goes over its buffer once, and its last access may be short") {
  work_queues q(with(1, 1), nullptr);
  REQUIRE(q.submit(0, buffer(1, 0x10000, 1100, 512)));
  const auto accesses = all_of(q);
  REQUIRE(accesses.size() == 3);
  CHECK(accesses[0].address == base::iova(0x10000));
  CHECK(accesses[1].address == base::iova(0x10200));
  CHECK(accesses[2].address == base::iova(0x10400));
  CHECK(accesses[2].length == 76);
  CHECK(accesses[0].has_ssid);
  CHECK(accesses[0].sid == base::stream_id(0x10));
}

TEST_CASE("the last pages of a work are written, as many as its share says") {
  work_queues q(with(1, 1), nullptr);
  work w = buffer(1, 0x10000, 8 * 4096, 2048);
  w.write_percent = 25;
  REQUIRE(q.submit(0, w));
  for (const auto& r : all_of(q)) CHECK(r.write == (r.address.value() >= 0x16000));
}

TEST_CASE("a random order has each access once, and follows from its seed") {
  for (const std::uint64_t accesses : {1u, 2u, 7u, 64u, 1000u}) {
    work_queues q(with(1, 2), nullptr);
    work w = buffer(1, 0, accesses * 512, 512);
    w.order = trace::message_order::random;
    REQUIRE(q.submit(0, w));
    const auto one = all_of(q);
    REQUIRE(q.submit(0, w));
    const auto two = all_of(q);
    std::set<std::uint64_t> seen;
    std::uint64_t in_order = 0;
    for (std::size_t n = 0; n < one.size(); ++n) {
      seen.insert(one[n].address.value());
      CHECK(one[n].address == two[n].address);
      in_order += n > 0 && one[n].address == one[n - 1].address + 512;
    }
    CHECK(seen.size() == accesses);
    CHECK(*seen.rbegin() == (accesses - 1) * 512);
    if (accesses >= 64) CHECK(in_order < accesses / 8);
  }
}

TEST_CASE("queues take turns, each with a burst") {
  for (const auto& [burst, expected] : {std::pair{1u, std::vector<unsigned>{1, 2, 1, 2, 2}},
                                        std::pair{2u, std::vector<unsigned>{1, 1, 2, 2, 2}}}) {
    work_queues q(with(3, 1, burst), nullptr);
    REQUIRE(q.submit(0, buffer(1, 0, 1024, 512)));
    REQUIRE(q.submit(2, buffer(2, 0, 1536, 512)));
    CHECK(owners(all_of(q)) == expected);
  }
}

TEST_CASE("works of one queue go one after the other") {
  work_queues q(with(1, 2), nullptr);
  REQUIRE(q.submit(0, buffer(1, 0, 1024, 512)));
  REQUIRE(q.submit(0, buffer(2, 0, 1024, 512)));
  CHECK(owners(all_of(q)) == std::vector<unsigned>{1, 1, 2, 2});
}

TEST_CASE("a queue takes n works until one is done") {
  work_queues q(with(1, 2), nullptr);
  CHECK(q.submit(0, buffer(1, 0, 512, 512)));
  CHECK_FALSE(q.full(0));
  CHECK(q.submit(0, buffer(2, 0, 512, 512)));
  CHECK(q.full(0));
  CHECK_FALSE(q.submit(0, buffer(3, 0, 512, 512)));
  const auto accesses = all_of(q);
  CHECK(q.full(0));  // given, not done
  q.completed(accesses[1]);
  CHECK(q.submit(0, buffer(3, 0, 512, 512)));
  CHECK(q.statistics().refused.value() == 1);
  CHECK(q.statistics().queued.max() == 2);
}

TEST_CASE("a feed of works blocks while there is none, and ends when it is closed") {
  work_queues q(with(2, 1), nullptr);
  unsigned woken = 0;
  q.on_ready([&] { ++woken; });
  trace::record r;
  CHECK(q.next(r) == pull::blocked);
  REQUIRE(q.submit(1, buffer(1, 0, 512, 512)));
  CHECK(woken == 1);
  CHECK(q.next(r) == pull::ready);
  CHECK(q.next(r) == pull::blocked);
  q.close();
  CHECK(woken == 2);
  CHECK(q.next(r) == pull::end);
}

TEST_CASE("with one probe, one page that was not yet touched is under way") {
  device::work_queue_params p = with(2, 1);
  p.probes = 1;
  work_queues q(p, nullptr);
  REQUIRE(q.submit(0, buffer(1, 0x10000, 3 * 4096 - 1024, 1024)));
  trace::record probe, r;
  REQUIRE(q.next(probe) == pull::ready);
  CHECK(probe.address == base::iova(0x10000));
  CHECK(q.next(r) == pull::blocked);
  REQUIRE(q.submit(1, buffer(2, 0x90000, 4096, 4096)));
  CHECK(q.next(r) == pull::blocked);  // over all queues
  q.completed(probe);
  std::vector<std::uint64_t> given;
  const auto take = [&] {
    while (q.next(r) == pull::ready) {
      given.push_back(r.address.value());
      if (r.address.value() % 4096 == 0) probe = r;
    }
  };
  take();
  // The queues took turns: the other one had the probe, this one goes on where it may.
  CHECK(given == std::vector<std::uint64_t>{0x90000, 0x10400, 0x10800, 0x10c00});
  q.completed(probe);
  given.clear();
  take();
  CHECK(given == std::vector<std::uint64_t>{0x11000});
  q.completed(probe);
  given.clear();
  take();
  // The next probe goes ahead of the rest.
  CHECK(given == std::vector<std::uint64_t>{0x12000, 0x11400, 0x11800, 0x11c00});
  q.completed(probe);
  given.clear();
  take();
  CHECK(given == std::vector<std::uint64_t>{0x12400, 0x12800});
  CHECK(q.statistics().probing.max() == 1);
}

TEST_CASE("with probes, too, each access is given once") {
  for (const auto order : {trace::message_order::sequential, trace::message_order::random}) {
    for (const std::uint64_t length : {512u, 4096u, 4608u, 40000u, 65536u}) {
      device::work_queue_params p = with(1, 1);
      p.probes = 2;
      work_queues q(p, nullptr);
      work w = buffer(1, 0, length, 512);
      w.order = order;
      bool over = false;
      q.on_done = [&](std::uint64_t, bool) { over = true; };
      REQUIRE(q.submit(0, w));
      std::set<std::uint64_t> seen, pages;
      trace::record r;
      while (q.next(r) == pull::ready) {
        CHECK(seen.insert(r.address.value()).second);
        pages.insert(r.address.value() / 4096);
        q.completed(r);
      }
      CHECK(seen.size() == (length + 511) / 512);
      CHECK(over);
    }
  }
}

TEST_CASE("a work without accesses is a defect of who submits it") {
  work_queues q(with(1, 1), nullptr);
  CHECK_THROWS_WITH(q.submit(0, buffer(1, 0, 0, 512)), "a work without accesses");
}

TEST_CASE("an engine tells of each work when its last access is done, and whether all succeeded") {
  stats::group root("test");
  work_queues q(with(2, 4), &root);
  device::dma_engine engine("engine", {}, {base::bytes(256), base::bytes(512)}, q, &root);
  test::scripted_target link("link");
  engine.to_link.bind(link.socket);
  link.latency = ns(100);
  link.on_request = [&](auto& p) {
    link.status =
        p.get_address() == 0x2200 ? tlm::TLM_ADDRESS_ERROR_RESPONSE : tlm::TLM_OK_RESPONSE;
  };
  std::vector<std::pair<std::uint64_t, bool>> done;
  std::vector<base::duration> times;
  q.on_done = [&](std::uint64_t id, bool ok) {
    done.emplace_back(id, ok);
    times.push_back(kit::now());
    if (id == 1) CHECK(q.submit(0, buffer(3, 0x3000, 512, 512)));
    if (id == 3) q.close();
  };
  run_until(us(1));
  REQUIRE(q.submit(0, buffer(1, 0x1000, 1024, 512)));
  REQUIRE(q.submit(1, buffer(2, 0x2000, 2048, 512)));
  run_dry();
  CHECK(done == std::vector<std::pair<std::uint64_t, bool>>{{1, true}, {2, false}, {3, true}});
  CHECK(times == std::vector<base::duration>{us(1) + ns(100), us(1) + ns(100), us(1) + ns(200)});
  CHECK(engine.finished());
  CHECK(q.statistics().completed.value() == 2);
  CHECK(q.statistics().failed.value() == 1);
  CHECK(q.statistics().failed_accesses.value() == 1);
  CHECK(q.statistics().queued.current() == 0);
}
