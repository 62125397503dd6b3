#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "allocations.h"
#include "base/error.h"
#include "base/rng.h"
#include "uarch/set_associative_cache.h"

using namespace svasim;
using uarch::geometry;
using uarch::replacement;
using cache = uarch::set_associative_cache<std::uint64_t, int>;

namespace {

constexpr std::uint64_t page = 4096;
constexpr std::uint64_t two_mib = std::uint64_t{2} << 20;

/// How many of the first `n` pages hit after one was inserted after the other.
int hits_after_filling(cache& c, unsigned n) {
  for (unsigned i = 0; i < n; ++i) {
    c.insert(0, i * page, 12, 0);
  }
  int hits = 0;
  for (unsigned i = 0; i < n; ++i) {
    hits += c.probe(0, i * page) != nullptr ? 1 : 0;
  }
  return hits;
}

/// The entry that an insert made leave.
std::optional<cache::entry> insert(cache& c, std::uint64_t tag, std::uint64_t address,
                                   unsigned shift, int payload) {
  std::optional<cache::entry> left;
  const bool evicted =
      c.insert(tag, address, shift, payload, [&left](const cache::entry& e) { left = e; });
  CHECK(evicted == left.has_value());
  return left;
}

}  // namespace

TEST_CASE("a 2 MiB entry hits on every 4 KiB page inside it, whatever the sets") {
  for (const geometry shape :
       {geometry{64, 4}, geometry{12, 4}, geometry{32, 32}, geometry{1, 1}}) {
    cache c(shape, replacement::lru);
    c.insert(7, 5 * two_mib + 123456, 21, 42);
    for (std::uint64_t at = 5 * two_mib; at < 6 * two_mib; at += page) {
      REQUIRE(c.lookup(7, at) != nullptr);
      REQUIRE(*c.lookup(7, at + page - 1) == 42);
    }
    CHECK(c.lookup(7, 5 * two_mib - 1) == nullptr);
    CHECK(c.lookup(7, 6 * two_mib) == nullptr);
    CHECK(c.lookup(8, 5 * two_mib) == nullptr);
    CHECK(c.probe(7, 5 * two_mib + page)->address == 5 * two_mib);
    CHECK(c.probe(7, 5 * two_mib + page)->size_shift == 21);
  }
}

TEST_CASE("of two entries over one address the smaller page answers") {
  cache c({8, 8}, replacement::lru);
  c.insert(0, 0, 21, 2);
  c.insert(0, 0, 12, 1);
  CHECK(*c.lookup(0, 100) == 1);
  CHECK(*c.lookup(0, page) == 2);
  CHECK(*c.lookup(0, 100, 21) == 2);
  CHECK(c.probe(0, 100, 30) == nullptr);
  CHECK(c.sizes_present() == ((1u << 12) | (1u << 21)));
  CHECK(c.invalidate_page(0, 0, 12));
  CHECK(*c.lookup(0, 100) == 2);
  CHECK(c.sizes_present() == 1u << 21);
}

TEST_CASE("a structure of n entries keeps n pages and loses one of n + 1") {
  for (const std::uint32_t n : {1u, 2u, 16u, 17u, 32u, 100u}) {
    cache c({n, n}, replacement::lru);
    CHECK(hits_after_filling(c, n) == static_cast<int>(n));
    CHECK(c.size() == n);
    c.clear();
    CHECK(hits_after_filling(c, n + 1) == static_cast<int>(n));
    CHECK(c.size() == n);
  }
}

TEST_CASE("consecutive pages fill every set evenly, also where sets are no power of two") {
  cache c({348, 4}, replacement::round_robin);
  CHECK(c.sets() == 87);
  CHECK(hits_after_filling(c, 348) == 348);
}

TEST_CASE("an absent structure misses and stores nothing") {
  cache c({0, 0}, replacement::srrip);
  CHECK_FALSE(c.insert(0, 0, 12, 1));
  CHECK(c.lookup(0, 0) == nullptr);
  CHECK(c.probe(0, 0, 12) == nullptr);
  CHECK_FALSE(c.invalidate_page(0, 0, 12));
  c.clear();
  CHECK(c.size() == 0);
  CHECK(c.sets() == 0);
}

