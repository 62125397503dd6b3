#include "random_costs.h"

#include <catch2/catch.hpp>

using svasim::test::check_random_costs;

TEST_CASE("nothing is lost with software of random speed, 20 seeds: (a)") {
  check_random_costs('a', 0, 20);
}
TEST_CASE("nothing is lost with software of random speed, 5 seeds: (b)") {
  check_random_costs('b', 0, 5);
}
TEST_CASE("nothing is lost with software of random speed, 5 seeds: (c)") {
  check_random_costs('c', 0, 5);
}
TEST_CASE("nothing is lost with software of random speed, 20 seeds: (d)") {
  check_random_costs('d', 0, 20);
}
TEST_CASE("nothing is lost with software of random speed, 20 seeds: (e)") {
  check_random_costs('e', 0, 20);
}
TEST_CASE("nothing is lost with software of random speed, 20 seeds: (f)") {
  check_random_costs('f', 0, 20);
}
TEST_CASE("nothing is lost with software of random speed, 20 seeds: (g)") {
  check_random_costs('g', 0, 20);
}
