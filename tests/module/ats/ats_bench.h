// An ATC between a scripted engine and a host that plays link, SMMU and memory: with pages that can
// be mapped and unmapped, and a closed form for every time.
#pragma once

#include <tlm_utils/passthrough_target_socket.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <catch2/catch.hpp>
#include <functional>
#include <map>
#include <vector>

#include "arch/ats_entries.h"
#include "base/bits.h"
#include "tests/support/scripted_initiator.h"
#include "tests/support/time_matchers.h"
#include "tlm/device/atc.h"
#include "tlm/kit/protocol_checker.h"

namespace svasim::test {

class ats_host final : public sc_core::sc_module {
 public:
  using payload = tlm::tlm_generic_payload;
  using duration = base::duration;

  struct mapping {
    std::uint64_t output = 0;
    unsigned shift = 12;
    bool read = true, write = true;
  };
  struct dma {
    std::uint64_t address, output;
    bool write;
    duration at;
  };
  struct asked {
    std::uint64_t address;
    bool write, speculative;
    duration at;
    std::uint32_t translations;
  };

  explicit ats_host(sc_core::sc_module_name name)
      : sc_module(name), from_device("from_device"), to_device("to_device"), m_due("due") {
    fail_on_warnings();
    from_device.register_nb_transport_fw(this, &ats_host::request);
    to_device.register_nb_transport_bw(this, &ats_host::taken);
    SC_HAS_PROCESS(ats_host);
    SC_METHOD(react);
    sensitive << m_due.event();
    dont_initialize();
  }

  tlm_utils::passthrough_target_socket<ats_host> from_device;
  tlm_utils::simple_initiator_socket<ats_host> to_device;

  duration up = base::ns(100), down = base::ns(100);  // one way
  duration walk = base::ns(50);
  duration memory = base::ns(80);
  duration interval;             // the link takes the next TLP so much later
  bool closed = false;           // the link takes nothing
  bool closed_to_reads = false;  // ... but what is posted
  bool early = true;             // completions are announced when they leave
  unsigned stu_shift = 12;
  arch::ats_status status = arch::ats_status::success;

  std::map<std::uint64_t, mapping> pages;  // by first address
  std::vector<dma> dmas;
  std::vector<asked> requests;
  std::vector<arch::page_request> page_requests;
  std::vector<duration> page_request_times;
  std::vector<arch::ats_message> completions;
  std::vector<duration> completion_times;
  std::vector<std::uint64_t> order;  // what came up the link: addresses, ~0 for messages
  std::function<void(const arch::page_request&)> on_page_request;
  std::function<void(const arch::ats_message&)> on_completion;
  std::function<void(const dma&)> on_dma;  // when memory has done it
  std::uint64_t accepted = 0, held = 0;    // messages down

  void map(std::uint64_t address, std::uint64_t output, unsigned shift = 12, bool write = true) {
    pages[address] = {output, shift, true, write};
  }
  const mapping* find(std::uint64_t address) const {
    auto it = pages.upper_bound(address);
    if (it == pages.begin()) return nullptr;
    --it;
    return (address ^ it->first) >> it->second.shift == 0 ? &it->second : nullptr;
  }
  /// Let the link take what it holds, and go on.
  void open() {
    closed = closed_to_reads = false;
    for (payload*& stopped : m_stopped) {
      if (stopped == nullptr) continue;
      payload& p = *stopped;
      stopped = nullptr;
      take(p, kit::now());
      tlm::tlm_phase phase = tlm::END_REQ;
      sc_core::sc_time t;
      from_device->nb_transport_bw(p, phase, t);
    }
  }
  /// To the device, as soon as it takes it.
  void send(const arch::ats_message& m) {
    m_down.push_back(m);
    send_next();
  }
  void respond(std::uint16_t prg, arch::prg_code code = arch::prg_code::success) {
    arch::prg_response r;
    r.sid = base::stream_id(0x10);
    r.prg_index = prg;
    r.code = code;
    send(arch::message_of(r));
  }
  void invalidate(std::uint64_t address, unsigned shift = 12, std::uint8_t itag = 0) {
    arch::ats_message m;
    m.sid = base::stream_id(0x10);
    m.itag = itag;
    m.size_shift = static_cast<std::uint8_t>(shift);
    m.address = address & ~base::low_mask(shift);
    send(m);
  }

