#include "tlm/smmu/gerror.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <set>
#include <vector>

using svasim::smmu::gerror;
using svasim::smmu::global_error;

TEST_CASE("an error toggles its bit when it becomes active, and not again while it is") {
  gerror g;
  unsigned raised = 0;
  g.on_raised = [&] { ++raised; };
  g.raise(global_error::cmdq);
  g.raise(global_error::cmdq);
  CHECK(g.value() == 1);
  CHECK(raised == 1);
  g.acknowledge(1);
  CHECK_FALSE(g.is_active(global_error::cmdq));
  CHECK(g.value() == 1);
  g.raise(global_error::cmdq);  // the second time it is the clear bit that says so
  CHECK(g.value() == 0);
  CHECK(g.is_active(global_error::cmdq));
  CHECK(raised == 2);
}

TEST_CASE("an acknowledgement tells those that wait for that error, and only them") {
  gerror g;
  std::vector<int> told;
  g.when_acknowledged(global_error::cmdq, [&] { told.push_back(0); });
  g.when_acknowledged(global_error::eventq_abort, [&] { told.push_back(2); });
  g.raise(global_error::cmdq);
  g.raise(global_error::eventq_abort);
  g.acknowledge(4);
  CHECK(told == std::vector<int>{2});
  CHECK(g.is_active(global_error::cmdq));
  g.acknowledge(g.value());
  CHECK(told == std::vector<int>{2, 0});
}

TEST_CASE("GERRORN cannot make an error active that has not occurred") {
  gerror g;
  g.acknowledge(0x3ff);
  CHECK(g.acknowledged() == 0);
  CHECK_FALSE(g.is_active(global_error::cmdqp));
}

TEST_CASE("GERROR agrees with a set of active errors under any order of errors and writes") {
  REQUIRE(rc::check("gerror", [] {
    gerror g;
    std::set<unsigned> active;
    const auto steps = *rc::gen::container<std::vector<unsigned>>(rc::gen::inRange(0u, 16u));
    for (const unsigned step : steps) {
      const unsigned bit = step % 8 == 1 ? 9 : step % 8;  // bit 1 is no error
      if (step < 8) {
        g.raise(static_cast<global_error>(bit));
        active.insert(bit);
      } else {
        g.acknowledge((g.acknowledged() & ~(1u << bit)) | (g.value() & 1u << bit));
        active.erase(bit);
      }
      for (unsigned b = 0; b < 10; ++b) {
        if (g.is_active(static_cast<global_error>(b)) != (active.count(b) != 0)) return false;
      }
    }
    return true;
  }));
}
