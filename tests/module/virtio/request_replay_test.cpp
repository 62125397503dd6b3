// Recorded requests through a virtqueue to a virtio-iommu and back.
#include "tlm/virtio/request_replay.h"

#include <catch2/catch.hpp>

#include "viommu_bench.h"

using namespace svasim;
using namespace svasim::test;
using trace::request_type;
using virtio::replay_sync;
using virtio::request_replay;

namespace {

trace::record record(request_type type, std::uint64_t first = 0, std::uint64_t last = 0) {
  trace::record r;
  r.kind = trace::record_kind::request;
  r.request = type;
  r.domain = 1;
  r.sid = base::stream_id(type <= request_type::detach ? 8 : 0);
  r.address = base::iova(first);
  r.last = last;
  r.output = 0x40000;
  return r;
}
trace::record map_page(std::uint64_t page) {
  return record(request_type::map, page << 12, (page << 12) + 4095);
}
trace::record unmap_page(std::uint64_t page) {
  return record(request_type::unmap, page << 12, (page << 12) + 4095);
}

virtio::viommu_params with_ring(std::uint32_t entries) {
  virtio::viommu_params p;
  p.requests = ring_params(entries, true);
  return p;
}

// The device serves all there is when it is kicked.
struct bench : viommu_bench {
  explicit bench(replay_sync sync = replay_sync::runs, std::uint32_t entries = 256)
      : viommu_bench(with_ring(entries)),
        replay(
            params_of(sync), requests, 0x6000, [this](kit::task&) { kicked(); }, nullptr,
            "replay") {
    (void)device.requests().enable_kicks(host);
    replay.on_synced = [this] { ++synced; };
    replay.on_refused = [this](const trace::record&, arch::viommu_status s) {
      refused.push_back(s);
    };
  }
  static virtio::request_replay_params params_of(replay_sync sync) {
    virtio::request_replay_params p;
    p.sync = sync;
    return p;
  }
  void kicked() {
    ++kicks;
    do {
      while (device.serve(host)) continue;
    } while (device.requests().enable_kicks(host));
    const std::uint16_t many = 5;
    if (vandal) memory.write(base::pa(requests.layout().used_index() + guest_base), &many, 2);
  }
  /// A log of requests with nothing else in it.
  void play(const std::vector<trace::record>& log) {
    for (std::size_t i = 0; i < log.size(); ++i) {
      REQUIRE(replay.submit(log[i], i + 1 < log.size()));
    }
    REQUIRE_THROWS_WITH(replay.run(guest), "a task of a test sleeps");
  }

  unsigned kicks = 0, synced = 0;
  bool vandal = false;  // writes a used index of its own
  std::vector<arch::viommu_status> refused;
  request_replay replay;
};

}  // namespace

TEST_CASE("recorded requests reach the device as they are") {
  bench b;
  b.play({record(request_type::attach), map_page(1), map_page(2), unmap_page(1)});
  CHECK(b.device.endpoints_of(1) == std::vector<std::uint32_t>{8});
  const auto mappings = b.device.mappings_of(1);
  REQUIRE(mappings.size() == 1);
  CHECK(mappings[0].start == 0x2000);
  CHECK(mappings[0].end == 0x2fff);
  CHECK(mappings[0].output == 0x40000);
  CHECK(mappings[0].flags == 3);
  CHECK(b.replay.outstanding() == 0);
  CHECK(b.replay.statistics().requests.value() == 4);
  CHECK(b.refused.empty());
}

TEST_CASE("a run of maps is kicked once, each change of kind once more") {
  bench b;
  b.play({record(request_type::attach), map_page(1), map_page(2), map_page(3), unmap_page(1),
          unmap_page(2)});
  CHECK(b.kicks == 3);
  CHECK(b.synced == 3);
  CHECK(b.guest.busy() == base::ns(6 * 150));
}

TEST_CASE("or each request by itself") {
  bench b(replay_sync::each);
  b.play({record(request_type::attach), map_page(1), map_page(2), map_page(3)});
  CHECK(b.kicks == 4);
}

TEST_CASE("a run ends where the log has something else between") {
  bench b;
  REQUIRE(b.replay.submit(record(request_type::attach), true));
  REQUIRE(b.replay.submit(map_page(1), false));
  REQUIRE(b.replay.submit(map_page(2), false));
  REQUIRE_THROWS(b.replay.run(b.guest));
  CHECK(b.kicks == 3);
}

TEST_CASE("a full ring is kicked and waited for") {
  bench b(replay_sync::runs, 4);  // room for two requests
  std::vector<trace::record> log{record(request_type::attach)};
  for (std::uint64_t page = 1; page <= 7; ++page) log.push_back(map_page(page));
  b.play(log);
  CHECK(b.kicks == 1 + 4);
  CHECK(b.requests.statistics().full.value() == 3);
  CHECK(b.device.mappings_of(1).size() == 7);
}

TEST_CASE("what the device refuses is told, and nothing is left over") {
  bench b;
  b.play({map_page(1), record(request_type::attach), map_page(1), map_page(1)});
  using s = arch::viommu_status;
  CHECK(b.refused == std::vector<s>{s::noent, s::inval});
  CHECK(b.replay.statistics().failed.value() == 2);
  CHECK(b.replay.outstanding() == 0);
}

TEST_CASE("a ring that is broken, or has no room ever, ends in failures and not in a wait") {
  bench one(replay_sync::runs, 1);
  one.play({map_page(1), map_page(2)});
  CHECK(one.replay.statistics().failed.value() == 2);
  CHECK(one.replay.outstanding() == 0);
  bench broken;
  broken.vandal = true;
  REQUIRE(broken.replay.submit(map_page(1), false));
  REQUIRE_THROWS(broken.replay.run(broken.guest));
  CHECK(broken.requests.broken());
  CHECK(broken.refused == std::vector<arch::viommu_status>{arch::viommu_status::deverr});
  CHECK(broken.replay.outstanding() == 0);
  REQUIRE(broken.replay.submit(map_page(1), false));
  REQUIRE_THROWS(broken.replay.run(broken.guest));
  CHECK(broken.refused.size() == 2);
  CHECK(broken.replay.outstanding() == 0);
}

TEST_CASE("no more than a queue of requests is taken from the log") {
  bench b;
  for (std::uint32_t i = 0; i < request_replay::capacity; ++i) {
    REQUIRE(b.replay.submit(map_page(i), true));
  }
  CHECK_FALSE(b.replay.submit(map_page(0), true));
  CHECK(b.replay.outstanding() == request_replay::capacity);
}