TEST_CASE("an inserted key that exists is overwritten in place and counts as used") {
  cache c({2, 2}, replacement::lru);
  c.insert(0, 0, 12, 1);
  c.insert(0, page, 12, 2);
  CHECK_FALSE(c.insert(0, 5, 12, 3));
  CHECK(c.size() == 2);
  CHECK(c.probe(0, 0)->payload == 3);
  const auto evicted = insert(c, 0, 2 * page, 12, 4);
  REQUIRE(evicted.has_value());
  CHECK(evicted->address == page);
  CHECK(evicted->size_shift == 12);
  CHECK(evicted->tag == 0);
  CHECK(evicted->payload == 2);
}

TEST_CASE("a lookup protects an entry from LRU replacement, a probe does not") {
  cache c({2, 2}, replacement::lru);
  c.insert(0, 0, 12, 1);
  c.insert(0, page, 12, 2);
  SECTION("lookup") {
    (void)c.lookup(0, 0);
    CHECK(insert(c, 0, 2 * page, 12, 3)->address == page);
  }
  SECTION("probe") {
    (void)c.probe(0, 0);
    CHECK(insert(c, 0, 2 * page, 12, 3)->address == 0);
  }
}

TEST_CASE("the shared round-robin pointer advances before use and serves all sets") {
  cache c({4, 2}, replacement::shared_round_robin);
  for (std::uint64_t i = 0; i < 4; ++i) {
    c.insert(0, i * page, 12, 0);  // pages 0, 2 in set 0, pages 1, 3 in set 1
  }
  CHECK(insert(c, 0, 4 * page, 12, 0)->address == 2 * page);  // set 0, way 1
  CHECK(insert(c, 0, 5 * page, 12, 0)->address == 1 * page);  // set 1, way 0
  CHECK(insert(c, 0, 7 * page, 12, 0)->address == 3 * page);  // set 1, way 1
}

TEST_CASE("random replacement repeats with its seed and differs with another") {
  const auto victims = [](std::uint64_t seed) {
    cache c({32, 32}, replacement::random, seed);
    hits_after_filling(c, 32);
    std::vector<std::uint64_t> out;
    for (std::uint64_t i = 32; i < 64; ++i) {
      out.push_back(insert(c, 0, i * page, 12, 0)->address);
    }
    return out;
  };
  CHECK(victims(5) == victims(5));
  CHECK(victims(5) != victims(6));
}

TEST_CASE("the whole address and size range can be stored") {
  cache c({4, 4}, replacement::lru);
  const std::uint64_t top = ~std::uint64_t{0};
  c.insert(0, top, 0, 1);
  c.insert(0, top, 63, 2);
  CHECK(*c.lookup(0, top) == 1);
  CHECK(*c.lookup(0, top - 1) == 2);
  CHECK(c.lookup(0, top >> 1) == nullptr);
}

TEST_CASE("an entry is never taken for one of another tag or size, even where hashes collide") {
  // Entries are found by few bits of a hash: among this many keys some collide by chance.
  for (const geometry shape : {geometry{2, 2}, geometry{32, 32}}) {
    cache c(shape, replacement::lru);
    base::rng r(17);
    for (int i = 0; i < 400000; ++i) {
      const std::uint64_t at = r.next() / two_mib * two_mib;  // a page address at both sizes
      c.insert(1, ~at, 12, 0);                                // so that both sizes are present
      c.insert(1, at, 21, 0);
      REQUIRE(c.probe(1, at, 21) != nullptr);
      REQUIRE(c.probe(1, at, 12) == nullptr);
      REQUIRE(c.probe(r.next(), at, 21) == nullptr);
    }
  }
}

TEST_CASE("a hash that says nothing about the tag costs time, not correctness") {
  struct poor {
    std::size_t operator()(std::uint64_t) const { return 0; }
  };
  for (const std::uint32_t n : {8u, 64u}) {
    uarch::set_associative_cache<std::uint64_t, std::uint64_t, poor> c({n, n}, replacement::lru);
    for (std::uint64_t tag = 0; tag < n; ++tag) {
      c.insert(tag, 0, 12, tag);
    }
    for (std::uint64_t tag = 0; tag < n; ++tag) {
      REQUIRE(c.lookup(tag, 0) != nullptr);
      CHECK(*c.lookup(tag, 0) == tag);
    }
    CHECK(c.lookup(n, 0) == nullptr);
    CHECK(c.invalidate_page(3, 0, 12));
    CHECK(c.lookup(3, 0) == nullptr);
    CHECK(c.size() == n - 1);
  }
}

