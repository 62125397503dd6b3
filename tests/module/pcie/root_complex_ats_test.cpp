// What a root port does with Translation Requests and messages, and the order of what is posted
// (pcie-ats-pri.md 5.5, vsva-flow.md 2).
#include <optional>

#include "message_bench.h"
#include "tlm/pcie/root_complex.h"

using namespace svasim;
using base::duration;
using base::ns;
using base::us;
using test::make_message;
using test::message_with;
using test::run_dry;
using test::run_until;
using code = arch::ats_message_code;
using manner = test::scripted_target::manner;

namespace {

pcie::root_complex_params params() {
  pcie::root_complex_params p;
  p.segment = 2;
  p.up_latency = ns(5);
  p.down_latency = ns(7);
  p.clock = base::mhz(500);  // 2 ns
  return p;
}

struct bench : sc_core::sc_module {
  explicit bench(bool with_port = true, bool ahead_of_time = false)
      : sc_module(sc_core::sc_module_name("bench")),
        root_complex("root_complex", params(), ahead_of_time, &root),
        down("down") {
    link.socket.bind(link_checker.upstream);
    link_checker.downstream.bind(root_complex.from_link);
    root_complex.to_tbu.bind(tbu_checker.upstream);
    tbu_checker.downstream.bind(tbu.socket);
    if (with_port) {
      root_complex.to_ats_requests.bind(ats_checker.upstream);
    } else {
      nobody.emplace("nobody").socket.bind(ats_checker.upstream);
    }
    ats_checker.downstream.bind(ats.socket);
    smmu.socket.bind(root_complex.from_ats);
    root_complex.to_link.bind(link_down.socket);
    tbu.how = ats.how = link_down.how = manner::on_demand;
    root_complex.on_message = [this](const arch::ats_message& m) {
      if (!room) return false;
      delivered.push_back({m, kit::now()});
      return true;
    };
    root_complex.add_functions(0x100, 0x107);
    SC_HAS_PROCESS(bench);
    SC_THREAD(send_down);
    sensitive << down;
    dont_initialize();
  }
  test::scripted_initiator::request& up(const arch::ats_message& m) {
    auto& r = make_message(link, m);
    link.send(r);
    return r;
  }
  test::scripted_initiator::request& ask(bool write = false) {
    auto& r = link.make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, 0x1000, 8);
    r.ext().at = arch::transaction_kind::translation_request;
    r.ext().requester_id = 0x100;
    r.ext().completion = &answer;
    link.send(r);
    return r;
  }
  void send_down() {
    for (;;) {
      auto& r = make_message(smmu, *to_send);
      spent = smmu.blocking(r);
      outcome = r.p->get_response_status();
      returned = kit::now();
      sc_core::wait();
    }
  }

  struct delivery {
    arch::ats_message m;
    duration at;
  };
  stats::group root{"test"};
  test::scripted_initiator link{"link"};
  kit::protocol_checker link_checker{"link_checker",
                                     kit::protocol_checker::exclusion::posted_apart};
  pcie::root_complex root_complex;
  kit::protocol_checker tbu_checker{"tbu_checker"}, ats_checker{"ats_checker"};
  test::scripted_target tbu{"tbu"}, ats{"ats"}, link_down{"link_down"};
  test::scripted_initiator smmu{"smmu"};
  std::optional<test::scripted_initiator> nobody;
  arch::ats_completion answer;
  bool room = true;
  std::vector<delivery> delivered;
  const arch::ats_message* to_send = nullptr;
  sc_core::sc_event down;
  duration spent, returned;
  tlm::tlm_response_status outcome = tlm::TLM_INCOMPLETE_RESPONSE;
  const arch::ats_message completion = message_with(code::invalidate_completion);
  const arch::ats_message page = message_with(code::page_request);
};

}  // namespace

TEST_CASE("a Translation Request goes past the TBU, and its answer back") {
  bench b;
  const auto& r = b.ask(true);
  run_until(us(1));
  CHECK(b.tbu.arrivals.empty());
  REQUIRE(b.ats.arrivals.size() == 1);
  CHECK(b.ats.arrivals[0].at == ns(5));
  CHECK(b.ats.arrivals[0].sid == base::stream_id(0x20100));
  CHECK(r.credited == ns(5));
  b.ats.answer(*r.p, ns(3));
  CHECK(r.answered == us(1) + ns(3 + 7));
  CHECK(b.root_complex.statistics().translations.value() == 1);
}

