// The event queue of a virtio-iommu: records, buffers that are missing, interrupts.
#include <catch2/catch.hpp>

#include "tlm/kit/setup_task.h"
#include "viommu_bench.h"

using namespace svasim;
using namespace svasim::test;
using arch::viommu_fault_layout;
using kit::viommu_report;

namespace {

arch::viommu_fault page_request(std::uint32_t group) {
  arch::viommu_fault f;
  f.page_request = f.write = f.last = f.has_pasid = f.has_address = true;
  f.endpoint = 8;
  f.pasid = 5;
  f.group = group;
  f.address = 0x7000;
  return f;
}

virtio::viommu_params params_with(virtio::no_event_buffer policy, bool event_idx = false) {
  virtio::viommu_params p;
  p.events = ring_params(4, event_idx);
  p.no_buffer = policy;
  return p;
}

}  // namespace

TEST_CASE("a page request arrives in the buffer, in the layout that was chosen") {
  for (const auto layout : {viommu_fault_layout::standard, viommu_fault_layout::rfc_s_v1,
                            viommu_fault_layout::reviewed}) {
    virtio::viommu_params p;
    p.fault_layout = layout;
    viommu_bench b(p);
    b.give_buffers(1);
    REQUIRE(b.device.report(b.host, page_request(3)) == viommu_report::sent);
    CHECK(b.device.events().interrupt_needed(b.host));
    const auto used = b.events.collect(b.guest);
    REQUIRE(used);
    CHECK(used->written == viommu_fault_size(layout));
    std::uint8_t bytes[48];
    kit::read_memory(b.guest, viommu_bench::buffers_at, bytes, used->written);
    const auto f = arch::decode_viommu_fault(bytes, used->written, layout);
    REQUIRE(f);
    CHECK(*f == viommu_fault_carried(page_request(3), layout));
  }
}

TEST_CASE("without a buffer an event is dropped and counted") {
  viommu_bench b(params_with(virtio::no_event_buffer::drop));
  b.give_buffers(4);
  for (unsigned i = 0; i < 4; ++i) {
    CHECK(b.device.report(b.host, page_request(i)) == viommu_report::sent);
  }
  CHECK(b.device.report(b.host, page_request(4)) == viommu_report::dropped);
  CHECK(b.device.statistics().events.value() == 4);
  CHECK(b.device.statistics().events_dropped.value() == 1);
}

TEST_CASE("or it waits, and the next buffer given kicks") {
  for (const bool event_idx : {false, true}) {
    viommu_bench b(params_with(virtio::no_event_buffer::wait, event_idx));
    CHECK(b.device.report(b.host, page_request(1)) == viommu_report::wait);
    CHECK(b.device.report(b.host, page_request(1)) == viommu_report::wait);
    b.give_buffers(1);
    CHECK(b.events.kick_needed(b.guest));
    CHECK(b.device.report(b.host, page_request(1)) == viommu_report::sent);
    CHECK(b.device.statistics().events_waited.value() == 2);
    CHECK(b.device.statistics().events_dropped.value() == 0);
  }
}

TEST_CASE("giving a buffer back kicks without EVENT_IDX only, while others are left") {
  for (const bool event_idx : {false, true}) {
    viommu_bench b(params_with(virtio::no_event_buffer::wait, event_idx));
    b.give_buffers(3);
    CHECK(b.events.kick_needed(b.guest));
    REQUIRE(b.device.report(b.host, page_request(1)) == viommu_report::sent);
    REQUIRE(b.events.collect(b.guest));
    b.give_buffers(1);
    CHECK(b.events.kick_needed(b.guest) == !event_idx);
  }
}

TEST_CASE("a buffer too small for the record goes back empty, and the event is dropped") {
  viommu_bench b;
  b.give_buffers(1, 24);
  CHECK(b.device.report(b.host, page_request(1)) == viommu_report::dropped);
  CHECK(b.events.collect(b.guest)->written == 0);
  CHECK(b.device.statistics().events_dropped.value() == 1);
}

TEST_CASE("a broken event queue drops what it gets, and nobody waits for it") {
  viommu_bench b;
  const kit::ring_part outside[] = {{guest_size, 48}};
  REQUIRE(b.events.add(b.guest, outside, 0, 1, 1));
  b.events.publish(b.guest);
  CHECK(b.device.report(b.host, page_request(1)) == viommu_report::dropped);
  CHECK(b.device.events().broken());
  CHECK(b.device.report(b.host, page_request(2)) == viommu_report::dropped);
  CHECK(b.device.statistics().events_dropped.value() == 2);
}

TEST_CASE("buffers given before time starts are there, and nobody was kicked for them") {
  viommu_bench b;
  kit::setup_task boot(b.memory, [](std::uint64_t at) { return guest_slot(base::ipa(at)); });
  const kit::ring_part part[] = {{viommu_bench::buffers_at, 48}};
  REQUIRE(b.events.add(boot, part, 0, 1, 7));
  b.events.publish(boot);
  CHECK(b.device.report(b.host, page_request(1)) == viommu_report::sent);
  CHECK(b.events.collect(b.guest)->token == 7);
  kit::wakeup w("w");
  CHECK_THROWS_WITH(boot.sleep(w), "set-up sleeps");
  CHECK_THROWS_WITH(boot.write_register(0, 0), "set-up writes a register");
  CHECK_THROWS_WITH(boot.write(guest_size, part, 8), "set-up of memory that is not there");
}
