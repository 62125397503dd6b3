#include "validate/formula.h"

#include <catch2/catch.hpp>

#include <map>

using svasim::validate::bad_formula;
using svasim::validate::formula;

namespace {

double value(const std::string& text) {
  const std::map<std::string, double> own{{"time", 8}, {"walks.reads", 14}}, other{{"time", 2}};
  return formula(text).value([&](const std::string& point, const std::string& figure) {
    return (point.empty() ? own : other).at(figure);
  });
}

TEST_CASE("a formula has the usual precedence, from left to right") {
  CHECK(value("time") == 8);
  CHECK(value("time - 2 - 1") == 5);
  CHECK(value("time / 4 / 2") == 1);
  CHECK(value("2 + time * 3") == 26);
  CHECK(value("(2 + time) * 3") == 30);
  CHECK(value("walks.reads / 1e2") == 0.14);
}

TEST_CASE("a formula speaks of other points") {
  CHECK(value("time - 'host SVA'.time") == 6);
  CHECK(formula("'a b'.x / 'c'.y - 'a b'.z").points() == std::vector<std::string>{"a b", "c"});
}

TEST_CASE("what is wrong in a formula is told") {
  CHECK_THROWS_WITH(formula(""), "a figure is missing after \"\"");
  CHECK_THROWS_WITH(formula("time time"), "an operator is missing after \"time \"");
  CHECK_THROWS_WITH(formula("(time"), "\")\" is missing after \"(time\"");
  CHECK_THROWS_WITH(formula("'x"), "'POINT'.FIGURE is missing after \"\"");
  CHECK_THROWS_WITH(formula("'x'time"), "'POINT'.FIGURE is missing after \"\"");
  CHECK_THROWS_WITH(formula(std::string(33, '(') + "1"), "parentheses too deep");
  CHECK_NOTHROW(formula(std::string(32, '(') + "1" + std::string(32, ')')));
  CHECK_THROWS_WITH(formula(std::string(1025, '1')), "longer than 1024");
}

}  // namespace
