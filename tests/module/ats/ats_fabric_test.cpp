// An ATS device on a real link and root complex, with works of several PASIDs: first touches,
// invalidations against live DMA, and what the order of the fabric promises.
#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>

#include "base/rng.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/device/atc.h"
#include "tlm/device/dma_engine.h"
#include "tlm/device/work_queues.h"
#include "tlm/pcie/link.h"
#include "tlm/pcie/root_complex.h"

using namespace svasim;
using base::ns;
using base::us;
using test::run_dry;

namespace {

constexpr std::uint16_t function = 0x100;

/// The SMMU: pages of each PASID lead to places that are never used twice.
struct naive_smmu final : sc_core::sc_module {
  using page = std::pair<std::uint32_t, std::uint64_t>;

  explicit naive_smmu(sc_core::sc_module_name name) : sc_module(name), to_device("to_device") {
    SC_HAS_PROCESS(naive_smmu);
    SC_THREAD(send_all);
  }
  tlm_utils::simple_initiator_socket<naive_smmu> to_device;

  void translate(tlm::tlm_generic_payload& p) {
    const kit::dma_extension& ext = kit::extension_of(p);
    const auto found = pages.find({ext.ssid.value(), ext.address.value() >> 12});
    arch::ats_completion& c = *ext.completion;
    c = arch::ats_completion{};
    if (found == pages.end()) return;
    c.read = c.write = true;
    c.address = found->second << 12;
  }
  bool receive(const arch::ats_message& m) {
    if (m.code == arch::ats_message_code::invalidate_completion) {
      const auto itag = static_cast<unsigned>(__builtin_ctz(m.itags));
      for (const std::uint64_t place : dying.at(itag)) dead.insert(place);
      dying.erase(itag);
      return true;
    }
    const arch::page_request& r = m.request;
    pages.emplace(page(r.ssid.value(), r.address >> 12), ++last_place);
    if (!r.last) return true;
    arch::prg_response response;
    response.sid = base::stream_id(function);
    response.has_ssid = true;
    response.ssid = r.ssid;
    response.prg_index = r.prg_index;
    send(arch::message_of(response));
    return true;
  }
  /// The page leads nowhere from here on; its old place is dead when the device says so.
  void unmap(std::uint32_t pasid, std::uint64_t address) {
    const auto found = pages.find({pasid, address >> 12});
    if (found == pages.end() || dying.size() == 32) return;
    unsigned itag = 0;
    while (dying.count(itag) != 0) ++itag;
    dying[itag].push_back(found->second);
    pages.erase(found);
    arch::ats_message m;
    m.sid = base::stream_id(function);
    m.has_ssid = true;
    m.ssid = base::substream_id(pasid);
    m.itag = static_cast<std::uint8_t>(itag);
    m.size_shift = 12;
    m.address = address >> 12 << 12;
    send(m);
  }
  void send(const arch::ats_message& m) {
    m_queue.push_back(m);
    m_more.notify(sc_core::SC_ZERO_TIME);
  }

  std::map<page, std::uint64_t> pages;
  std::map<unsigned, std::vector<std::uint64_t>> dying;  // by ITag
  std::set<std::uint64_t> dead;
  std::uint64_t last_place = 0x1000;

