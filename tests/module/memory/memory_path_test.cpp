// Interconnect, system-level cache and memory together.
#include <catch2/catch.hpp>
#include <memory>

#include "base/rng.h"
#include "tests/support/scripted_initiator.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"
#include "tlm/memory/dram.h"
#include "tlm/memory/interconnect.h"
#include "tlm/memory/system_level_cache.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::run_dry;
using test::run_until;

namespace {

memory::system_level_cache_params tight() {
  memory::system_level_cache_params p;
  p.size = base::kib(64);
  p.ways = 4;
  p.slices = 2;
  p.misses = 3;
  p.input_queue = 2;
  return p;
}

struct bench {
  explicit bench(const memory::system_level_cache_params& p)
      : interconnect("interconnect", {}, 2, &root),
        cache("cache", p, bytes, &root),
        dram("dram", {}, bytes, &root) {
    a.socket.bind(checker_a.upstream);
    checker_a.downstream.bind(interconnect.from[0]);
    b.socket.bind(checker_b.upstream);
    checker_b.downstream.bind(interconnect.from[1]);
    interconnect.to_cache.bind(checker_cache.upstream);
    checker_cache.downstream.bind(cache.from_interconnect);
    cache.to_dram.bind(checker_dram.upstream);
    checker_dram.downstream.bind(dram.from_cache);
    run_until(ns(10));
  }
  base::sparse_memory bytes;
  stats::group root{"test"};
  test::scripted_initiator a{"a"}, b{"b"};
  kit::protocol_checker checker_a{"checker_a"}, checker_b{"checker_b"};
  kit::protocol_checker checker_cache{"checker_cache"}, checker_dram{"checker_dram"};
  memory::interconnect interconnect;
  memory::system_level_cache cache;
  memory::dram dram;
};

}  // namespace

TEST_CASE("an unloaded read costs the sum of what lies on its way") {
  bench s{memory::system_level_cache_params()};
  const memory::dram_params d;
  const duration transfer = transfer_time(base::bytes(64), d.channel_rate);
  const auto& miss = s.a.read(0x1000, 64);
  CHECK(miss.answered - miss.sent == ns(15 + 15 + 110 + 15 + 15) + transfer);
  run_until(ns(1000));
  const auto& hit = s.b.read(0x1000, 64);
  CHECK(hit.answered - hit.sent == ns(15 + 40 + 15));
}

TEST_CASE("blocking and non-blocking transport agree on the whole way to memory") {
  bench s{memory::system_level_cache_params()};
  const auto& miss = s.a.read(0x1000, 64);
  duration blocking;
  sc_core::sc_spawn([&] {
    sc_core::wait(1, sc_core::SC_US);
    blocking = s.b.blocking(s.b.make(tlm::TLM_READ_COMMAND, 0x11000, 64));
  });
  run_dry();
  CHECK(blocking == miss.answered - miss.sent);
}

TEST_CASE(
    "two ports at a cache that keeps refusing get each answer once, stages sum to the whole") {
  bench s(tight());
  base::rng random(11);
  for (auto* requester : {&s.a, &s.b}) {
    requester->on_answer = [requester, &random](auto&) {
      if (requester->requests.size() >= 2000) return;
      const std::uint64_t address = random.below(1 << 18) & ~std::uint64_t{63};
      const bool write = random.chance(1, 3);
      auto& next = requester->make(write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND, address,
                                   random.chance(1, 4) ? 192 : 64);
      requester->send(next);
    };
    for (std::uint64_t n = 0; n < 1; ++n) requester->read(n * 64, 64);
  }
  run_dry();
  for (const auto* requester : {&s.a, &s.b}) {
    CHECK(requester->requests.size() == 2000);
    for (const auto& r : requester->requests) {
      CHECK(r.answers == 1);
      duration sum;
      for (const auto& stay : *kit::extension_of(*r.p).log) sum += stay.length;
      CHECK(sum == r.answered - r.sent);
    }
  }
  for (const auto* c : {&s.checker_a, &s.checker_b, &s.checker_cache, &s.checker_dram}) {
    c->check_drained();
  }
}
