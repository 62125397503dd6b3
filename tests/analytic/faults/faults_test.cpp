// Accesses that fault: each is answered, and its event record is written or counted as lost.
#include <catch2/catch.hpp>

#include "arch/event.h"
#include "arch/translate.h"
#include "tests/support/closed_form.h"
#include "tests/support/simulation.h"

namespace svasim::test {
namespace {

constexpr std::uint64_t first = 0x10000000;
constexpr std::uint64_t unmapped = first + base::kib(32).value();
constexpr std::uint64_t out = 0x80000000;

memory_workload few_pages() {
  memory_workload w;
  w.stream(memory_workload::sid, 1).region(memory_workload::sid, first, base::kib(32), out);
  return w;
}

// Every fourth access is good.
memory_workload mostly_faults(unsigned accesses) {
  memory_workload w = few_pages();
  for (unsigned i = 0; i < accesses; ++i) {
    const std::uint64_t at = i % 4 == 0 ? first : unmapped + i % 16 * 4096;
    if (i % 3 == 0) {
      w.write(at);
    } else {
      w.read(at);
    }
  }
  return w;
}

std::uint64_t events(simulation& s) {
  return s.count("smmu.event_queue.recorded") + s.count("smmu.event_queue.discarded_full") +
         s.count("smmu.event_queue.discarded_pending");
}

arch::event recorded(simulation& s, std::uint64_t index) {
  arch::event_words words{};
  s.model().memory().read(platforms::layout::event_queue + index * 32, words.data(), sizeof words);
  return arch::decode_event(words);
}

TEST_CASE("every fault reaches the device and the event queue, every other access is good") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  simulation s(p, mostly_faults(400));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("device.dma.faulted") == 300);
  CHECK(s.count("device.dma.completed") == 100);
  CHECK(s.count("device.dma.bytes") == 100 * 64);
  CHECK(s.count("smmu.tbu.faults") == 300);
  CHECK(events(s) == 300);
  CHECK(s.count("software.smmu_driver.events") == s.count("smmu.event_queue.recorded"));
}

TEST_CASE("one fault at a time loses no record") {
  const auto p = distinct_platform();
  simulation s(p, mostly_faults(40));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("smmu.event_queue.recorded") == 30);
  CHECK(s.count("software.smmu_driver.events") == 30);
}

TEST_CASE("an event queue of one entry drops what comes before software has read it") {
  auto p = distinct_platform();
  p.smmu.event_queue.log2_entries = 0;
  // Serial faults come each microsecond or so, the handler 10 us after the interrupt.
  p.software.smmu_driver.interrupt = base::us(10);
  simulation s(p, mostly_faults(40));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("device.dma.faulted") == 30);
  CHECK(s.count("smmu.event_queue.discarded_pending") == 0);
  CHECK(s.count("smmu.event_queue.discarded_full") > 0);
  CHECK(events(s) == 30);
  CHECK(s.count("software.smmu_driver.events") == s.count("smmu.event_queue.recorded"));
  CHECK(s.count("software.smmu_driver.event_overflows") > 0);
}

TEST_CASE("a queue that software never empties holds its size and drops the rest") {
  auto p = distinct_platform();
  p.smmu.event_queue.log2_entries = 2;
  p.software.smmu_driver.interrupt = base::us(100);  // after the end of the accesses
  simulation s(p, mostly_faults(40));
  s.run();
  CHECK(s.finished_at() < p.software.smmu_driver.interrupt);
  CHECK(s.count("smmu.event_queue.recorded") == 4);
  CHECK(s.count("smmu.event_queue.discarded_full") == 26);
}

TEST_CASE("an SMMU that holds one event drops those that come while it writes") {
  auto p = distinct_platform();
  p.device.dma.mode = device::issue_mode::closed;
  p.smmu.event_queue.pending = 1;
  simulation s(p, mostly_faults(400));
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("smmu.event_queue.discarded_pending") > 0);
  CHECK(events(s) == 300);
}

TEST_CASE("a record says who asked for what, and why it failed") {
  const auto p = distinct_platform();
  simulation s(p, few_pages().write(unmapped + 0x123, 4));
  s.run();
  const arch::event e = recorded(s, 0);
  CHECK(e.type == arch::event_type::f_translation);
  CHECK(e.sid == base::stream_id(memory_workload::sid));
  CHECK(e.input_address == unmapped + 0x123);
  CHECK_FALSE(e.read);
  CHECK_FALSE(e.stage2);
  CHECK(e.cls == arch::event_class::input);
}

// Makes the page at `first` read-only, behind the back of the software model.
void write_protect(simulation& s) {
  base::pa leaf;
  arch::access_request access;
  access.sid = base::stream_id(memory_workload::sid);
  access.address = first;
  const auto read = [&](const arch::fetch_request& f, std::uint64_t* words) {
    s.model().memory().read(f.address, words, f.size);
    leaf = f.address;
    return true;
  };
  REQUIRE(arch::translate(s.model().registers(), read, access).outcome == arch::outcome::ok);
  const std::uint64_t read_only = std::uint64_t{1} << 7;  // AP[2]
  s.model().memory().write64(leaf, s.model().memory().read64(leaf) | read_only);
}

TEST_CASE("a write to a read-only page faults though a read has brought its translation in") {
  const auto p = distinct_platform();
  const closed_form f(p);
  simulation s(p, few_pages().read(first).write(first).read(first));
  write_protect(s);
  s.run();
  CHECK(s.broken_rule() == "");
  CHECK(s.count("device.dma.faulted") == 1);
  CHECK(recorded(s, 0).type == arch::event_type::f_permission);
  // The uTLB knows the page but not a permission to write: the TCU walks again before it says no.
  CHECK(s.latencies()[1].value() ==
        (f.write_up(64) + f.utlb() + f.dti() + f.configuration_lookup() + f.walk_cache_lookup() +
         f.warm() + f.write_down())
            .value());
  // The entry for reads stays.
  CHECK(s.latencies()[2].value() ==
        (f.read_up() + f.utlb() + f.warm() + f.read_down(first, 64)).value());
}

TEST_CASE("a nested access without a stage-2 page says stage 2 and the IPA") {
  auto p = distinct_platform();
  p.tables.mode = arch::table_mode::nested;
  p.tables.stage2_page_size = platforms::stage2_page::page_4k;
  simulation s(p, few_pages().read(first));
  // The last descriptor read is the stage-2 leaf of the output.
  base::pa leaf;
  arch::access_request access;
  access.sid = base::stream_id(memory_workload::sid);
  access.address = first;
  const auto read = [&](const arch::fetch_request& f, std::uint64_t* words) {
    s.model().memory().read(f.address, words, f.size);
    leaf = f.address;
    return true;
  };
  REQUIRE(arch::translate(s.model().registers(), read, access).outcome == arch::outcome::ok);
  s.model().memory().write64(leaf, 0);
  s.run();
  CHECK(s.count("device.dma.faulted") == 1);
  const arch::event e = recorded(s, 0);
  CHECK(e.type == arch::event_type::f_translation);
  CHECK(e.stage2);
  CHECK(e.ipa == out);
  CHECK(e.input_address == first);
}

}  // namespace
}  // namespace svasim::test
