#include "tlm/memory/interconnect.h"

#include <array>
#include <catch2/catch.hpp>
#include <memory>

#include "base/rng.h"
#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::run_dry;
using test::run_until;
using manner = test::scripted_target::manner;
using payload = tlm::tlm_generic_payload;

namespace {

struct bench {
  static constexpr unsigned ports = 3;

  bench() : interconnect("interconnect", {ns(15)}, ports, &root) {
    for (unsigned i = 0; i < ports; ++i) {
      const std::string n = std::to_string(i);
      requesters[i] = std::make_unique<test::scripted_initiator>(("requester" + n).c_str());
      checkers[i] = std::make_unique<kit::protocol_checker>(("checker" + n).c_str());
      requesters[i]->socket.bind(checkers[i]->upstream);
      checkers[i]->downstream.bind(interconnect.from[i]);
    }
    interconnect.to_cache.bind(cache_checker.upstream);
    cache_checker.downstream.bind(cache.socket);
    run_until(ns(100));
  }
  void check_drained() const {
    for (const auto& c : checkers) c->check_drained();
    cache_checker.check_drained();
  }

  /// The last request at the cache has arrived there and is held.
  bool waits_for_answer() const {
    if (cache.arrivals.empty()) return false;
    const auto& last = cache.arrivals.back();
    return last.at <= kit::now() && last.p->get_response_status() == tlm::TLM_INCOMPLETE_RESPONSE;
  }

  stats::group root{"test"};
  std::array<std::unique_ptr<test::scripted_initiator>, ports> requesters;
  std::array<std::unique_ptr<kit::protocol_checker>, ports> checkers;
  memory::interconnect interconnect;
  kit::protocol_checker cache_checker{"cache_checker"};
  test::scripted_target cache{"cache"};
};

}  // namespace

TEST_CASE("the interconnect takes its latency each way") {
  bench b;
  b.cache.latency = ns(40);
  const auto& r = b.requesters[1]->read(0x80, 64, ns(3));
  REQUIRE(b.cache.arrivals.size() == 1);
  CHECK(b.cache.arrivals[0].at == ns(100 + 3 + 15));
  CHECK(r.answered == ns(100 + 3 + 15 + 40 + 15));
}

TEST_CASE("blocking transport takes the interconnect's latency each way") {
  bench b;
  b.cache.latency = ns(40);
  duration took;
  sc_core::sc_spawn([&] {
    auto& r = *b.requesters[0];
    took = r.blocking(r.make(tlm::TLM_READ_COMMAND, 0, 8));
  });
  run_dry();
  CHECK(took == ns(70));
}

TEST_CASE("an answer that comes later crosses the interconnect to the port that asked") {
  bench b;
  b.cache.how = manner::held;
  const auto& r = b.requesters[2]->read(0, 64);
  run_until(ns(200));
  CHECK_FALSE(r.done());
  b.cache.answer(*r.p, ns(5));
  CHECK(r.answered == ns(220));
  b.check_drained();
}

TEST_CASE("while the cache refuses, requests are held and go on in order of arrival") {
  bench b;
  b.cache.how = manner::held;
  const auto& first = b.requesters[0]->read(0x000, 64);
  const auto& second = b.requesters[2]->read(0x100, 64);
  const auto& third = b.requesters[1]->read(0x200, 64);
  run_until(ns(150));
  REQUIRE(b.cache.arrivals.size() == 1);
  b.cache.answer(*first.p);
  REQUIRE(b.cache.arrivals.size() == 2);
  CHECK(b.cache.arrivals[1].address == 0x100);
  CHECK(b.cache.arrivals[1].at == ns(150 + 15));
  run_until(ns(170));
  b.cache.how = manner::at_once;
  b.cache.answer(*second.p);
  REQUIRE(b.cache.arrivals.size() == 3);
  CHECK(b.cache.arrivals[2].address == 0x200);
  CHECK(third.answered == ns(170 + 15 + 15));
  b.check_drained();
}

TEST_CASE("a request that was held keeps its own arrival when that is later") {
  bench b;
  b.cache.how = manner::held;
  const auto& first = b.requesters[0]->read(0, 64);
  b.requesters[1]->read(0x100, 64, ns(30));
  run_until(ns(120));
  b.cache.answer(*first.p);
  REQUIRE(b.cache.arrivals.size() == 2);
  CHECK(b.cache.arrivals[1].at == ns(100 + 30 + 15));
}

TEST_CASE("ports that always have a request take turns at a cache that refuses") {
  bench b;
  b.cache.how = manner::held;
  for (auto& r : b.requesters) {
    auto* const requester = r.get();
    requester->on_answer = [requester](auto& done) {
      if (requester->requests.size() < 40) requester->read(done.p->get_address() + 64, 64);
    };
    requester->read(0, 64);
  }
  for (unsigned n = 0; n < 60; ++n) {
    run_until(kit::now() + ns(50));
    b.cache.answer(*b.cache.arrivals.back().p);
  }
  for (const auto& r : b.requesters) CHECK(r->order.size() == 20);
}

TEST_CASE("nothing is lost or answered twice while the cache refuses at random") {
  bench b;
  base::rng random(7);
  b.cache.on_request = [&](payload&) {
    b.cache.how = random.chance(1, 2) ? manner::held : manner::at_once;
  };
  std::uint64_t held_answers = 0;
  for (unsigned n = 0; n < 3000; ++n) {
    run_until(kit::now() + ns(1 + random.below(30)));
    auto& requester = *b.requesters[random.below(bench::ports)];
    const bool busy = !requester.requests.empty() && !requester.requests.back().done();
    if (!busy) requester.read(n * 64ull, 64);
    if (b.waits_for_answer() && random.chance(1, 3)) {
      ++held_answers;
      b.cache.answer(*b.cache.arrivals.back().p, ns(random.below(5)));
    }
  }
  run_until(kit::now() + ns(100));
  b.cache.on_request = nullptr;
  b.cache.how = manner::at_once;
  if (b.waits_for_answer()) b.cache.answer(*b.cache.arrivals.back().p);
  std::size_t sent = 0;
  for (const auto& r : b.requesters) {
    sent += r->requests.size();
    for (const auto& request : r->requests) CHECK(request.answers == 1);
  }
  CHECK(sent > 500);
  CHECK(held_answers > 100);
  CHECK(b.cache.arrivals.size() == sent);
  b.check_drained();
}

TEST_CASE("DMA to remote buffers takes longer each way, table walks do not") {
  stats::group root{"test"};
  memory::interconnect_params params;
  params.latency = ns(15);
  params.remote_buffers = true;
  params.remote_latency = ns(25);
  memory::interconnect interconnect("interconnect", params, 1, &root);
  test::scripted_initiator requester("requester");
  test::scripted_target cache("cache");
  requester.socket.bind(interconnect.from[0]);
  interconnect.to_cache.bind(cache.socket);
  cache.latency = ns(40);
  run_until(ns(100));
  const auto& dma = requester.read(0x80, 64);
  CHECK(cache.arrivals[0].at == ns(100 + 15 + 25));
  CHECK(dma.answered == ns(100 + 15 + 25 + 40 + 25 + 15));
  auto& walk = requester.make(tlm::TLM_READ_COMMAND, 0x1000, 8);
  walk.ext().kind = kit::traffic::table_walk;
  requester.send(walk);
  CHECK(walk.answered == ns(100 + 15 + 40 + 15));
}
