// The exact stack against one plain LRU list per size.
#include "analysis/reuse/lru_stack.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <vector>

#include "analysis/reuse/set_lru.h"
#include "base/rng.h"

using namespace svasim;
using reuse::lru_stack;

namespace {

// A cache of `entries` entries as a textbook has it.
class plain_lru {
 public:
  explicit plain_lru(std::size_t entries) : m_entries(entries) {}
  bool access(std::uint32_t page) {
    const bool hit = remove(page);
    if (m_pages.size() == m_entries) m_pages.pop_back();
    m_pages.insert(m_pages.begin(), page);
    return hit;
  }
  bool remove(std::uint32_t page) {
    const auto at = std::find(m_pages.begin(), m_pages.end(), page);
    if (at == m_pages.end()) return false;
    m_pages.erase(at);
    return true;
  }

 private:
  std::size_t m_entries;
  std::vector<std::uint32_t> m_pages;  // most recent first
};

struct step {
  bool remove;
  std::uint32_t page;
};

// Whether the stack tells every size what a cache of that size does.
bool agrees(const std::vector<step>& steps, std::size_t sizes) {
  lru_stack stack;
  std::vector<plain_lru> caches;
  for (std::size_t n = 1; n <= sizes; ++n) caches.emplace_back(n);
  for (const step& s : steps) {
    const std::uint32_t depth = s.remove ? stack.remove(s.page) : stack.access(s.page);
    for (std::size_t n = 1; n <= sizes; ++n) {
      plain_lru& cache = caches[n - 1];
      const bool had = s.remove ? cache.remove(s.page) : cache.access(s.page);
      if (had != (depth < n)) return false;
    }
  }
  return true;
}

std::vector<step> drawn(const std::vector<std::pair<unsigned, unsigned>>& raw, unsigned pages,
                        unsigned removals_of_8) {
  std::vector<step> out;
  for (const auto& [a, b] : raw) out.push_back({a % 8 < removals_of_8, b % pages});
  return out;
}

}  // namespace

TEST_CASE("a page is found at the number of other pages used since") {
  lru_stack stack;
  CHECK(stack.access(7) == lru_stack::absent);
  CHECK(stack.access(7) == 0);
  CHECK(stack.access(3) == lru_stack::absent);
  CHECK(stack.access(5) == lru_stack::absent);
  CHECK(stack.access(3) == 1);
  CHECK(stack.access(7) == 2);
}

TEST_CASE("a fill takes the hole of an invalidated page and evicts nothing") {
  lru_stack stack;
  for (const std::uint32_t page : {1u, 2u, 3u, 4u}) stack.access(page);
  CHECK(stack.remove(3) == 1);
  CHECK(stack.remove(3) == lru_stack::absent);
  CHECK(stack.access(5) == lru_stack::absent);
  // Two entries held 4 and 3: 5 took the place of 3. Three held 2 as well, four held all.
  CHECK(stack.remove(4) == 1);
  CHECK(stack.remove(2) == 2);
  CHECK(stack.remove(1) == 3);
}

TEST_CASE("a hit below a hole moves the hole down to where the page was") {
  lru_stack stack;
  for (const std::uint32_t page : {1u, 2u, 3u, 4u}) stack.access(page);
  stack.remove(3);
  CHECK(stack.access(1) == 3);
  // Three entries held 4, 2 and a free one: 1 is filled there. Four hit and still have one free.
  CHECK(stack.access(6) == lru_stack::absent);
  CHECK(stack.remove(2) == 3);
}

TEST_CASE("the stack agrees with a plain LRU cache of every size") {
  REQUIRE(rc::check("few pages, holes", [](const std::vector<std::pair<unsigned, unsigned>>& raw) {
    return agrees(drawn(raw, 6, 3), 8);
  }));
  REQUIRE(rc::check("no holes", [](const std::vector<std::pair<unsigned, unsigned>>& raw) {
    return agrees(drawn(raw, 9, 0), 10);
  }));
}

TEST_CASE("the stack agrees with plain LRU caches while slots are renumbered and blocks fill") {
  for (std::uint64_t seed = 1; seed <= 6; ++seed) {
    base::rng rng(seed);
    std::vector<step> steps;
    const std::uint64_t pages = 40 * seed * seed;
    const std::uint64_t hot = pages / 8;
    for (unsigned i = 0; i < 12000; ++i) {
      if (rng.chance(1, 3000)) {  // everything
        for (std::uint32_t p = 0; p < pages; ++p) steps.push_back({true, p});
      }
      const std::uint64_t among = rng.chance(1, 2) ? hot : pages;
      steps.push_back({rng.chance(seed % 4, 10), static_cast<std::uint32_t>(rng.below(among))});
    }
    lru_stack stack;
    std::vector<std::size_t> sizes{1, 2, 3, 7, 16, 64, 100, 500, 1000, 1500};
    std::vector<plain_lru> caches;
    for (const std::size_t n : sizes) caches.emplace_back(n);
    std::size_t differing = 0;
    for (const step& s : steps) {
      const std::uint32_t depth = s.remove ? stack.remove(s.page) : stack.access(s.page);
      for (std::size_t i = 0; i < sizes.size(); ++i) {
        const bool had = s.remove ? caches[i].remove(s.page) : caches[i].access(s.page);
        differing += had != (depth < sizes[i]) ? 1 : 0;
      }
    }
    CHECK(differing == 0);
  }
}

TEST_CASE("each set of a set-associative cache is an LRU cache of its own") {
  REQUIRE(rc::check([](const std::vector<std::pair<unsigned, unsigned>>& raw) {
    reuse::set_lru cache(4, 2);
    std::vector<plain_lru> sets(4, plain_lru(2));
    for (const step& s : drawn(raw, 24, 2)) {
      plain_lru& set = sets[s.page % 4];
      const bool had = s.remove ? cache.remove(s.page, s.page) : cache.access(s.page, s.page);
      if (had != (s.remove ? set.remove(s.page) : set.access(s.page))) return false;
    }
    return true;
  }));
}
