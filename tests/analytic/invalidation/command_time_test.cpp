// Time of commands with nothing else going on, to the picosecond. In serial mode the commands
// between two accesses are over before the next access.
#include <catch2/catch.hpp>

#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t page = 4096;

// One list of `tlbi` invalidations and a CMD_SYNC after an access.
memory_workload one_list(unsigned tlbi) {
  memory_workload w;
  w.stream(memory_workload::sid, 1).read(first);
  for (unsigned i = 0; i < tlbi; ++i) w.invalidate(1, first + (i + 1) * page);
  return w.sync();
}

// Storing a command or a record: the line goes to the system-level cache.
duration store(const closed_form& f) {
  return f.warm();
}

// From the write of CMDQ_PROD until the last command is over: the queue is read `fetches` times.
duration consume(const platforms::platform_params& p, unsigned tlbi, unsigned fetches) {
  const closed_form f(p);
  const smmu::command_queue_params& q = p.smmu.command_queue;
  return fetches * f.warm() + (tlbi + 1) * q.decode + tlbi * (f.dti() + q.invalidate) + f.dti();
}

// What the driver needs when it looks for the end each `mmio_read`.
duration issue(const platforms::platform_params& p, unsigned tlbi, unsigned fetches) {
  const closed_form f(p);
  const software::smmu_driver_params& d = p.software.smmu_driver;
  const std::uint64_t read = d.mmio_read.value();
  const std::uint64_t busy = consume(p, tlbi, fetches).value();
  REQUIRE(busy % read != 0);  // else the outcome is a matter of order within a moment
  const duration polls((busy / read + 1) * read);
  return (tlbi + 1) * (d.prepare_command + store(f)) + d.mmio_write + polls;
}

// The driver looks often, so that it tells the time exactly to a nanosecond.
platforms::platform_params eager_driver() {
  auto p = distinct_platform();
  p.software.smmu_driver.mmio_read = base::ps(1009);
  return p;
}

void check_list(const platforms::platform_params& p, unsigned tlbi, unsigned fetches) {
  simulation s(p, one_list(tlbi));
  s.run();
  CHECK(s.broken_rule() == "");
  const nlohmann::json sync = s.statistic("smmu.command_queue.sync_time");
  CHECK(sync["count"] == 1);
  CHECK(sync["sum"] == closed_form(p).dti().value());
  const nlohmann::json time = s.statistic("software.smmu_driver.issue_time");
  CHECK(time["count"] == 1);
  CHECK(time["sum"] == issue(p, tlbi, fetches).value());
  CHECK(s.count("software.smmu_driver.doorbells") == 1);
  CHECK(s.count("smmu.command_queue.tlbi") == tlbi);
}

TEST_CASE("a CMD_SYNC alone takes a DTI round trip once it is decoded") {
  check_list(eager_driver(), 0, 1);
}

TEST_CASE("a TLBI and its CMD_SYNC are fetched together and carried out in turn") {
  check_list(distinct_platform(), 1, 1);
}

TEST_CASE("a driver that looks often knows the time of a TLBI and its CMD_SYNC to a nanosecond") {
  check_list(eager_driver(), 1, 1);
}

TEST_CASE("four commands are one fetch, five are two") {
  check_list(eager_driver(), 4, 2);
}

TEST_CASE("three TLBI and a CMD_SYNC are one fetch") {
  check_list(eager_driver(), 3, 1);
}

TEST_CASE("a queue that reads one command at a time pays for each read") {
  auto p = eager_driver();
  p.smmu.command_queue.fetch_batch = 1;
  check_list(p, 2, 3);
}

TEST_CASE("a CMD_SYNC that tells by MSI takes the store of its word too") {
  auto p = distinct_platform();
  p.software.smmu_driver.completion = software::sync_completion::msi;
  const closed_form f(p);
  simulation s(p, one_list(1));
  s.run();
  CHECK(s.broken_rule() == "");
  const nlohmann::json sync = s.statistic("smmu.command_queue.sync_time");
  CHECK(sync["sum"] == (f.dti() + store(f)).value());
  // The driver reads the word from memory until it is there: between one and two reads after the
  // store.
  const software::smmu_driver_params& d = p.software.smmu_driver;
  const duration told =
      2 * (d.prepare_command + store(f)) + d.mmio_write + consume(p, 1, 1) + store(f);
  const std::uint64_t time = s.statistic("software.smmu_driver.issue_time")["sum"];
  CHECK(time >= told.value());
  CHECK(time <= (told + 2 * f.warm()).value());
}

TEST_CASE("a page whose output changes without a TLBI in the trace costs one of the replay's own") {
  const auto p = distinct_platform();
  memory_workload w;
  w.stream(memory_workload::sid, 1).read(first).to(0x80000000).read(first).to(0x90000000);
  simulation s(p, w);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.model().traced().statistics().forced_invalidations == 1);
  CHECK(s.count("smmu.command_queue.tlbi") == 1);
  CHECK(s.statistic("software.smmu_driver.issue_time")["sum"] == issue(p, 1, 1).value());
}

}  // namespace
}  // namespace svasim::test
