// Nothing is lost, nothing passes what it may not, and nothing gets stuck, with every buffer one
// deep and everybody slow at random.
#include <algorithm>

#include "base/rng.h"
#include "fabric_bench.h"

using namespace svasim;
using base::ns;
using test::fabric_bench;
using test::fabric_shape;
using test::run_until;
using test::slow_link;
using code = arch::ats_message_code;
using manner = test::scripted_target::manner;

namespace {

constexpr unsigned requests = 300;  // of each device
constexpr unsigned messages_down = 60;

fabric_shape all_one_deep(unsigned levels, bool cut_through) {
  fabric_shape s;
  s.fabric.cut_through = cut_through;
  s.fabric.posted_headers = s.fabric.nonposted_headers = s.fabric.completion_headers = 1;
  s.fabric.posted_data = s.fabric.completion_data = 16;  // one TLP
  s.levels = levels;
  auto link = slow_link();
  link.tx_queue = 1;
  link.posted_headers = link.nonposted_headers = 1;
  link.posted_data = 16;
  link.down_posted_headers = link.down_posted_data = 1;
  s.up = s.fabric.above(link);
  s.devices.assign(3, s.fabric.below(link));
  s.devices[1].lanes = 4;
  return s;
}

class storm {
 public:
  storm(fabric_bench& b, std::uint64_t seed) : m_bench(b), m_rng(seed), m_sources(3) {
    b.tbu.on_request = [this](tlm::tlm_generic_payload& p) {
      if (m_bench.tbu.how == manner::held) m_held.push_back(&p);
      m_bench.tbu.latency = ns(m_rng.below(800));
      m_bench.tbu.how = m_rng.chance(1, 4) ? manner::held : manner::late;
    };
    b.ats.on_request = [this](tlm::tlm_generic_payload& p) {
      if (m_bench.ats.how == manner::held) m_held_ats.push_back(&p);
      m_bench.ats.latency = ns(m_rng.below(800));
      m_bench.ats.how = m_rng.chance(1, 2) ? manner::held : manner::late;
    };
    b.tbu.how = b.ats.how = manner::late;
    b.root_complex.on_message = [this](const arch::ats_message& m) { return take_message(m); };
    for (unsigned d = 0; d < 3; ++d) {
      auto& r = b.devices[d].receiver;
      r.on_request = [this, d, &r](tlm::tlm_generic_payload& p) {
        auto& s = m_sources[d];
        CHECK(kit::extension_of(p).message->address == s.down_seen++);
        if (r.how == manner::held) s.held = &p;
        r.how = m_rng.chance(1, 2) ? manner::held : manner::at_once;
      };
    }
  }
  /// Runs it; false if it got stuck.
  bool run() {
    for (unsigned n = 0; n < messages_down; ++n) send_down();
    for (unsigned step = 0; step < 40000 && !finished(); ++step) {
      for (unsigned d = 0; d < 3; ++d) {
        send(d, true);
        send(d, false);
        auto& s = m_sources[d];
        if (s.held != nullptr && m_rng.chance(1, 8)) {
          m_bench.devices[d].receiver.accept(*std::exchange(s.held, nullptr));
        }
      }
      answer_held(m_bench.tbu, m_held);
      answer_held(m_bench.ats, m_held_ats);
      if (m_rng.chance(1, 4)) m_bench.root_complex.room();
      run_until(kit::now() + ns(40));
    }
    return finished();
  }
  unsigned messages() const { return m_messages; }

 private:
  struct source {
    unsigned sent = 0;
    test::scripted_initiator::request* last[2] = {};  // by posted
    std::uint64_t up_sent = 0, up_seen = 0;           // messages
    std::uint64_t down_sent = 0, down_seen = 0;
    tlm::tlm_generic_payload* held = nullptr;
    std::deque<arch::ats_message> texts;
  };

