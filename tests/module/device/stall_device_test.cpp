// A device without ATS on an SMMU that stalls what faults (IHI 0070 3.12.2): the engine waits, and
// what it waits for is retried or aborted.
#include <catch2/catch.hpp>

#include "arch/cd.h"
#include "tests/module/smmu/smmu_bench.h"
#include "tlm/device/dma_engine.h"
#include "tlm/device/work_queues.h"

using namespace svasim;
using arch::opcode;
using base::us;
using test::run_dry;
using test::run_until;

namespace {

/// In front of the SMMU's bench: each request of the engine is one of the bench's port.
struct relay final : sc_core::sc_module {
  relay(sc_core::sc_module_name name, test::smmu_bench& b)
      : sc_module(name), from_device("from_device"), m_bench(b) {
    from_device.register_nb_transport_fw(this, &relay::forward);
    b.port.on_answer = [this](test::scripted_initiator::request& r) { answer(r); };
  }
  tlm::tlm_sync_enum forward(tlm::tlm_generic_payload& p, tlm::tlm_phase& phase,
                             sc_core::sc_time& t) {
    m_origins.push_back(&p);
    auto& r = m_bench.port.make(p.get_command(), p.get_address(), p.get_data_length());
    r.ext().sid = base::stream_id(kit::extension_of(p).requester_id);
    r.ext().timing_only = true;
    m_bench.port.send(r, kit::from_sc(t));
    phase = tlm::END_REQ;
    return tlm::TLM_UPDATED;
  }
  void answer(test::scripted_initiator::request& r) {
    tlm::tlm_generic_payload& p = *m_origins[r.ext().id];
    p.set_response_status(r.p->get_response_status());
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time t = kit::to_sc(r.answered - kit::now());
    from_device->nb_transport_bw(p, phase, t);
  }
  tlm_utils::passthrough_target_socket<relay> from_device;

 private:
  test::smmu_bench& m_bench;
  std::vector<tlm::tlm_generic_payload*> m_origins;
};

device::work_queue_params with(std::uint32_t probes) {
  device::work_queue_params p;
  p.probes = probes;
  return p;
}

struct stall_device {
  explicit stall_device(std::uint32_t probes = 0) : queues(with(probes), &root) {
    queues.on_done = [this](std::uint64_t, bool ok) { done.push_back(ok); };
    smmu = std::make_unique<test::smmu_bench>(test::small_smmu(), [this](test::smmu_bench& b) {
      bridge = std::make_unique<relay>("relay", b);
      engine.to_link.bind(bridge->from_device);
    });
    allow_stalls(*smmu);
  }
  void allow_stalls(test::smmu_bench& b) {
    arch::registers words;
    words.cr0 = 0xd;
    words.idr0 &= ~(3u << 24);  // STALL_MODEL: both
    b.tables.configure(words);
    b.regs = arch::register_view(words);
    domain = b.tables.add_domain({base::asid(1), base::vmid()});
    b.tables.attach(base::stream_id(1), domain);
    arch::structure_words bytes{};
    b.bytes.read(b.regs.table_base + 64, bytes.data(), 64);
    const base::pa at(arch::decode_ste(bytes).s1_context_ptr);
    b.bytes.read(at, bytes.data(), 64);
    arch::cd c = arch::decode_cd(bytes);
    c.s = true;
    b.bytes.write(at, arch::encode(c).data(), 64);
    b.tables.map(domain, base::iova(0x100000), 0x900000, 12, true);
  }
  void submit(std::uint64_t address, std::uint64_t length) {
    device::work w;
    w.sid = base::stream_id(1);
    w.address = base::iova(address);
    w.length = length;
    w.access_length = 512;
    REQUIRE(queues.submit(0, w));
  }
  // What software does: reads the next stall record, maps the page or not, resumes.
  bool serve(bool map) {
    if ((smmu->events.prod() & 7) == m_served) return false;
    arch::event_words words{};
    smmu->bytes.read(test::smmu_bench::event_base + (m_served & 3) * 32ull, words.data(), 32);
    const arch::event e = arch::decode_event(words);
    m_served = (m_served + 1) & 7;
    smmu->events.write_cons(m_served);
    pages.push_back(e.input_address >> 12 << 12);
    if (map)
      smmu->tables.map(domain, base::iova(pages.back()), pages.back() + 0x40000000, 12, true);
    arch::command c;
    c.op = opcode::resume;
    c.sid = base::stream_id(1);
    c.stag = e.stag;
    c.retry = map;
    c.abort = !map;
    smmu->put(c);
    smmu->publish();
    return true;
  }

  stats::group root{"device"};
  device::work_queues queues;
  device::dma_engine engine{"dma", {}, {base::bytes(512), base::bytes(512)}, queues, &root};
  std::unique_ptr<relay> bridge;
  std::unique_ptr<test::smmu_bench> smmu;
  arch::domain_id domain;
  std::vector<bool> done;
  std::vector<std::uint64_t> pages;  // of the stalls served

 private:
  std::uint32_t m_served = 0;
};

}  // namespace

TEST_CASE("a work on absent pages waits for stalls, and is done when they are resumed") {
  stall_device d;
  d.submit(0x1000, 4096);
  run_until(us(20));
  CHECK(d.done.empty());
  CHECK(d.engine.statistics().completed.value() == 0);
  while (d.serve(true)) run_until(kit::now() + us(10));
  run_dry();
  CHECK(d.done == std::vector<bool>{true});
  CHECK(d.engine.statistics().completed.value() == 8);
}

TEST_CASE("a work whose stall is aborted fails, and the engine goes on") {
  stall_device d;
  d.submit(0x1000, 512);
  run_until(us(20));
  REQUIRE(d.serve(false));
  run_dry();
  CHECK(d.done == std::vector<bool>{false});
  CHECK(d.engine.statistics().faulted.value() == 1);
  d.submit(0x100000, 512);
  run_dry();
  CHECK(d.done == std::vector<bool>{false, true});
}

TEST_CASE("with one probe a device has one fault outstanding, a page at a time") {
  stall_device d(1);
  d.submit(0x1000, 3 * 4096);
  for (unsigned page = 0; page < 3; ++page) {
    run_until(kit::now() + us(20));
    CHECK(d.smmu->tcu.statistics().stalled.current() == 1);
    REQUIRE(d.serve(true));
    CHECK_FALSE(d.serve(true));
  }
  run_dry();
  CHECK(d.done == std::vector<bool>{true});
  CHECK(d.pages == std::vector<std::uint64_t>{0x1000, 0x2000, 0x3000});
  CHECK(d.smmu->tcu.statistics().stalled.max() == 1);
}
