// The set-associative cache against a naive model, operation by operation, for every policy.
#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "naive_cache.h"
#include "uarch/set_associative_cache.h"

using namespace svasim;
using test::naive_entry;
using uarch::geometry;
using uarch::replacement;
using cache = uarch::set_associative_cache<std::uint64_t, std::uint64_t>;

namespace {

constexpr std::uint64_t seed = 99;

/// Cache and model side by side; each step returns whether they agree.
class pair_under_test {
 public:
  pair_under_test(geometry shape, replacement policy)
      : m_cache(shape, policy, seed), m_model(shape, policy, seed) {}

  bool step(unsigned kind, std::uint64_t tag, std::uint64_t address, unsigned shift) {
    switch (kind) {
      case 0:
      case 1:
      case 2:
        return insert(tag, address, shift) && same_content();
      case 3:
      case 4:
        return lookup(tag, address, shift);
      case 5: {
        const auto* const hit = m_cache.probe(tag, address);
        return equal(hit, m_model.lookup(tag, address, false));
      }
      case 6:
        return m_cache.invalidate_page(tag, address,
                                       shift) == (m_model.invalidate([&](const naive_entry& e) {
                 return e.tag == tag && e.shift == shift && e.address >> shift == address >> shift;
               }) == 1) &&
               same_content();
      default:
        return invalidate_some(tag, address >> 14) && same_content();
    }
  }

  bool same_content() const {
    std::vector<naive_entry> held;
    std::uint64_t sizes = 0;
    m_cache.for_each([&](const cache::entry& e) {
      held.push_back({e.tag, e.address, e.size_shift, e.payload});
      sizes |= std::uint64_t{1} << e.size_shift;
    });
    return held == m_model.content() && held.size() == m_cache.size() &&
           sizes == m_cache.sizes_present();
  }

 private:
  static bool equal(const cache::entry* a, const std::optional<naive_entry>& b) {
    return a == nullptr ? !b.has_value()
                        : b == naive_entry{a->tag, a->address, a->size_shift, a->payload};
  }
  bool insert(std::uint64_t tag, std::uint64_t address, unsigned shift) {
    ++m_next;
    std::optional<cache::entry> left;
    const bool evicted =
        m_cache.insert(tag, address, shift, m_next, [&left](const cache::entry& e) { left = e; });
    return evicted == left.has_value() &&
           equal(left ? &*left : nullptr, m_model.insert({tag, address, shift, m_next}));
  }
  bool lookup(std::uint64_t tag, std::uint64_t address, unsigned shift) {
    const bool any = m_next % 2 == 0;
    const std::uint64_t* const hit =
        any ? m_cache.lookup(tag, address) : m_cache.lookup(tag, address, shift);
    const auto expected =
        any ? m_model.lookup(tag, address, true) : m_model.lookup(tag, address, shift, true);
    return hit == nullptr ? !expected.has_value() : expected && *hit == expected->payload;
  }
  bool invalidate_some(std::uint64_t tag, std::uint64_t rest) {
    const std::uint64_t modulus = 5;
    const std::uint32_t dropped = m_cache.invalidate_if(
        [&](std::uint64_t t, std::uint64_t, unsigned, std::uint64_t& payload) {
          return t == tag && payload % modulus == rest % modulus;
        });
    return dropped == m_model.invalidate([&](const naive_entry& e) {
      return e.tag == tag && e.payload % modulus == rest % modulus;
    });
  }

  cache m_cache;
  test::naive_cache m_model;
  std::uint64_t m_next = 0;
};

constexpr unsigned shifts[] = {12, 14, 12, 21};

/// A long seeded walk: enough operations to fill and turn over a large structure.
bool agrees_on_walk(geometry shape, replacement policy, bool mixed) {
  pair_under_test pair(shape, policy);
  base::rng r(shape.entries * 7 + shape.ways);
  const std::uint64_t pages = shape.entries + shape.entries / 2 + 2;
  for (unsigned i = 0; i < 12 * shape.entries + 200; ++i) {
    // Whole-structure operations are rare, so that the structure stays full enough to evict.
    const auto kind = static_cast<unsigned>(r.chance(1, 200) ? 7 : r.below(r.chance(1, 4) ? 7 : 6));
    const unsigned shift = mixed ? shifts[r.below(4)] : 12;
    if (!pair.step(kind, r.below(mixed ? 2 : 1), (r.below(pages) << 12) + r.below(4096), shift)) {
      return false;
    }
  }
  return true;
}

constexpr replacement policies[] = {replacement::lru,         replacement::tree_plru,
                                    replacement::round_robin, replacement::shared_round_robin,
                                    replacement::random,      replacement::srrip};

}  // namespace

TEST_CASE("every policy agrees with its naive model on generated operations") {
  for (const replacement policy : policies) {
    for (const geometry shape : {geometry{1, 1}, geometry{8, 2}, geometry{12, 4}, geometry{8, 8}}) {
      INFO(to_string(policy) << ' ' << shape.entries << '/' << shape.ways);
      REQUIRE(rc::check(
          [&](const std::vector<std::tuple<std::uint8_t, std::uint8_t, std::uint16_t>>& steps) {
            pair_under_test pair(shape, policy);
            for (const auto& [kind, how, place] : steps) {
              const std::uint64_t address = std::uint64_t{place} % 64 << 11;
              if (!pair.step(kind % 8, how % 2, address, shifts[how / 2 % 4])) {
                return false;
              }
            }
            return true;
          }));
    }
  }
}

TEST_CASE("every policy agrees with its naive model when full, in every geometry") {
  for (const replacement policy : policies) {
    for (const geometry shape :
         {geometry{4, 1}, geometry{64, 4}, geometry{48, 8}, geometry{32, 16}, geometry{16, 16},
          geometry{15, 15}, geometry{348, 4}, geometry{17, 17}, geometry{32, 32}, geometry{72, 24},
          geometry{64, 64}, geometry{65, 65}, geometry{256, 128}, geometry{300, 150}}) {
      if (policy == replacement::tree_plru && !base::is_power_of_two(shape.ways)) {
        continue;
      }
      INFO(to_string(policy) << ' ' << shape.entries << '/' << shape.ways);
      REQUIRE(agrees_on_walk(shape, policy, false));
      REQUIRE(agrees_on_walk(shape, policy, true));
    }
  }
}
