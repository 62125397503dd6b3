// A virtio-iommu log whose map and unmap requests go through the virtqueue of a modelled guest.
#include <catch2/catch.hpp>

#include "base/error.h"
#include "platforms/sva/sva_result.h"

using namespace svasim;
using platforms::sva_platform;
using trace::record;
using trace::request_type;

namespace {

constexpr std::uint64_t iova = 0xfff00000, output = 0x48000000, page = 0x1000;

class log_source final : public trace::source {
 public:
  log_source() {
    trace::stream_tag s;
    s.sid = base::stream_id(8);
    s.has_domain = true;
    s.domain = 1;
    m_about.streams.push_back(s);
    m_about.format = "qemu-virtio-iommu";
  }
  record& access(std::uint64_t address, std::uint64_t to) {
    record r;
    r.sid = base::stream_id(8);
    r.address = base::iova(address);
    r.output = to;
    r.has_output = true;
    r.length = 64;
    m_about.accesses += 1;
    m_about.runs += 1;
    return add(r);
  }
  record& request(request_type type, std::uint64_t first, std::uint64_t pages,
                  std::uint64_t to = 0) {
    record r;
    r.kind = trace::record_kind::request;
    r.request = type;
    r.domain = 1;
    r.address = base::iova(first);
    r.last = first + pages * page - 1;
    r.output = to;
    m_about.requests += 1;
    return add(r);
  }
  bool next(record& out) override {
    if (m_at == m_records.size()) return false;
    out = m_records[m_at++];
    return true;
  }
  const trace::summary& about() const override { return m_about; }

 private:
  record& add(record r) {
    r.line = m_records.size() + 1;
    m_records.push_back(r);
    return m_records.back();
  }
  trace::summary m_about;
  std::vector<record> m_records;
  std::size_t m_at = 0;
};

struct run {
  explicit run(log_source& log) : platform(platforms::platform_params(), log, options()) {
    platform.run();
  }
  static platforms::sva_options options() {
    platforms::sva_options o;
    o.requests = true;
    o.check = true;
    return o;
  }
  const device::dma_engine_stats& dma() const { return platform.dma().statistics(); }
  const virtio::virtio_iommu_stats& viommu() const {
    return platform.guests().front()->viommu().statistics();
  }
  sva_platform platform;
};

}  // namespace

TEST_CASE("an access behind its map goes where the map leads, in order of the log") {
  log_source log;
  log.request(request_type::map, iova, 2, output);
  log.access(iova, output);
  log.access(iova + page + 64, output + page + 64);
  log.request(request_type::unmap, iova, 2);
  log.request(request_type::map, iova, 2, output + 16 * page);
  log.access(iova, output + 16 * page);
  const run r(log);
  CHECK(r.platform.dma().first_mismatch() == "");
  CHECK(r.dma().completed.value() == 3);
  CHECK(r.dma().faulted.value() == 0);
  CHECK(r.platform.checked() == 3);
  CHECK(r.viommu().map.value() == 2);
  CHECK(r.viommu().unmap.value() == 1);
  CHECK(r.viommu().attach.value() == 0);
  CHECK(r.viommu().refused.value() == 0);
  CHECK(r.platform.logged()->driver().statistics().requests.value() == 3);
  // The host's SMMU is told of what goes: a TLBI by range and CMD_SYNC.
  CHECK(r.platform.commands_consumed() == 2);
  // The access after it waited for both.
  CHECK(r.platform.finished_at() > base::us(10));
}

TEST_CASE("what a log uses without having mapped it was there before") {
  log_source log;
  log.access(iova, output);
  log.access(iova + 64, output + 64);
  log.request(request_type::unmap, iova, 4);
  const run r(log);
  CHECK(r.platform.dma().first_mismatch() == "");
  CHECK(r.dma().completed.value() == 2);
  CHECK(r.platform.logged()->statistics().mapped_before == 1);
  CHECK(r.viommu().unmap.value() == 1);
  CHECK(r.viommu().refused.value() == 0);
}

TEST_CASE("an attach of the log goes through the virtqueue, and its accesses wait for it") {
  log_source log;
  record& attach = log.request(request_type::attach, 0, 0);
  attach.sid = base::stream_id(8);
  log.request(request_type::map, iova, 1, output);
  log.access(iova, output);
  const run r(log);
  CHECK(r.viommu().attach.value() == 1);
  CHECK(r.viommu().map.value() == 1);
  CHECK(r.viommu().refused.value() == 0);
  CHECK(r.dma().completed.value() == 1);
}

TEST_CASE("the result says what was done with the log") {
  log_source log;
  log.request(request_type::map, iova, 1, output);
  log.access(iova, output);
  const run r(log);
  const nlohmann::json result =
      platforms::viommu_log_result(r.platform, log.about(), {"trace", "t"}, {});
  CHECK(result.at("run").at("note") ==
        "the log's requests went through a virtqueue that the VMM serves (variant f): 0 attach, 0 "
        "detach, 1 map, 0 unmap, 0 of them refused; 0 pages were mapped before the log begins");
  CHECK(result.at("sva").at("variant") == "f");
  CHECK(result.at("sva").at("faults").is_null());
  CHECK(result.at("sva").at("cpu_ps").at("VMM") > 0);
}

TEST_CASE("an endpoint that moves to another domain is refused") {
  log_source log;
  log.access(iova, output);
  record& attach = log.request(request_type::attach, 0, 0);
  attach.sid = base::stream_id(8);
  attach.domain = 2;
  CHECK_THROWS_WITH(run(log),
                    "2: endpoint 0x8 moves from domain 1 to 2: a replay has each endpoint in one "
                    "domain");
}
