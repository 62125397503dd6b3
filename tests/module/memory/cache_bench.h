// A system-level cache between a requester and a scripted memory that answers after 100 ns.
#pragma once

#include <catch2/catch.hpp>

#include "tests/support/scripted_initiator.h"
#include "tests/support/scripted_target.h"
#include "tests/support/time_matchers.h"
#include "tlm/kit/protocol_checker.h"
#include "tlm/memory/system_level_cache.h"

namespace svasim::test {

/// 64 KiB, direct mapped: lines 64 KiB apart share a set.
inline memory::system_level_cache_params small_cache() {
  memory::system_level_cache_params p;
  p.size = base::kib(64);
  p.ways = 1;
  p.hit_latency = base::ns(40);
  p.miss_latency = base::ns(15);
  p.clock = base::mhz(1000);
  p.slices = 1;
  p.input_queue = 32;
  p.misses = 256;
  return p;
}
constexpr std::uint64_t same_set = 0x10000;
constexpr base::duration hit_time = base::ns(40);
constexpr base::duration miss_time = base::ns(15 + 100 + 15);

struct cache_bench {
  explicit cache_bench(const memory::system_level_cache_params& p = small_cache())
      : cache("cache", p, bytes, &root) {
    requester.socket.bind(checker.upstream);
    checker.downstream.bind(cache.from_interconnect);
    cache.to_dram.bind(memory_checker.upstream);
    memory_checker.downstream.bind(memory.socket);
    memory.latency = base::ns(100);
    memory.bytes = &bytes;
    run_until(base::us(1));
  }
  /// What the request takes from now on, if it is answered at once.
  base::duration read(std::uint64_t address, std::uint32_t length = 64) {
    return requester.read(address, length).answered - kit::now();
  }
  base::duration write(std::uint64_t address, std::uint32_t length = 64) {
    return requester.write(address, length).answered - kit::now();
  }
  void pause() { run_until(kit::now() + base::us(1)); }
  const memory::system_level_cache_stats& stats() const { return cache.statistics(); }

  base::sparse_memory bytes;
  stats::group root{"test"};
  scripted_initiator requester{"requester"};
  kit::protocol_checker checker{"checker"};
  memory::system_level_cache cache;
  kit::protocol_checker memory_checker{"memory_checker"};
  scripted_target memory{"memory"};
};

}  // namespace svasim::test