 private:
  enum class step { arrive, walked, answer };
  struct due {
    payload* p;
    step what;
  };

  tlm::tlm_sync_enum request(payload& p, tlm::tlm_phase& phase, sc_core::sc_time& t) {
    const duration at = kit::now() + kit::from_sc(t);
    const bool posted =
        p.is_write() && kit::extension_of(p).at != arch::transaction_kind::translation_request;
    REQUIRE(m_stopped[posted] == nullptr);
    if (closed || (closed_to_reads && !posted)) {
      m_stopped[posted] = &p;
      return tlm::TLM_ACCEPTED;
    }
    take(p, at);
    phase = tlm::END_REQ;
    t = kit::to_sc(at + interval - kit::now());
    return tlm::TLM_UPDATED;
  }
  void take(payload& p, duration at) {
    const kit::dma_extension& ext = kit::extension_of(p);
    order.push_back(ext.kind == kit::traffic::message ? ~std::uint64_t{0} : p.get_address());
    kit::enter_stage(kit::extension_of(p), kit::stage::link_wire_up, at);
    m_due.push({&p, step::arrive}, at + up);
  }
  void react() {
    const duration present = kit::now();
    while (m_due.due(present)) {
      const due d = m_due.front();
      m_due.pop();
      if (d.what == step::arrive) arrive(*d.p);
      if (d.what == step::walked) walked(*d.p);
      if (d.what == step::answer) answer(*d.p, duration());
    }
    m_due.rearm(present);
  }
  void arrive(payload& p) {
    kit::dma_extension& ext = kit::extension_of(p);
    if (ext.kind == kit::traffic::message) return message(p, *ext.message);
    if (ext.at == arch::transaction_kind::translation_request) {
      kit::enter_stage(ext, kit::stage::tcu_lookup, kit::now());
      m_due.push({&p, step::walked}, kit::now() + walk);
      return;
    }
    REQUIRE(ext.at == arch::transaction_kind::translated);
    REQUIRE(ext.address.value() == p.get_address());
    kit::enter_stage(ext, kit::stage::dram, kit::now());
    const dma d{ext.virtual_address.value(), p.get_address(), p.is_write(), kit::now()};
    dmas.push_back(d);
    if (on_dma) on_dma(d);
    m_due.push({&p, step::walked}, kit::now() + memory);
  }
  void walked(payload& p) {
    kit::dma_extension& ext = kit::extension_of(p);
    if (ext.at == arch::transaction_kind::translation_request) {
      requests.push_back(
          {p.get_address(), p.is_write(), ext.speculative, kit::now(), p.get_data_length() / 8});
      complete_all(p);
    }
    kit::enter_stage(ext, kit::stage::link_wire_down, kit::now());
    if (early) return answer(p, down);
    m_due.push({&p, step::answer}, kit::now() + down);
  }
  // As many as are asked for, up to the first that differs in size or grants nothing.
  void complete_all(payload& p) {
    arch::ats_completion* const c = kit::extension_of(p).completion;
    const std::uint64_t end = p.get_address() + (p.get_data_length() / 8 << stu_shift);
    const std::uint32_t wanted = p.get_data_length() / 8;
    std::uint32_t n = 1;
    c[0] = complete(p.get_address());
    for (std::uint64_t at = p.get_address(); c[0].granted() && n < wanted; ++n) {
      at = ((at >> c[0].size_shift) + 1) << c[0].size_shift;
      if (at >= end) break;
      c[n] = complete(at);
      if (!c[n].granted() || c[n].size_shift != c[0].size_shift) break;
    }
    if (n < wanted) arch::end_entries(c[n]);
  }
  arch::ats_completion complete(std::uint64_t address) const {
    arch::ats_completion c;
    c.status = status;
    c.size_shift = static_cast<std::uint8_t>(stu_shift);
    if (status != arch::ats_status::success) return c;
    const mapping* const m = find(address);
    if (m == nullptr) return c;
    c.size_shift = static_cast<std::uint8_t>(m->shift);
    c.address = m->output;
    c.read = m->read;
    c.write = m->write;
    return c;
  }
  void answer(payload& p, duration after) {
    p.set_response_status(tlm::TLM_OK_RESPONSE);
    tlm::tlm_phase phase = tlm::BEGIN_RESP;
    sc_core::sc_time t = kit::to_sc(after);
    from_device->nb_transport_bw(p, phase, t);
  }
  void message(payload& p, const arch::ats_message& m) {
    if (m.code == arch::ats_message_code::page_request) {
      page_requests.push_back(m.request);
      page_request_times.push_back(kit::now());
      if (on_page_request) on_page_request(m.request);
    } else {
      completions.push_back(m);
      completion_times.push_back(kit::now());
      if (on_completion) on_completion(m);
    }
    answer(p, duration());
  }
  void send_next() {
    while (m_message == nullptr && !m_down.empty()) {
      const arch::ats_message m = m_down.front();
      m_down.erase(m_down.begin());
      payload& p = m_pool.take(tlm::TLM_WRITE_COMMAND, 0, 16);
      kit::extension_of(p).kind = kit::traffic::message;
      kit::extension_of(p).message = &m;
      tlm::tlm_phase phase = tlm::BEGIN_REQ;
      sc_core::sc_time t;
      const auto status_now = to_device->nb_transport_fw(p, phase, t);
      kit::extension_of(p).message = nullptr;
      if (status_now == tlm::TLM_COMPLETED) {
        ++accepted;
        p.release();
      } else {
        ++held;
        m_message = &p;
      }
    }
  }
  tlm::tlm_sync_enum taken(payload& p, tlm::tlm_phase& phase, sc_core::sc_time&) {
    REQUIRE(phase == tlm::END_REQ);
    REQUIRE(&p == m_message);
    ++accepted;
    m_message = nullptr;
    p.release();
    send_next();
    return tlm::TLM_ACCEPTED;
  }

