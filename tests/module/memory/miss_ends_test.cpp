#include "tlm/memory/miss_ends.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include <set>
#include <tuple>
#include <vector>

using namespace svasim;
using base::duration;

TEST_CASE("ends of misses leave as those of a sorted multiset do, in whatever order they come") {
  CHECK(rc::check([](const std::vector<std::tuple<std::uint8_t, std::uint8_t>>& steps) {
    constexpr std::uint32_t most = 7;
    memory::miss_ends ends(most);
    std::multiset<std::uint64_t> model;
    std::uint64_t now = 0;
    for (const auto& [forward, length] : steps) {
      now += forward % 16;
      ends.expire(duration(now));
      model.erase(model.begin(), model.upper_bound(now));
      if (model.size() < most) {
        ends.add(duration(now + length));
        model.insert(now + length);
      }
      RC_ASSERT(ends.size() == model.size());
      if (!model.empty()) RC_ASSERT(ends.first() == duration(*model.begin()));
    }
  }));
}