  void send_down() {
    const auto d = static_cast<unsigned>(m_rng.below(3));
    auto m = test::message_with(m_rng.chance(1, 2) ? code::invalidate_request : code::prg_response);
    m.sid = base::stream_id((d + 1) << 8);
    m.address = m_sources[d].down_sent++;
    m_bench.send(m);
  }
  void send(unsigned d, bool posted) {
    source& s = m_sources[d];
    if (s.sent == requests || m_rng.chance(1, 2)) return;
    if (s.last[posted] != nullptr && s.last[posted]->accepted > kit::now()) return;
    s.last[posted] = &(posted ? posted_of(d) : nonposted_of(d));
    ++s.sent;
    m_bench.devices[d].engine.send(*s.last[posted]);
  }
  test::scripted_initiator::request& posted_of(unsigned d) {
    auto& device = m_bench.devices[d];
    if (m_rng.chance(1, 2)) {
      return device.make(tlm::TLM_WRITE_COMMAND, m_rng.below(64) * 4096,
                         static_cast<std::uint32_t>(1 + m_rng.below(256)));
    }
    source& s = m_sources[d];
    s.texts.push_back(
        test::message_with(m_rng.chance(1, 2) ? code::invalidate_completion : code::page_request));
    s.texts.back().address = s.up_sent++;
    ++m_messages;
    return test::make_message(device.engine, s.texts.back(), device.id);
  }
  test::scripted_initiator::request& nonposted_of(unsigned d) {
    auto& device = m_bench.devices[d];
    if (m_rng.chance(1, 2)) {
      return device.make(tlm::TLM_READ_COMMAND, m_rng.below(64) * 4096,
                         static_cast<std::uint32_t>(1 + m_rng.below(512)));
    }
    auto& r = device.make(tlm::TLM_WRITE_COMMAND, 0x1000, 8);
    r.ext().at = arch::transaction_kind::translation_request;
    return r;
  }
  bool take_message(const arch::ats_message& m) {
    if (m_rng.chance(1, 4)) return false;
    source& s = m_sources[(m.sid.value() >> 8) - 1];
    CHECK(m.address == s.up_seen++);
    return true;
  }
  void answer_held(test::scripted_target& by, std::vector<tlm::tlm_generic_payload*>& held) {
    if (held.empty() || m_rng.chance(3, 4)) return;
    tlm::tlm_generic_payload& p = *held.back();
    held.pop_back();
    by.answer(p);
  }
  bool finished() const {
    if (m_bench.sent_down != messages_down) return false;
    for (unsigned d = 0; d < 3; ++d) {
      const source& s = m_sources[d];
      if (s.sent != requests || m_bench.devices[d].engine.order.size() != requests) return false;
      if (s.down_seen != s.down_sent || s.up_seen != s.up_sent) return false;
    }
    return true;
  }

  fabric_bench& m_bench;
  base::rng m_rng;
  std::vector<source> m_sources;
  std::vector<tlm::tlm_generic_payload*> m_held, m_held_ats;
  unsigned m_messages = 0;
};

void check_storm(unsigned levels, bool cut_through, std::uint64_t seed) {
  fabric_bench b(all_one_deep(levels, cut_through));
  storm s(b, seed);
  CHECK(s.run());
  for (auto& d : b.devices) {
    d.checker.check_drained();
    for (const auto& r : d.engine.requests) {
      CHECK(r.answers == 1);
      CHECK(r.accepted <= r.answered);
    }
  }
  b.tbu_checker.check_drained();
  CHECK(b.root_complex.statistics().messages.value() == s.messages());
  CHECK(b.root_complex.statistics().unclaimed.value() == 0);
  // It was as tight as it should be.
  CHECK(b.root_complex.statistics().message_waits.value() > 20);
  CHECK(b.switches[0]->statistics().credit_stops.value() > 100);
  CHECK(b.switches[0]->statistics().head_waits.value() > 10);
  CHECK(b.uplinks[0].statistics().down_stalls.value() > 10);
  CHECK(b.devices[0].link.statistics().refused.value() > 5);
}

}  // namespace

TEST_CASE("a switch with every buffer one deep loses nothing and does not get stuck") {
  check_storm(1, false, 1);
}

TEST_CASE("a switch with cut-through and every buffer one deep loses nothing") {
  check_storm(1, true, 2);
}

TEST_CASE("two levels of switches with every buffer one deep lose nothing") {
  check_storm(2, false, 3);
}

TEST_CASE("three levels of switches with cut-through and buffers one deep lose nothing") {
  check_storm(3, true, 4);
}
