// What QEMU's virtio-iommu did in recorded runs, done again by this one: every request through the
// ring, every translation looked up.
#include <catch2/catch.hpp>

#include "tlm/virtio/request_replay.h"
#include "viommu_bench.h"
#include "workloads/open_trace.h"

using namespace svasim;
using test::viommu_bench;

namespace {

struct outcome {
  std::uint64_t requests = 0, refused = 0, accesses = 0, unknown = 0, wrong = 0;
};

outcome replay_log(const std::string& name, virtio::replay_sync sync) {
  viommu_bench b;
  virtio::request_replay_params params;
  params.sync = sync;
  virtio::request_replay replay(
      params, b.requests, 0x6000,
      [&](kit::task&) {
        do {
          while (b.device.serve(b.host)) continue;
        } while (b.device.requests().enable_kicks(b.host));
      },
      nullptr, "replay");
  for (std::uint32_t id = 0; id < 64; ++id) b.device.add_endpoint(id);
  REQUIRE_FALSE(b.device.requests().enable_kicks(b.host));
  const auto log = workloads::open_trace(SVASIM_SOURCE_DIR "/workloads/traces/" + name);
  outcome out;
  // A log that does not begin with the boot lacks what was attached then.
  for (const trace::stream_tag& s : log->about().streams) {
    if (log->about().requests_by_type.count(trace::request_type::attach) != 0) continue;
    REQUIRE(b.device.set_up(test::attach(s.domain, s.sid.value())) == arch::viommu_status::ok);
  }
  for (trace::record r; log->next(r);) {
    if (r.kind == trace::record_kind::request) {
      REQUIRE(replay.submit(r, false));
      try {
        replay.run(b.guest);
      } catch (const std::logic_error&) {  // it sleeps: all is done
      }
      REQUIRE(replay.outstanding() == 0);
      continue;
    }
    if (r.kind != trace::record_kind::access) continue;
    ++out.accesses;
    const auto domain = b.device.domains().domain_of(r.sid.value());
    const auto* m = domain ? b.device.domains().find(*domain, r.address.value()) : nullptr;
    if (m == nullptr) {
      ++out.unknown;
    } else if (m->output + (r.address.value() - m->start) != r.output) {
      ++out.wrong;
    }
  }
  out.requests = replay.statistics().requests.value();
  out.refused = replay.statistics().failed.value();
  CHECK(out.requests == log->about().requests);
  return out;
}

}  // namespace

TEST_CASE("recorded requests of a booting guest are all accepted, and lead where QEMU led") {
  const outcome o =
      replay_log("virtio_iommu_boot_probe_attach.qemu.log.gz", virtio::replay_sync::runs);
  CHECK(o.requests == 358);
  CHECK(o.refused == 0);
  CHECK(o.accesses == 222);
  CHECK(o.unknown == 0);
  CHECK(o.wrong == 0);
}

// The rings of the device were mapped before these logs begin.
TEST_CASE("so are those of an NVMe disk and of a network card, as far as the log has the map") {
  struct expected {
    const char* name;
    std::uint64_t requests, accesses, unknown;
  };
  for (const expected& e :
       {expected{"virtio_iommu_nvme_randread4k_qd32.qemu.log.gz", 8192, 12288, 8192},
        expected{"virtio_iommu_nvme_seqread128k_qd4.qemu.log.gz", 768, 13056, 768},
        expected{"virtio_iommu_virtio_net_tcp_rx.qemu.log.gz", 1909, 8950, 8092}}) {
    CAPTURE(e.name);
    const outcome o = replay_log(e.name, virtio::replay_sync::each);
    CHECK(o.requests == e.requests);
    CHECK(o.refused == 0);
    CHECK(o.accesses == e.accesses);
    CHECK(o.unknown == e.unknown);
    CHECK(o.wrong == 0);
  }
}
