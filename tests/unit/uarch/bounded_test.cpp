#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

#include "uarch/ring_fifo.h"
#include "uarch/token_pool.h"

using namespace svasim;

TEST_CASE("a token pool grants exactly its capacity") {
  uarch::token_pool slots(3);
  CHECK(slots.take());
  CHECK(slots.take());
  CHECK(slots.available() == 1);
  CHECK_FALSE(slots.empty());
  CHECK(slots.take());
  CHECK(slots.empty());
  CHECK_FALSE(slots.take());
  CHECK(slots.in_use() == 3);
  slots.give();
  CHECK(slots.take());
}

TEST_CASE("a token pool remembers the most tokens out at one time") {
  uarch::token_pool slots(8);
  (void)slots.take();
  (void)slots.take();
  slots.give();
  (void)slots.take();
  CHECK(slots.high_water() == 2);
  slots.give();
  slots.reset_high_water();
  CHECK(slots.high_water() == 1);
}

TEST_CASE("a token pool of capacity 0 never grants") {
  uarch::token_pool none(0);
  CHECK_FALSE(none.take());
  CHECK(none.empty());
  CHECK_THROWS_WITH(none.give(), "token_pool: more tokens given back than taken");
}

TEST_CASE("a ring holds capacity elements and refuses one more") {
  uarch::ring_fifo<int> ring(2);
  CHECK(ring.empty());
  CHECK(ring.push(1));
  CHECK_FALSE(ring.full());
  CHECK(ring.push(2));
  CHECK(ring.full());
  CHECK_FALSE(ring.push(3));
  CHECK(ring.front() == 1);
  CHECK(ring.pop() == 1);
  CHECK(ring.push(4));
  CHECK(ring[1] == 4);
  CHECK(ring.pop() == 2);
  CHECK(ring.pop() == 4);
  CHECK_THROWS_WITH(ring.pop(), "ring_fifo: no such element");
  CHECK_THROWS_WITH(ring.front(), "ring_fifo: no such element");
  CHECK_THROWS_WITH(ring[0], "ring_fifo: no such element");
}

TEST_CASE("a ring of capacity 0 is always full") {
  uarch::ring_fifo<int> ring(0);
  CHECK(ring.full());
  CHECK(ring.empty());
  CHECK_FALSE(ring.push(1));
}

TEST_CASE("a ring moves its elements and keeps nothing of what left") {
  uarch::ring_fifo<std::shared_ptr<int>> ring(1);
  const auto owned = std::make_shared<int>(5);
  CHECK(ring.push(owned));
  CHECK(*ring.pop() == 5);
  CHECK(owned.use_count() == 1);
  CHECK(ring.push(owned));
  ring.clear();
  CHECK(owned.use_count() == 1);
}

TEST_CASE("a ring behaves as a deque of bounded length") {
  REQUIRE(rc::check([](const std::vector<std::int8_t>& steps, std::uint8_t seed) {
    const std::uint32_t capacity = seed % 5;
    uarch::ring_fifo<int> ring(capacity);
    std::deque<int> model;
    for (const std::int8_t step : steps) {
      if (step >= 0) {
        const bool fits = model.size() < capacity;
        if (ring.push(step) != fits) {
          return false;
        }
        if (fits) {
          model.push_back(step);
        }
      } else if (!model.empty()) {
        if (ring.pop() != model.front()) {
          return false;
        }
        model.pop_front();
      }
      if (ring.size() != model.size() || ring.full() != (model.size() == capacity)) {
        return false;
      }
      for (std::uint32_t i = 0; i < ring.size(); ++i) {
        if (ring[i] != model[i]) {
          return false;
        }
      }
    }
    return true;
  }));
}