  kit::payload_pool m_pool;
  kit::delay_line<due> m_due;
  payload* m_stopped[2] = {};
  payload* m_message = nullptr;
  std::vector<arch::ats_message> m_down;
};

struct ats_bench {
  explicit ats_bench(const device::atc_params& p = {}) : atc("atc", p, &root) {
    engine.socket.bind(engine_checker.upstream);
    engine_checker.downstream.bind(atc.from_engine);
    atc.to_link.bind(link_checker.upstream);
    link_checker.downstream.bind(host.from_device);
    host.to_device.bind(atc.from_link);
    engine.on_answer = [this](scripted_initiator::request& r) { ++answers[r.ext().id]; };
  }
  scripted_initiator::request& access(bool write, std::uint64_t address,
                                      std::uint32_t pasid = ~0u) {
    auto& r = engine.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address, 64);
    r.ext().requester_id = 0x10;
    r.ext().timing_only = true;
    r.ext().has_ssid = pasid != ~0u;
    r.ext().ssid = base::substream_id(r.ext().has_ssid ? pasid : 0);
    engine.send(r);
    return r;
  }
  scripted_initiator::request& read(std::uint64_t address) { return access(false, address); }
  scripted_initiator::request& write(std::uint64_t address) { return access(true, address); }
  const device::atc_stats& stats() const { return atc.statistics(); }
  std::uint64_t cache_fills() const { return atc.cache_statistics().fills.value(); }
  const device::page_request_stats& pri_stats() { return atc.pri().statistics(); }
  /// Nothing is left anywhere, and every request has one answer.
  void check_drained() {
    engine_checker.check_drained();
    link_checker.check_drained();
    CHECK(atc.idle());
    CHECK(stats().slots.current() == 0);
    CHECK(stats().pages.current() == 0);
    for (const auto& r : engine.requests) CHECK(r.answers == 1);
    CHECK(stats().translated.value() + stats().failed.value() == engine.requests.size());
  }

  stats::group root{"test"};
  scripted_initiator engine{"engine"};
  kit::protocol_checker engine_checker{"engine_checker"};
  device::atc atc;
  kit::protocol_checker link_checker{"link_checker",
                                     kit::protocol_checker::exclusion::posted_apart};
  ats_host host{"host"};
  std::map<std::uint64_t, unsigned> answers;
};

}  // namespace svasim::test