TEST_CASE("a predicate sees every entry once and may change payloads") {
  cache c({64, 4}, replacement::lru);
  for (std::uint64_t i = 0; i < 40; ++i) {
    c.insert(i % 2, i * page, 12, static_cast<int>(i));
  }
  int seen = 0;
  CHECK(c.invalidate_if([&](std::uint64_t tag, std::uint64_t, unsigned shift, int& payload) {
    seen += shift == 12 ? 1 : 0;
    payload += 100;
    return tag == 1;
  }) == 20);
  CHECK(seen == 40);
  CHECK(c.size() == 20);
  CHECK(*c.lookup(0, 2 * page) == 102);
  CHECK(c.lookup(1, 3 * page) == nullptr);
}

TEST_CASE("a cache keeps its entries when it is moved") {
  std::vector<cache> tlbs;
  for (const std::uint32_t ways : {4u, 64u}) {
    tlbs.emplace_back(geometry{64, ways}, replacement::lru);
    tlbs.back().insert(1, page, 12, 77);
  }
  for (cache& c : tlbs) {
    CHECK(*c.lookup(1, page) == 77);
    CHECK(hits_after_filling(c, 64) == 64);
  }
}

TEST_CASE("nothing is allocated after construction") {
  for (const geometry shape : {geometry{64, 4}, geometry{512, 512}}) {
    for (const replacement policy :
         {replacement::lru, replacement::tree_plru, replacement::srrip}) {
      cache c(shape, policy);
      const std::uint64_t before = test::allocations();
      for (std::uint64_t i = 0; i < 4 * shape.entries; ++i) {
        c.insert(i % 3, i * page, i % 2 == 0 ? 12 : 21, 0);
        (void)c.lookup(i % 3, i / 2 * page);
        c.invalidate_page(i % 3, i / 3 * page, 12);
      }
      c.clear();
      CHECK(test::allocations() == before);
    }
  }
}

TEST_CASE("a geometry that cannot be built is refused with its reason") {
  const auto build = [](std::uint32_t entries, std::uint32_t ways, replacement policy) {
    cache c({entries, ways}, policy);
  };
  CHECK_THROWS_WITH(build(64, 5, replacement::lru), "64 entries are no multiple of 5 ways");
  CHECK_THROWS_WITH(build(48, 12, replacement::tree_plru),
                    "tree_plru needs a power of two of ways, not 12");
  CHECK_THROWS_WITH(build(64, 0, replacement::lru), "ways must be 1 to 65536, not 0");
  CHECK_THROWS_WITH(build(131072, 131072, replacement::lru), "ways must be 1 to 65536, not 131072");
  CHECK_THROWS_WITH(build(67108865, 1, replacement::lru),
                    "entries must be at most 67108864, not 67108865");
  CHECK_THROWS_AS(build(2, 4, replacement::lru), base::input_error);
}

TEST_CASE("with an index bit, smaller pages share the set of the address from that bit up") {
  const geometry shape{16, 2, 21};  // 8 sets of 2
  cache c(shape, replacement::lru);
  c.insert(1, 0 * page, 12, 10);
  c.insert(2, 5 * page, 12, 20);
  CHECK(insert(c, 3, 9 * page, 12, 30)->tag == 1);  // a third page of the same 2 MiB
  CHECK_FALSE(c.insert(1, two_mib, 12, 40));        // the next 2 MiB: another set
  CHECK_FALSE(c.insert(4, 2 * two_mib, 21, 50));    // as large: by its own number, the same here
  CHECK(*c.lookup(2, 5 * page) == 20);
  CHECK(*c.lookup(4, 3 * two_mib - 1) == 50);
  CHECK(c.lookup(1, 0) == nullptr);
}