TEST_CASE("a Translation Request that is not taken stops those behind it, and no read") {
  bench b;
  b.ats.how = manner::held;
  const auto& first = b.ask();
  const auto& second = b.ask();
  const auto& read = b.link.read(0x2000, 64);
  run_until(us(1));
  CHECK(b.ats.arrivals.size() == 1);
  CHECK(first.credits == 0);
  CHECK(read.credits == 1);
  b.ats.accept(*first.p);
  CHECK(first.credited == us(1));
  run_dry();
  CHECK(b.ats.arrivals.size() == 2);
  CHECK(second.credits == 0);
}

TEST_CASE("translated accesses go to the TBU") {
  bench b;
  auto& r = b.link.make(tlm::TLM_WRITE_COMMAND, 0x2000, 64);
  r.ext().at = arch::transaction_kind::translated;
  b.link.send(r);
  run_until(us(1));
  CHECK(b.tbu.arrivals.size() == 1);
}

TEST_CASE("without a port for them Translation Requests are unsupported") {
  bench b(false);
  const auto& r = b.ask();
  run_dry();
  CHECK(r.answered == ns(5 + 7));
  CHECK(b.answer.status == arch::ats_status::unsupported_request);
  CHECK(r.p->is_response_error());
  CHECK(b.root_complex.statistics().unclaimed.value() == 1);
}

TEST_CASE("a message is handed on with its StreamID, and gives its credit back") {
  bench b;
  const auto& m = b.up(b.page);
  run_dry();
  REQUIRE(b.delivered.size() == 1);
  CHECK(b.delivered[0].at == ns(5));
  CHECK(b.delivered[0].m.sid == base::stream_id(0x20100));
  CHECK(b.delivered[0].m.request.sid == base::stream_id(0x20100));
  CHECK(m.credited == ns(5));
  CHECK(m.answered == ns(5 + 7));
}

TEST_CASE("an invalidate completion waits until each write before it is in memory") {
  bench b;
  const auto& w1 = b.link.write(0x1000, 64);
  const auto& w2 = b.link.write(0x2000, 64);
  b.up(b.completion);
  run_until(us(1));
  CHECK(b.delivered.empty());
  b.tbu.answer(*w2.p);
  run_until(us(2));
  CHECK(b.delivered.empty());
  b.tbu.answer(*w1.p, ns(50));
  run_dry();
  REQUIRE(b.delivered.size() == 1);
  CHECK(b.delivered[0].at == us(2) + ns(50));
  CHECK(b.root_complex.statistics().push_time.whole().count() == 1);
}

TEST_CASE("a write behind an invalidate completion waits for it") {
  bench b;
  const auto& w1 = b.link.write(0x1000, 64);
  b.up(b.completion);
  b.link.write(0x2000, 64);
  run_until(us(1));
  CHECK(b.tbu.arrivals.size() == 1);
  b.tbu.answer(*w1.p);
  run_dry();
  CHECK(b.delivered.at(0).at == us(1));
  CHECK(b.tbu.arrivals.at(1).at == us(1));
}

TEST_CASE("a page request waits until the writes before it are taken, not for their answer") {
  bench b;
  b.tbu.how = manner::held;
  const auto& w = b.link.write(0x1000, 64);
  b.up(b.page);
  run_until(us(1));
  CHECK(b.delivered.empty());
  b.tbu.accept(*w.p);
  run_dry();
  CHECK(b.delivered.at(0).at == us(1));
}

TEST_CASE("a message passes a read that the TBU does not take") {
  bench b;
  b.tbu.how = manner::held;
  b.link.read(0x1000, 64);
  b.up(b.completion);
  run_dry();
  CHECK(b.delivered.at(0).at == ns(5));
}

TEST_CASE("a Translation Request does not pass a write that the TBU does not take") {
  bench b;
  b.tbu.how = manner::held;
  const auto& w = b.link.write(0x1000, 64);
  b.ask();
  run_until(us(1));
  CHECK(b.ats.arrivals.empty());
  b.tbu.accept(*w.p);
  run_dry();
  CHECK(b.ats.arrivals.at(0).at == us(1));
}

