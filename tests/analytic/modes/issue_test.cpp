// When the device issues: at trace time, one at a time, or as tags allow.
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;

memory_workload one_region() {
  memory_workload w;
  w.stream(memory_workload::sid, 1);
  w.region(memory_workload::sid, first, base::mib(2), 0x80000000);
  return w;
}

duration hit(const closed_form& f) {
  return f.read_up() + f.utlb() + f.warm() + f.read_down(first, 64);
}

TEST_CASE("open mode issues at the time of the trace") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::open;
  const closed_form f(p);
  simulation s(p, one_region().read(first).at(base::us(3)).read(first).at(base::us(50)));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.finished_at().value() == (base::us(50) + hit(f)).value());
}

TEST_CASE("open mode stretches the time of the trace exactly") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::open;
  p.device.dma.time_scale_ppm = 2500001;
  const closed_form f(p);
  simulation s(p, one_region().read(first).read(first).at(base::us(40)));
  s.run();
  CHECK(s.finished_at().value() == (base::ps(100000040) + hit(f)).value());
}

TEST_CASE("open mode with a scale of nothing issues all at once") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::open;
  p.device.dma.time_scale_ppm = 0;
  simulation s(p, one_region().read(first).read(first).at(base::us(40)));
  s.run();
  CHECK(s.finished_at() < base::us(5));
  CHECK(s.model().dma().statistics().in_flight.max() == 2);
}

TEST_CASE("an access that finds no tag at its time waits, and its wait counts") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::open;
  p.device.dma.outstanding_reads = 1;
  const closed_form f(p);
  const duration due = base::us(50);
  memory_workload w = one_region();
  w.read(first).read(first).at(due).read(first).at(due).read(first).at(due);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.finished_at().value() == (due + 3 * hit(f)).value());
  CHECK(s.model().dma().stages().of(kit::stage::device_issue).sum_ps == ((1 + 2) * hit(f)).value());
}

TEST_CASE("serial mode never has two accesses under way") {
  const auto p = distinct_platform();
  memory_workload w = one_region();
  for (unsigned i = 0; i < 200; ++i) w.read(first + i * 640).write(first + i * 320);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.model().dma().statistics().in_flight.max() == 1);
  // One after the other without a pause: their latencies are the whole of the time.
  CHECK(s.finished_at().value() == s.total_latency());
}

TEST_CASE("closed mode issues at once what tags allow") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.device.dma.outstanding_reads = 16;
  memory_workload w = one_region();
  for (unsigned i = 0; i < 200; ++i) w.read(first).at(base::us(i));
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.model().dma().statistics().in_flight.max() == 16);
  CHECK(s.finished_at() < base::us(200));
}

}  // namespace
}  // namespace svasim::test
