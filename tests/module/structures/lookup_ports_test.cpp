// The ports of the caches of the TCU: which time of a lookup occupies them.
#include <catch2/catch.hpp>

#include "tests/support/time_matchers.h"
#include "tlm/smmu/configuration_cache.h"
#include "tlm/smmu/ipa_cache.h"
#include "tlm/smmu/walk_cache.h"

using namespace svasim;
using base::duration;
using base::ns;
using uarch::replacement;

namespace {

smmu::lookup_params with_ports(std::uint32_t ports, duration latency) {
  smmu::lookup_params p{4, 4, replacement::lru, latency, "test"};
  p.ports = ports;
  return p;
}

arch::table_entry table(std::int8_t level) {
  arch::table_entry t;
  t.level = level;
  t.shift = static_cast<std::uint8_t>(arch::level_shift(12, level - 1));
  return t;
}

}  // namespace

TEST_CASE("IPA cache lookups wait for a port, and hold it for their latency") {
  stats::group root{"test"};
  smmu::ipa_cache cache(with_ports(1, ns(3)), &root);
  for (const duration end : {ns(13), ns(16), ns(19)}) {
    duration at = ns(10);
    CHECK(cache.lookup(0, base::vmid(), at) == nullptr);
    CHECK(at == end);
  }
}

TEST_CASE("STE and CD are looked up one after the other, each at the ports of its own cache") {
  stats::group root{"test"};
  smmu::tcu_params p;
  p.configuration_cache.entries = 0;
  p.ste_cache = with_ports(1, ns(2));
  p.cd_cache = with_ports(1, ns(5));
  smmu::configuration_cache cache(p, &root);
  CHECK(cache.lookup({}, ns(10)).done == ns(17));
  // The STE at 12, the CD when the one before is over.
  CHECK(cache.lookup({}, ns(10)).done == ns(22));
  CHECK(cache.lookup({}, ns(30)).done == ns(37));
}

TEST_CASE("two lookups of the walk caches at a time with two ports, the third waits") {
  stats::group root{"test"};
  smmu::walk_cache_params p;
  p.latency = ns(4);
  p.ports = 2;
  smmu::walk_cache cache(p, &root);
  for (const duration end : {ns(14), ns(14), ns(18)}) {
    CHECK(cache.lookup({}, {}, {}, ns(10)).done == end);
  }
}

TEST_CASE("looked up from the deepest level up, a hit ends the lookup and frees its port") {
  stats::group root{"test"};
  smmu::walk_cache_params p;
  p.probe = smmu::walk_cache_probe::sequential;
  p.ports = 1;
  p.s1_l2.latency = ns(1);
  p.s1_l1.latency = ns(2);
  p.s1_l0.latency = ns(4);
  smmu::walk_cache cache(p, &root);
  CHECK(cache.lookup({}, {}, {}, ns(10)).done == ns(17));
  cache.insert(table(2), {}, {});
  CHECK(cache.lookup({}, {}, {}, ns(10)).done == ns(20));
  cache.insert(table(3), {}, {});
  CHECK(cache.lookup({}, {}, {}, ns(10)).done == ns(21));
}
