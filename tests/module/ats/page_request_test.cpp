// Absent pages: what the device asks the host for, and what it makes of the answers.
#include "tlm/device/page_request_interface.h"

#include <catch2/catch.hpp>
#include <utility>

#include "ats_bench.h"

using namespace svasim;
using arch::prg_code;
using base::duration;
using base::ns;
using base::us;
using kit::hop;
using test::ats_bench;
using test::run_dry;
using test::run_until;

namespace {

constexpr duration lookup = ns(4), request_time = ns(250), dma_time = ns(280), one_way = ns(100);

/// The host maps what is asked for, and answers each group `service` after its last request.
void serve(ats_bench& b, bool map = true, prg_code code = prg_code::success) {
  b.host.on_page_request = [&b, map, code](const arch::page_request& r) {
    if (map) b.host.map(r.address, 0x80000000 + r.address);
    if (r.last) b.host.respond(r.prg_index, code);
  };
}

}  // namespace

TEST_CASE("an absent page is requested, and asked for anew when that succeeded") {
  ats_bench b;
  serve(b);
  auto& r = b.write(0x5040);
  run_dry();
  // Completion without access, page request up, answer at once, a second Translation Request.
  CHECK(r.answered == lookup + request_time + one_way + request_time + dma_time);
  REQUIRE(b.host.page_requests.size() == 1);
  const arch::page_request& q = b.host.page_requests[0];
  CHECK(q.address == 0x5000);
  CHECK(q.write);
  CHECK_FALSE(q.read);
  CHECK(q.last);
  CHECK(q.sid == base::stream_id(0x10));
  CHECK(b.host.page_request_times[0] == lookup + request_time + one_way);
  duration waited;
  for (const auto& s : *r.ext().log) {
    if (s.what == kit::stage::atc_page_request) waited += s.length;
  }
  CHECK(waited == one_way);
  CHECK(b.stats().resolved.value() == 1);
  CHECK(b.stats().fault.since_snapshot().max() == (2 * request_time + one_way).value());
  CHECK(b.pri_stats().outstanding.current() == 0);
  b.check_drained();
}

TEST_CASE("a write to a read-only page is a page request for writing") {
  ats_bench b;
  b.host.map(0x5000, 0x80005000, 12, false);
  serve(b);
  b.write(0x5000);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 1);
  CHECK(b.host.page_requests[0].write);
  b.check_drained();
}

TEST_CASE("pages that are absent together form groups of a PASID, the last one marked") {
  device::atc_params p;
  p.page_requests.group_pages = 3;
  ats_bench b(p);
  serve(b);
  for (unsigned n = 0; n < 4; ++n) b.access(false, 0x1000 * (n + 1), 7);
  b.access(false, 0x1000, 8);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 5);
  std::vector<unsigned> groups;
  std::vector<bool> last;
  for (const auto& q : b.host.page_requests) {
    groups.push_back(q.prg_index);
    last.push_back(q.last);
    CHECK(q.has_ssid);
  }
  CHECK(groups == std::vector<unsigned>{0, 0, 0, 1, 2});
  CHECK(last == std::vector<bool>{false, false, true, true, true});
  CHECK(b.host.page_requests[4].ssid == base::substream_id(8));
  CHECK(b.pri_stats().groups.value() == 3);
  b.check_drained();
}

TEST_CASE("a window lets later pages join the group") {
  device::atc_params p;
  p.page_requests.window = us(1);
  ats_bench b(p);
  serve(b);
  b.read(0x1000);
  run_until(ns(500));
  b.read(0x2000);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 2);
  CHECK(b.host.page_requests[0].prg_index == b.host.page_requests[1].prg_index);
  CHECK(b.host.page_request_times[0] == lookup + request_time + us(1) + one_way);
  b.check_drained();
}

TEST_CASE("with n credits, n pages are outstanding and the next one waits") {
  device::atc_params p;
  p.page_requests.capacity = 2;
  ats_bench b(p);
  b.host.on_page_request = [&](const arch::page_request& r) {
    b.host.map(r.address, 0x80000000 + r.address);
  };
  for (unsigned n = 0; n < 3; ++n) b.read(0x1000 * (n + 1));
  run_until(us(10));
  CHECK(b.host.page_requests.size() == 2);
  CHECK(b.atc.pri().outstanding() == 2);
  CHECK(b.pri_stats().credit_waits.value() == 1);
  b.host.respond(0);
  run_until(us(20));
  REQUIRE(b.host.page_requests.size() == 3);
  CHECK(b.host.page_request_times[2] == us(10) + one_way);
  b.host.respond(1);
  run_dry();
  CHECK(b.pri_stats().outstanding.max() == 2);
  b.check_drained();
}

TEST_CASE("the host may lower and raise the allocation") {
  ats_bench b;
  b.atc.pri().allocate(1);
  b.host.on_page_request = [&](const arch::page_request& r) {
    b.host.map(r.address, 0x80000000 + r.address);
  };
  b.read(0x1000);
  b.read(0x2000);
  run_until(us(5));
  CHECK(b.host.page_requests.size() == 1);
  b.atc.pri().allocate(2);
  run_until(us(10));
  CHECK(b.host.page_requests.size() == 2);
  b.host.respond(0);
  b.host.respond(1);
  run_dry();
  b.check_drained();
}