 private:
  void send_all() {
    for (;;) {
      while (m_queue.empty()) wait(m_more);
      const arch::ats_message m = m_queue.front();
      m_queue.pop_front();
      auto& p = m_pool.take(tlm::TLM_WRITE_COMMAND, 0, 16);
      kit::dma_extension& ext = kit::extension_of(p);
      ext.kind = kit::traffic::message;
      ext.log = nullptr;
      ext.sid = m.sid;
      ext.has_ssid = m.has_ssid;
      ext.ssid = m.ssid;
      ext.message = &m;
      sc_core::sc_time t;
      to_device->b_transport(p, t);
      wait(t);
      REQUIRE(p.is_response_ok());
      p.release();
    }
  }
  std::deque<arch::ats_message> m_queue;
  sc_core::sc_event m_more;
  kit::payload_pool m_pool;
};

struct fabric {
  explicit fabric(const device::atc_params& p, const pcie::link_params& l = {})
      : works({}, &root),
        engine("dma", {}, {base::bytes(256), base::bytes(512)}, works, &root),
        atc("atc", p, &root),
        link("link", l, &root),
        port("port", {}, false, &root) {
    engine.to_link.bind(atc.from_engine);
    atc.to_link.bind(link.from_device);
    link.to_device.bind(atc.from_link);
    link.to_root_complex.bind(port.from_link);
    port.to_tbu.bind(tbu.socket);
    port.to_ats_requests.bind(translations.socket);
    port.to_link.bind(link.from_root_complex);
    smmu.to_device.bind(port.from_ats);
    port.add_functions(function, function);
    port.on_message = [this](const arch::ats_message& m) { return smmu.receive(m); };
    tbu.how = translations.how = test::scripted_target::manner::late;
    tbu.latency = ns(150);
    translations.latency = ns(60);
    translations.on_request = [this](auto& request) { smmu.translate(request); };
    tbu.on_request = [this](auto& request) {
      CHECK(kit::extension_of(request).at == arch::transaction_kind::translated);
      dead_uses += smmu.dead.count(request.get_address() >> 12);
    };
    works.on_done = [this](std::uint64_t, bool ok) { done.push_back(ok); };
  }
  void submit(std::uint32_t pasid, std::uint64_t length) {
    device::work w;
    w.sid = base::stream_id(function);
    w.has_ssid = true;
    w.ssid = base::substream_id(pasid);
    w.address = base::iova(0x100000);
    w.length = length;
    w.access_length = 512;
    w.write_percent = 50;
    REQUIRE(works.submit(pasid, w));
  }
  void check_over(std::size_t expected) {
    CHECK(done == std::vector<bool>(expected, true));
    CHECK(atc.idle());
    CHECK(smmu.dying.empty());
    CHECK(dead_uses == 0);
    CHECK(engine.statistics().faulted.value() == 0);
    CHECK(engine.statistics().in_flight.current() == 0);
    CHECK(atc.statistics().invalidations.value() == atc.statistics().completions.value());
    CHECK(atc.pri().outstanding() == 0);
  }

  stats::group root{"test"};
  device::work_queues works;
  device::dma_engine engine;
  device::atc atc;
  pcie::link link;
  pcie::root_complex port;
  naive_smmu smmu{"smmu"};
  test::scripted_target tbu{"tbu"}, translations{"translations"};
  std::vector<bool> done;
  std::uint64_t dead_uses = 0;
};

device::atc_params quick() {
  device::atc_params p;
  p.page_requests.retry_pause = ns(500);
  return p;
}

// Works of four PASIDs, and pages taken away all the time.
void storm(const device::atc_params& p, const pcie::link_params& l) {
  fabric f(p, l);
  base::rng random(3);
  for (unsigned round = 0; round < 2; ++round) {
    for (std::uint32_t pasid = 0; pasid < 4; ++pasid) f.submit(pasid, 16 * 4096);
  }
  for (unsigned n = 0; n < 300; ++n) {
    test::run_until(kit::now() + ns(random.below(400)));
    f.smmu.unmap(static_cast<std::uint32_t>(random.below(4)), 0x100000 + random.below(16) * 4096);
  }
  f.works.close();
  run_dry();
  f.check_over(8);
  CHECK(f.atc.statistics().completions.value() > 10);
}

}  // namespace

TEST_CASE("first touches of four PASIDs over a real link are all served") {
  fabric f(quick());
  for (std::uint32_t pasid = 0; pasid < 4; ++pasid) f.submit(pasid, 8 * 4096);
  f.works.close();
  run_dry();
  f.check_over(4);
  CHECK(f.smmu.pages.size() == 4 * 8);
  CHECK(f.atc.pri().statistics().requests.value() == 4 * 8);
  CHECK(f.engine.finished());
}

TEST_CASE("invalidations against live DMA reach the SMMU behind all that they cover") {
  storm(quick(), {});
}

TEST_CASE("invalidations against live DMA do so with few credits and little room") {
  device::atc_params p = quick();
  p.entries = p.ways = 4;
  p.slots = 8;
  p.requests = 2;
  p.invalidate_queue = 1;
  p.page_requests.allocation = 2;
  pcie::link_params l;
  l.posted_headers = l.nonposted_headers = 2;
  storm(p, l);
}
