#include "base/error.h"

#include <catch2/catch.hpp>
#include <string>

using namespace svasim::base;

TEST_CASE("a problem is file, line and column as far as they are known") {
  CHECK(problem{"p.json", 3, 7, "too many ways"}.text() == "p.json:3:7: too many ways");
  CHECK(problem{"t.log", 3, 0, "cut off"}.text() == "t.log:3: cut off");
  CHECK(problem{"t.log", 0, 7, "cut off"}.text() == "t.log: cut off");
  CHECK(problem{"", 0, 0, "no platform given"}.text() == "no platform given");
}

TEST_CASE("an input error has one line for each problem, in order") {
  const input_error e(std::vector<problem>{{"a", 1, 2, "first"}, {"b", 0, 0, "second"}});
  CHECK(std::string(e.what()) == "a:1:2: first\nb: second");
  CHECK(e.problems().size() == 2);
  CHECK(std::string(input_error("alone").what()) == "alone");
}

TEST_CASE("control characters of an input are written out") {
  CHECK(printable("a\x1b[2J\nb\x7f") == "a\\x1b[2J\\x0ab\\x7f");
  CHECK(printable(std::string("\0", 1)) == "\\x00");
  CHECK(printable("caf\u00e9") == "caf\u00e9");
  CHECK(problem{"x\ny", 1, 0, "bad\r"}.text() == "x\\x0ay:1: bad\\x0d");
}
