// The points of the sweep that take long (stall_sweep_test.cpp).
#include <catch2/catch.hpp>

#include "stall_sweep.h"

namespace svasim::test {
namespace {

TEST_CASE("1000 messages with 1024 stalls are as fast as measured within 3 %") {
  check_point(sweep_points[2]);
}

TEST_CASE("5000 messages with 1024 stalls are as fast as measured within 3 %") {
  check_point(sweep_points[3]);
}

}  // namespace
}  // namespace svasim::test
