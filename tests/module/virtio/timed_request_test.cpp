// Guest and host as threads that take time: how long a request takes from end to end.
#include <catch2/catch.hpp>

#include "arch/virtio_iommu.h"
#include "base/error.h"
#include "describe/document.h"
#include "describe/reader.h"
#include "tests/support/time_matchers.h"
#include "tlm/virtio/request_replay.h"
#include "viommu_bench.h"

using namespace svasim;
using base::ns;
using base::us;
using test::guest_base;

namespace {

// Each access takes 10 ns, at the end of which it happens.
class timed_task final : public kit::task {
 public:
  timed_task(base::sparse_memory& memory, std::uint64_t offset)
      : m_memory(memory), m_offset(offset) {}
  const std::string& name() const override { return m_name; }
  void compute(base::duration cost) override { sc_core::wait(kit::to_sc(cost)); }
  std::uint64_t sleep(kit::wakeup& w) override {
    while (!w.pending()) sc_core::wait(w.event());
    return w.take();
  }
  void read(std::uint64_t address, void* data, std::uint32_t n) override {
    compute(ns(10));
    m_memory.read(base::pa(address + m_offset), data, n);
  }
  void write(std::uint64_t address, const void* data, std::uint32_t n) override {
    compute(ns(10));
    m_memory.write(base::pa(address + m_offset), data, n);
  }
  std::uint32_t read_register(std::uint64_t) override { return 0; }
  void write_register(std::uint64_t, std::uint32_t) override {}

 private:
  std::string m_name = "task";
  base::sparse_memory& m_memory;
  std::uint64_t m_offset;
};

// A guest that replays a log, and a host whose worker serves what is kicked; 700 ns a mapping.
struct bench {
  bench()
      : ring(params.requests, base::ipa(test::ring_at), nullptr, "ring"),
        device(params, ring.layout(), {16, 0x20000, 0x21000, 0x22000}, test::guest_slot, nullptr,
               "viommu"),
        replay(
            replay_params, ring, 0x6000, [this](kit::task&) { kicked.raise(); }, nullptr,
            "replay") {
    device.add_endpoint(8);
    REQUIRE(device.set_up(test::attach(1, 8)) == arch::viommu_status::ok);
    device.hooks.on_map = [](kit::task& t, const arch::viommu_request&) {
      t.compute(ns(700));
      return arch::viommu_status::ok;
    };
    sc_core::sc_spawn([this] { replay.run(guest); });
    sc_core::sc_spawn([this] { serve(); });
    test::run_until(us(1));
  }
  void serve() {
    for (;;) {
      do {
        while (device.serve(host)) continue;
      } while (device.requests().enable_kicks(host));
      host.sleep(kicked);
    }
  }
  void map(std::uint64_t page, bool more) {
    trace::record r;
    r.kind = trace::record_kind::request;
    r.request = trace::request_type::map;
    r.domain = 1;
    r.address = base::iova(page << 12);
    r.last = (page << 12) + 4095;
    r.output = 0x40000;
    REQUIRE(replay.submit(r, more));
  }

  virtio::viommu_params params;
  virtio::request_replay_params replay_params;
  base::sparse_memory memory;
  timed_task guest{memory, guest_base}, host{memory, 0};
  kit::wakeup kicked{"kicked"};
  virtio::driver_queue ring;
  virtio::virtio_iommu device;
  virtio::request_replay replay;
};

}  // namespace

TEST_CASE("a request takes the time of its accesses, its hook and the poll that sees it") {
  bench b;
  b.map(1, false);
  test::run_until(us(5));
  // The guest: 150 to prepare, 5 writes and the test whether to kick: 210. The host: the index, the
  // entry, two descriptors, the request, 700, status, used entry and index: 780, so at 990. The
  // guest looks at 220 + 50 n, so at 1020, then at the entry and the status.
  const auto latency = b.replay.statistics().latency.whole();
  REQUIRE(latency.count() == 1);
  CHECK(*latency.max() == ns(1040).value());
  CHECK(*b.device.statistics().service_time.whole().max() == ns(780).value());
  CHECK(b.replay.statistics().polls.value() == 16);
  CHECK(b.ring.statistics().kicks.value() == 1);
}

TEST_CASE("a run of maps shares a kick and a poll") {
  bench b;
  for (std::uint64_t page = 0; page < 10; ++page) b.map(page, page != 9);
  test::run_until(us(50));
  CHECK(b.replay.outstanding() == 0);
  CHECK(b.replay.statistics().syncs.value() == 1);
  CHECK(b.ring.statistics().kicks.value() == 1);
  CHECK(b.device.statistics().map.value() == 10);
  // In the ring from when it was added until it was collected, all of them.
  CHECK(b.ring.statistics().outstanding.max() == 10);
  CHECK(b.device.requests().broken() == false);
}

TEST_CASE("queues and the device are described, with what is wrong in a file") {
  virtio::viommu_params p;
  const auto read = [&](const std::string& json) -> std::string {
    try {
      describe::read_into(describe::document::from_text(json, "p.json"), p);
    } catch (const base::input_error& e) {
      return e.what();
    }
    return "";
  };
  CHECK(read(R"({"requests": {"entries": 48}})") ==
        "p.json:1:26: requests.entries: 48 is no power of two");
  CHECK(read(R"({"requests": {"entries": 1}})") ==
        "p.json:1:14: requests: a request has two descriptors: a ring of one entry needs indirect "
        "ones");
  CHECK(read(R"({"requests": {"entries": 1, "indirect": true}})") == "");
  CHECK(read(R"({"fault_layout": "v2"})") ==
        R"(p.json:1:18: fault_layout must be one of "standard", "rfc_s_v1", "reviewed", not "v2")");
  CHECK(read(R"({"events": {"entries": 64, "indirect": true}, "no_buffer": "drop"})") == "");
  CHECK(p.events.entries == 64);
  CHECK(p.events.indirect);
  CHECK_FALSE(p.events.event_idx);
  CHECK(p.requests.event_idx);
  CHECK(p.requests.entries == 1);
  CHECK(p.no_buffer == virtio::no_event_buffer::drop);
}