TEST_CASE("an invalid request fails the accesses that wait, and no others") {
  ats_bench b;
  serve(b, false, prg_code::invalid_request);
  auto& one = b.read(0x1000);
  auto& two = b.read(0x1040);
  run_dry();
  CHECK(one.p->get_response_status() == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(one.answered == lookup + request_time + one_way);
  CHECK(two.answered == one.answered);
  CHECK(b.pri_stats().invalid.value() == 1);
  CHECK(b.stats().unresolved.value() == 1);
  serve(b);
  auto& three = b.read(0x1000);
  run_dry();
  CHECK(three.p->is_response_ok());
  b.check_drained();
}

TEST_CASE("a response failure turns page requests off, and what is absent then fails at once") {
  ats_bench b;
  b.read(0x1000);
  run_until(us(1));
  b.read(0x2000);
  run_until(us(2));
  b.host.respond(0, prg_code::failure);
  run_dry();
  CHECK(b.stats().failed.value() == 2);
  CHECK(b.pri_stats().failures.value() == 2);
  CHECK_FALSE(b.atc.pri().enabled());
  b.host.respond(1);
  auto& later = b.read(0x3000);
  run_dry();
  CHECK(later.answered - later.sent == lookup + request_time);
  CHECK(b.pri_stats().ignored.value() == 1);
  CHECK(b.host.page_requests.size() == 2);
  b.check_drained();
}

TEST_CASE("a page that is absent after success is requested again, after a pause, n times") {
  device::atc_params p;
  p.page_requests.backoff = 0;
  p.page_requests.retries = 2;
  p.page_requests.retry_pause = us(3);
  ats_bench b(p);
  serve(b, false);
  auto& r = b.read(0x1000);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 3);
  const duration round = one_way + request_time;
  CHECK(b.host.page_request_times[1] == b.host.page_request_times[0] + round + us(3));
  CHECK(b.host.page_request_times[2] == b.host.page_request_times[1] + round + us(3));
  CHECK_FALSE(r.p->is_response_ok());
  CHECK(r.answered == b.host.page_request_times[2] + request_time);
  CHECK(b.stats().gave_up.value() == 1);
  b.check_drained();
}

TEST_CASE("the pause before a page is requested again doubles, as often as it may") {
  device::atc_params p;
  p.page_requests.backoff = 2;
  p.page_requests.retries = 5;
  p.page_requests.retry_pause = us(3);
  ats_bench b(p);
  serve(b, false);
  b.read(0x1000);
  run_dry();
  const std::vector<duration>& at = b.host.page_request_times;
  REQUIRE(at.size() == 6);
  std::vector<duration> pauses;
  for (std::size_t i = 1; i < at.size(); ++i) {
    pauses.push_back(at[i] - at[i - 1] - one_way - request_time);
  }
  CHECK(pauses == std::vector<duration>{us(3), us(6), us(12), us(12), us(12)});
  b.check_drained();
}

TEST_CASE("groups of pages that are absent again and again become smaller, down to one page") {
  device::atc_params p;
  p.page_requests.retries = 3;
  p.page_requests.group_pages = 4;
  ats_bench b(p);
  serve(b, false);
  for (unsigned n = 0; n < 4; ++n) b.read(0x1000 * (n + 1));
  run_dry();
  std::vector<unsigned> sizes;
  unsigned size = 0;
  for (const arch::page_request& r : b.host.page_requests) {
    ++size;
    if (r.last) sizes.push_back(std::exchange(size, 0));
  }
  CHECK(sizes == std::vector<unsigned>{4, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1});
  b.check_drained();
}

TEST_CASE(
    "each group that is given up doubles the time-out of those after it, as often as it may") {
  device::atc_params p;
  p.page_requests.timeout = us(50);
  p.page_requests.retry_pause = ns(0);
  p.page_requests.backoff = 2;
  ats_bench b(p);
  b.read(0x1000);  // nobody answers
  run_until(us(701));
  const std::vector<duration>& at = b.host.page_request_times;
  REQUIRE(at.size() == 5);
  std::vector<duration> patience;
  for (std::size_t i = 1; i < at.size(); ++i) patience.push_back(at[i] - at[i - 1] - request_time);
  CHECK(patience == std::vector<duration>{us(50), us(100), us(200), us(200)});
}

TEST_CASE("groups that are given up together double the time-out once") {
  device::atc_params p;
  p.page_requests.timeout = us(50);
  p.page_requests.retry_pause = ns(0);
  p.page_requests.group_pages = 1;
  ats_bench b(p);
  for (unsigned n = 0; n < 3; ++n) b.read(0x1000 * (n + 1));
  run_until(us(120));
  CHECK(b.host.page_requests.size() == 6);  // not again before 150 us
  run_until(us(160));
  CHECK(b.host.page_requests.size() == 9);
  CHECK(b.pri_stats().timeouts.value() == 6);
}

