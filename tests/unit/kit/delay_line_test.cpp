#include "tlm/kit/delay_line.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <utility>
#include <vector>

#include "tests/support/time_matchers.h"

using namespace svasim;
using base::duration;
using base::ns;
using test::run_dry;
using line = kit::delay_line<int>;

namespace {

std::vector<int> drain(line& l) {
  std::vector<int> out;
  while (!l.empty()) {
    out.push_back(l.front());
    l.pop();
  }
  return out;
}

// Takes what is due, at most one each `pace`.
class consumer final : public sc_core::sc_module {
 public:
  explicit consumer(sc_core::sc_module_name name, duration pace = duration())
      : sc_module(name), items("due", 16), m_pace(pace) {
    SC_HAS_PROCESS(consumer);
    SC_METHOD(take);
    sensitive << items.event();
    dont_initialize();
  }
  line items;
  std::vector<std::pair<int, duration>> taken;
  unsigned calls = 0;

 private:
  void take() {
    ++calls;
    const duration t = kit::now();
    while (m_next <= t && items.due(t)) {
      taken.emplace_back(items.front(), t);
      items.pop();
      m_next = t + m_pace;
    }
    items.rearm(t, m_next);
  }
  const duration m_pace;
  duration m_next;
};

using taken_list = std::vector<std::pair<int, duration>>;

}  // namespace

TEST_CASE("items come out in order of time, of equal times in order of call") {
  line l("due");
  l.push(1, ns(5));
  l.push(2, ns(3));
  l.push(3, ns(5));
  l.push(4, ns(3));
  l.push(5, ns(4));
  CHECK(l.size() == 5);
  CHECK(l.front() == 2);
  CHECK(l.front_at() == ns(3));
  CHECK(drain(l) == std::vector<int>{2, 4, 5, 1, 3});
}

TEST_CASE("an empty line is never due") {
  line l("due");
  CHECK(l.next_due() == kit::never);
  CHECK_FALSE(l.due(ns(1000)));
  l.push(1, ns(7));
  CHECK(l.next_due() == ns(7));
  CHECK_FALSE(l.due(base::ps(6999)));
  CHECK(l.due(ns(7)));
}

TEST_CASE("a line grows without losing its order, wherever its ring starts") {
  line l("due", 16);
  for (int i = 0; i < 10; ++i) l.push(-1, ns(0));
  for (int i = 0; i < 10; ++i) l.pop();
  std::vector<int> expected;
  for (int i = 0; i < 100; ++i) {
    l.push(i, ns(static_cast<std::uint64_t>(i)));
    expected.push_back(i);
  }
  CHECK(l.size() == 100);
  CHECK(drain(l) == expected);
}

TEST_CASE("a line agrees with a stably sorted list") {
  REQUIRE(rc::check([](const std::vector<std::pair<bool, std::uint8_t>>& steps) {
    line l("due", 16);
    std::vector<std::pair<std::uint64_t, int>> naive;
    int number = 0;
    for (const auto& [take, at] : steps) {
      if (take && !naive.empty()) {
        if (l.front() != naive.front().second || l.next_due() != ns(naive.front().first)) {
          return false;
        }
        l.pop();
        naive.erase(naive.begin());
      } else {
        l.push(number, ns(at));
        naive.emplace_back(at, number++);
        std::stable_sort(naive.begin(), naive.end(),
                         [](const auto& a, const auto& b) { return a.first < b.first; });
      }
      if (l.size() != naive.size()) return false;
    }
    std::vector<int> rest;
    for (const auto& item : naive) rest.push_back(item.second);
    return drain(l) == rest;
  }));
}

TEST_CASE("the consumer is called when the first item is due, each item at its time") {
  consumer c("c");
  c.items.push(1, ns(30));
  c.items.push(2, ns(10));
  c.items.push(3, ns(10));
  run_dry();
  CHECK(c.taken == taken_list{{2, ns(10)}, {3, ns(10)}, {1, ns(30)}});
  CHECK(c.calls == 2);
}

TEST_CASE("an item that is due at once is taken at once") {
  consumer c("c");
  test::run_until(ns(5));
  c.items.push(1, ns(5));
  run_dry();
  CHECK(c.taken == taken_list{{1, ns(5)}});
}

TEST_CASE("a consumer with a pace takes items late, none twice, none never") {
  consumer c("c", ns(4));
  c.items.push(1, ns(10));
  c.items.push(2, ns(11));
  c.items.push(3, ns(30));
  c.items.push(4, ns(10));
  run_dry();
  CHECK(c.taken == taken_list{{1, ns(10)}, {4, ns(14)}, {2, ns(18)}, {3, ns(30)}});
}

TEST_CASE("an item that overtakes the first moves the wake-up forward") {
  consumer c("c");
  c.items.push(1, ns(100));
  test::run_until(ns(20));
  c.items.push(2, ns(40));
  run_dry();
  CHECK(c.taken == taken_list{{2, ns(40)}, {1, ns(100)}});
}