TEST_CASE("without room for a message it waits, and all behind it, until it is told of room") {
  bench b;
  b.room = false;
  const auto& first = b.up(b.page);
  const auto& second = b.up(b.completion);
  b.link.write(0x1000, 64);
  b.link.read(0x2000, 64);
  b.ask();
  run_until(us(1));
  CHECK(b.tbu.arrivals.empty());
  CHECK(b.ats.arrivals.empty());
  CHECK(first.credits == 0);
  CHECK(b.root_complex.statistics().message_waits.value() == 1);
  b.room = true;
  b.root_complex.room();
  run_dry();
  CHECK(b.delivered.size() == 2);
  CHECK(first.credited == us(1));
  CHECK(second.credited == us(1));
  CHECK(b.tbu.arrivals.size() == 2);
  CHECK(b.ats.arrivals.size() == 1);
}

TEST_CASE("messages and writes by turns all go, in order") {
  bench b;
  for (unsigned n = 0; n < 4; ++n) {
    b.up(n % 2 == 0 ? b.completion : b.page);
    b.link.write(n * 0x1000, 64);
    b.ask();
  }
  b.up(b.completion);
  b.tbu.how = manner::late;
  b.tbu.latency = ns(50);
  run_dry();
  CHECK(b.delivered.size() == 5);
  CHECK(b.tbu.arrivals.size() == 4);
  CHECK(b.ats.arrivals.size() == 4);
  for (unsigned n = 0; n < 4; ++n) {
    CHECK(b.delivered[n].at <= b.tbu.arrivals[n].at);
    CHECK(b.tbu.arrivals[n].at <= b.delivered[n + 1].at);
    CHECK(b.tbu.arrivals[n].at <= b.ats.arrivals[n].at);
  }
  CHECK(b.delivered[2].at == b.tbu.arrivals[1].at + ns(50));
}

TEST_CASE("an MSI goes to the TBU when the writes before it are in memory") {
  bench b;
  b.root_complex.is_msi = [](const tlm::tlm_generic_payload& p) {
    return p.get_address() == 0x8000040;
  };
  const auto& w = b.link.write(0x1000, 64);
  b.link.write(0x8000040, 4);
  b.link.read(0x3000, 64);
  run_until(us(1));
  CHECK(b.tbu.arrivals.size() == 1);
  b.tbu.answer(*w.p, ns(30));
  run_dry();
  REQUIRE(b.tbu.arrivals.size() == 3);
  CHECK(b.tbu.arrivals[1].at == us(1) + ns(30));
}

TEST_CASE("announced ahead of time, a write still waits for the message before it") {
  bench b(true, true);
  b.room = false;
  b.up(b.page);
  b.link.write(0x1000, 64, ns(10));
  run_until(us(1));
  CHECK(b.tbu.arrivals.empty());
  b.room = true;
  b.root_complex.room();
  run_dry();
  CHECK(b.tbu.arrivals.size() == 1);
}

TEST_CASE("a message down is copied, and the call returns when it is on the wire") {
  bench b;
  b.link_down.how = manner::held;
  auto m = message_with(code::invalidate_request);
  m.sid = base::stream_id(0x20103);
  m.address = 0x5000;
  b.to_send = &m;
  b.down.notify(kit::to_sc(us(1)));
  run_until(us(2));
  REQUIRE(b.link_down.arrivals.size() == 1);
  CHECK(b.link_down.arrivals[0].at == us(1) + ns(7));
  CHECK(b.returned == duration());
  b.link_down.accept(*b.link_down.arrivals[0].p);
  run_until(us(3));
  CHECK(b.returned == us(2));
  CHECK(b.outcome == tlm::TLM_OK_RESPONSE);
  m.address = 0;
  const auto& ext = kit::extension_of(*b.link_down.arrivals[0].p);
  CHECK(ext.requester_id == 0x103);
  CHECK(ext.message->address == 0x5000);
  b.link_down.answer(*b.link_down.arrivals[0].p);
}

TEST_CASE("a message to a function that is not below the port is unsupported") {
  bench b;
  auto m = message_with(code::invalidate_request);
  m.sid = base::stream_id(0x20108);
  b.to_send = &m;
  b.down.notify(kit::to_sc(us(1)));
  run_until(us(2));
  CHECK(b.outcome == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  m.sid = base::stream_id(0x10100);
  b.down.notify(kit::to_sc(us(1)));
  run_dry();
  CHECK(b.outcome == tlm::TLM_ADDRESS_ERROR_RESPONSE);
  CHECK(b.root_complex.statistics().unknown_function.value() == 2);
  CHECK(b.link_down.arrivals.empty());
}
