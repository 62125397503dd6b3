// In-order release against lists in order of arrival.
#include "tlm/smmu/release_order.h"

#include <algorithm>
#include <catch2/catch.hpp>
#include <map>

#include "steps.h"

using namespace svasim;
using order = smmu::release_order<int>;

namespace {

constexpr std::array<std::uint64_t, 3> keys{0, 7, ~std::uint64_t{0}};

class pair_under_test {
 public:
  explicit pair_under_test(std::uint32_t capacity) : m_capacity(capacity), m_order(capacity) {}

  bool step(std::uint64_t word) {
    test::dice d(word);
    const std::uint64_t key = d.of(keys);
    if (d.one_in(2)) return enter(key);
    return ready(key, d.below(8), d.one_in(3) ? d.of(keys) : key, d.one_in(3));
  }
  // Whatever the order in which the rest gets ready, nobody stays.
  bool drains(std::uint64_t word) {
    test::dice d(word);
    for (const std::uint64_t key : keys) {
      while (!m_lines[key].empty()) {
        if (!ready(key, d.below(4), key, false)) return false;
      }
    }
    return m_order.waiting() == 0 && m_left.size() == static_cast<std::size_t>(m_next) &&
           in_order();
  }

 private:
  struct item {
    int number;
    bool is_ready = false;
  };
  std::size_t inside() const {
    std::size_t n = 0;
    for (const auto& [key, line] : m_lines) n += line.size();
    return n;
  }
  bool enter(std::uint64_t key) {
    if (inside() == m_capacity) {
      try {
        m_order.enter(key, m_next);
      } catch (const std::logic_error&) {
        return true;
      }
      return false;
    }
    m_key_of.push_back(key);
    m_lines[key].push_back({m_next});
    m_order.enter(key, m_next++);
    return true;
  }
  // The n-th that is not ready yet gets ready; each that leaves may bring in another.
  bool ready(std::uint64_t key, std::uint64_t n, std::uint64_t brings, bool brings_one) {
    std::vector<item*> not_ready;
    for (item& i : m_lines[key]) {
      if (!i.is_ready) not_ready.push_back(&i);
    }
    if (not_ready.empty()) return true;
    item& chosen = *not_ready[n % not_ready.size()];
    chosen.is_ready = true;
    bool good = true;
    m_order.ready(key, chosen.number, [&](int leaving) {
      std::vector<item>& line = m_lines[key];
      good = good && !line.empty() && line.front().is_ready && line.front().number == leaving;
      if (!good) return;
      line.erase(line.begin());
      m_left.push_back(leaving);
      if (brings_one) good = enter(brings);
    });
    std::size_t waiting = 0;
    for (const auto& [k, line] : m_lines) {
      good = good && (line.empty() || !line.front().is_ready);  // who may leave has left
      for (const item& i : line) waiting += i.is_ready ? 1 : 0;
    }
    return good && m_order.waiting() == waiting;
  }
  // Numbers are given in order of arrival.
  bool in_order() const {
    std::map<std::uint64_t, int> last;
    for (const int number : m_left) {
      const auto [it, is_first] = last.emplace(m_key_of[static_cast<std::size_t>(number)], number);
      if (!is_first && it->second >= number) return false;
      it->second = number;
    }
    return true;
  }

  std::uint32_t m_capacity;
  order m_order;
  std::map<std::uint64_t, std::vector<item>> m_lines;
  std::vector<std::uint64_t> m_key_of;
  std::vector<int> m_left;
  int m_next = 0;
};

std::vector<int> released(order& o, std::uint64_t key, int item) {
  std::vector<int> all;
  o.ready(key, item, [&](int i) { all.push_back(i); });
  return all;
}

}  // namespace

TEST_CASE("those of one key leave in order of arrival, as soon as they may, and all in the end") {
  for (const std::uint32_t capacity : {1u, 2u, 6u, 40u}) {
    REQUIRE(rc::check([capacity] {
      pair_under_test pair(capacity);
      const auto steps = test::any_steps(200);
      for (const std::uint64_t word : steps) {
        if (!pair.step(word)) return false;
      }
      return pair.drains(steps.empty() ? 1 : steps.front());
    }));
  }
}

TEST_CASE("one that is ready early waits for those before it, and other keys do not") {
  order o(5);
  for (const int i : {1, 2, 3}) o.enter(4, i);
  o.enter(5, 9);
  CHECK(released(o, 4, 3).empty());
  CHECK(released(o, 4, 2).empty());
  CHECK(o.waiting() == 2);
  CHECK(released(o, 5, 9) == std::vector<int>{9});
  CHECK(released(o, 4, 1) == std::vector<int>{1, 2, 3});
  CHECK(o.waiting() == 0);
}

TEST_CASE("what a release order cannot do is said") {
  order o(1);
  o.enter(4, 1);
  CHECK_THROWS_WITH(o.enter(4, 2), "more requests than the release order can hold");
  CHECK_THROWS_WITH(o.ready(5, 1, [](int) {}), "released without having come");
  CHECK(released(o, 4, 1) == std::vector<int>{1});
  CHECK_THROWS_WITH(o.ready(4, 1, [](int) {}), "released without having come");
}