TEST_CASE("a group that is never answered is given up, and its page asked for anew") {
  device::atc_params p;
  p.page_requests.timeout = us(50);
  p.page_requests.retry_pause = ns(0);
  ats_bench b(p);
  unsigned n = 0;
  b.host.on_page_request = [&](const arch::page_request& r) {
    if (++n < 2) return;  // lost
    b.host.map(r.address, 0x80000000 + r.address);
    b.host.respond(r.prg_index);
  };
  auto& r = b.read(0x1000);
  run_dry();
  CHECK(r.p->is_response_ok());
  CHECK(b.pri_stats().timeouts.value() == 1);
  CHECK(b.host.page_request_times[1] == lookup + request_time + us(50) + request_time + one_way);
  // The answer to the first one is unexpected by now.
  b.host.respond(0);
  run_dry();
  CHECK(b.pri_stats().unexpected.value() == 1);
  b.check_drained();
}

TEST_CASE("responses to groups that are not under way are counted and change nothing") {
  ats_bench b;
  b.host.respond(3);
  b.host.respond(511, prg_code::failure);
  run_dry();
  CHECK(b.pri_stats().unexpected.value() == 2);
  CHECK(b.atc.pri().enabled());
}

TEST_CASE("indices go round, and with one a group waits for the one before") {
  device::atc_params p;
  p.page_requests.indices = 1;
  p.page_requests.group_pages = 1;
  ats_bench b(p);
  serve(b);
  b.read(0x1000);
  b.read(0x2000);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 2);
  CHECK(b.host.page_requests[1].prg_index == 0);
  // Its index is free when the page is translated.
  CHECK(b.host.page_request_times[1] == b.host.page_request_times[0] + request_time + one_way);
  b.check_drained();
}

TEST_CASE("a stop marker follows the last page request of its PASID") {
  device::atc_params p;
  p.page_requests.allocation = 1;
  ats_bench b(p);
  b.access(false, 0x1000, 7);
  b.access(false, 0x2000, 7);
  run_until(us(1));
  b.atc.end_pasid(0x10, base::substream_id(7));
  run_until(us(2));
  CHECK(b.pri_stats().stop_markers.value() == 0);
  serve(b);
  b.host.map(0x1000, 0x80001000);
  b.host.respond(0);
  run_dry();
  REQUIRE(b.host.page_requests.size() == 3);
  CHECK(b.host.page_requests[1].address == 0x2000);
  CHECK(b.host.page_requests[2].is_stop_marker());
  CHECK(b.pri_stats().outstanding.current() == 0);
  b.check_drained();
}

TEST_CASE("the hops of a fault are those of its Translation Request, and sum to its latency") {
  ats_bench b;
  kit::hop_log log;
  std::vector<kit::finished_fault> faults;
  log.on_finished = [&](const kit::finished_fault& f) { faults.push_back(f); };
  b.atc.pri().hops = &log;
  b.host.on_page_request = [&](const arch::page_request& r) {
    b.host.map(r.address, 0x80000000 + r.address);
    b.host.respond(r.prg_index);
  };
  b.access(true, 0x5040, 9);
  run_dry();
  REQUIRE(faults.size() == 1);
  const kit::finished_fault& f = faults[0];
  CHECK(f.resolved);
  CHECK(f.key.sid == base::stream_id(0x10));
  CHECK(f.key.pasid == 9);
  CHECK(f.started == lookup);
  CHECK(f.latency() == 2 * request_time + one_way);
  std::vector<std::pair<hop, duration>> hops;
  duration sum;
  for (const kit::hop_time& h : f.on_path) {
    hops.emplace_back(h.what, h.length);
    sum += h.length;
  }
  CHECK(sum == f.latency());
  CHECK(hops == std::vector<std::pair<hop, duration>>{{hop::dev_request, ns(0)},
                                                      {hop::rc_request, ns(100)},
                                                      {hop::smmu_walk, ns(50)},
                                                      {hop::smmu_completion, ns(100)},
                                                      {hop::dev_page_request, ns(100)},
                                                      {hop::dev_retry, ns(250)}});
  CHECK(log.open_count() == 0);
}

TEST_CASE("a fault whose page is absent again ends unresolved, and a new one begins") {
  device::atc_params p;
  p.page_requests.retry_pause = us(1);
  ats_bench b(p);
  kit::hop_log log;
  std::vector<kit::finished_fault> faults;
  log.on_finished = [&](const kit::finished_fault& f) { faults.push_back(f); };
  b.atc.pri().hops = &log;
  unsigned n = 0;
  b.host.on_page_request = [&](const arch::page_request& r) {
    if (++n == 2) b.host.map(r.address, 0x80000000 + r.address);
    b.host.respond(r.prg_index);
  };
  b.read(0x5000);
  run_dry();
  REQUIRE(faults.size() == 2);
  CHECK_FALSE(faults[0].resolved);
  CHECK(faults[1].resolved);
  CHECK(faults[1].started == faults[0].ended - request_time);
  CHECK(log.open_count() == 0);
  CHECK(log.overtaken() == 0);
}
