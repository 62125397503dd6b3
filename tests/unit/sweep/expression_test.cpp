#include "analysis/sweep/expression.h"

#include <fmt/format.h>
#include <rapidcheck.h>

#include <catch2/catch.hpp>

#include "tests/unit/sweep/sample.h"

using namespace svasim;
using sweep::expression;

namespace {

const sweep::parameter_table& parameters() {
  static const sweep::parameter_table table = test::sample_parameters();
  return table;
}

bool holds(const std::string& text) {
  const expression e(text, parameters());
  return e.holds(
      [](const std::string& path) -> const sweep::value& { return parameters().base(path); });
}

// "OFFSET: MESSAGE"
std::string error_of(const std::string& text) {
  try {
    return holds(text) ? "true" : "false";
  } catch (const sweep::bad_expression& e) {
    return fmt::format("{}: {}", e.offset(), e.what());
  }
}

}  // namespace

TEST_CASE("comparisons of parameters and numbers hold as they read") {
  CHECK(holds("entries <= 64"));
  CHECK_FALSE(holds("entries < 64"));
  CHECK(holds("64 >= entries"));
  CHECK(holds("entries / ways == 16"));
  CHECK(holds("entries % 5 == 4"));
  CHECK(holds("entries != ways"));
  CHECK(holds("2 - 5 < 0"));
  CHECK(holds("(0 - 7) / 2 == 0 - 4"));
  CHECK(holds("(0 - 7) % 2 == 1"));
}

TEST_CASE("products bind before sums, sums before comparisons, not before and, and before or") {
  CHECK(holds("1 + 2 * 3 == 7"));
  CHECK(holds("(1 + 2) * 3 == 9"));
  CHECK(holds("10 - 3 - 2 == 5"));
  CHECK(holds("not false and true"));
  CHECK(holds("true or false and false"));
  CHECK_FALSE(holds("(true or false) and false"));
  CHECK(holds("not not true"));
}

TEST_CASE("quantities are compared in their own unit whatever they are written in") {
  CHECK(holds("latency == 5000ps"));
  CHECK(holds("latency * 2 == 0.01us"));
  CHECK(holds("size * entries == 256KiB"));
  CHECK(holds("2 * size == 8KiB"));
  CHECK(holds("1MiB / size == 256"));
  CHECK(holds("10KiB % size == 2KiB"));
  CHECK(holds("clock > 999.9MHz"));
  CHECK(holds("rate == 1GB/s"));
  CHECK(holds("rate/2 == 500MB/s"));
}

TEST_CASE("choices, texts and truth values are compared for equality") {
  CHECK(holds("policy == \"lru\""));
  CHECK(holds("policy != \"random\" and name == \"a\""));
  CHECK(holds("fast"));
  CHECK(holds("fast == true"));
}

TEST_CASE("and and or leave out what no longer matters") {
  CHECK(holds("true or 1 / 0 == 1"));
  CHECK_FALSE(holds("false and 1 / 0 == 1"));
}

TEST_CASE("what does not fit together is told at the operator") {
  CHECK(error_of("latency <= 4KiB") == "8: a time cannot be compared with a size");
  CHECK(error_of("latency + 4 == 1") == "8: a time cannot be added to a number");
  CHECK(error_of("size - latency > size") == "5: a time cannot be subtracted from a size");
  CHECK(error_of("size * size > size") == "5: a size cannot be multiplied by a size");
  CHECK(error_of("4 / size > 1") == "2: a number cannot be divided by a size");
  CHECK(error_of("latency % 3 > 1ns") == "8: a time cannot be taken modulo a number");
  CHECK(error_of("policy < \"lru\"") == "7: a text is only compared by == and !=");
  CHECK(error_of("fast > false") == "5: true or false is only compared by == and !=");
  CHECK(error_of("1 and true") ==
        "2: \"and\", \"or\" and \"not\" need true or false, not a number");
  CHECK(error_of("true or name") ==
        "5: \"and\", \"or\" and \"not\" need true or false, not a text");
  CHECK(error_of("entries + 1") == "8: a constraint must be true or false");
}

TEST_CASE("bad syntax is told where it is") {
  CHECK(error_of("") == "0: a value is missing at the end");
  CHECK(error_of("entries <") == "9: a value is missing at the end");
  CHECK(error_of("entries < )") == "10: a value is missing before \")\"");
  CHECK(error_of("(entries < 4") == "12: a \")\" is missing before end");
  CHECK(error_of("entries < 4 ways") == "12: unexpected \"ways\"");
  CHECK(error_of("1 < entries < 100") == "12: unexpected \"<\"");
  CHECK(error_of("name == \"a") == "8: the closing quote is missing");
  CHECK(error_of("entrys < 4") == "0: no parameter \"entrys\"; did you mean \"entries\"?");
  CHECK(error_of("latency < 4fs") ==
        "10: \"4fs\" is no whole number below 2^63, and no value with a unit such as 4KiB, 190ns, "
        "2GHz or 16GB/s");
  CHECK(error_of("entries < 9223372036854775808").substr(0, 4) == "10: ");
  CHECK(error_of("entries < 99999999999999999999999999").substr(0, 4) == "10: ");
}

TEST_CASE("arithmetic that fails is told at the operator") {
  CHECK(error_of("1 / (entries - 64) == 1") == "2: a division by zero");
  CHECK(error_of("1 % (entries - 64) == 1") == "2: a division by zero");
  const std::string big = "9223372036854775807";
  CHECK(error_of(big + "*" + big + "*" + big + " > 1") == "39: the result is beyond 128 bits");
  const std::string square = "4611686018427387904 * 9223372036854775807 * 3";
  CHECK(error_of(square + " + " + square + " > 1") == "46: the result is beyond 128 bits");
}

TEST_CASE("length and nesting are limited") {
  const std::string open(64, '('), close(64, ')');
  CHECK(holds(open + "true" + close));
  CHECK(error_of("(" + open + "true" + close + ")") == "64: nested deeper than 64");
  std::string nots;
  for (int i = 0; i < 65; ++i) nots += "not ";
  CHECK(error_of(nots + "true") == "256: nested deeper than 64");
  CHECK(error_of(std::string(4097, ' ')) == "4096: longer than 4096 characters");
  std::string sum = "1";
  while (sum.size() < 4080) sum += "+1";
  CHECK(holds(sum + " > 0"));
}

TEST_CASE("the paths of a constraint are listed once in their order") {
  const expression e("ways < entries and entries > 1 or latency > 1ns", parameters());
  CHECK(e.paths() == std::vector<std::string>{"ways", "entries", "latency"});
}

TEST_CASE("sums and products agree with 64-bit arithmetic") {
  REQUIRE(rc::check([] {
    const auto a = *rc::gen::inRange<std::int64_t>(0, 1000000);
    const auto b = *rc::gen::inRange<std::int64_t>(1, 1000000);
    const auto c = *rc::gen::inRange<std::int64_t>(0, 1000000);
    return holds(fmt::format("{}+{}*{}-{}/{} == {} - {}", a, b, c, a, b, a + b * c + 1000000,
                             1000000 + a / b)) &&
           holds(fmt::format("{} % {} == {}", a, b, a % b)) &&
           holds(fmt::format("{} < {}", a, c)) == (a < c);
  }));
}

TEST_CASE("any text is either a constraint or an error within it") {
  REQUIRE(rc::check([] {
    const auto words = *rc::gen::container<std::vector<std::string>>(rc::gen::element<std::string>(
        "entries", "latency", "policy", "4", "5ns", "\"lru\"", "(", ")", "+", "-", "*", "/", "%",
        "<", "<=", "==", "!=", "and", "or", "not", "true", "$", "\x01", "1GB/s"));
    std::string text;
    for (const std::string& w : words) text += w + " ";
    try {
      holds(text);
      return true;
    } catch (const sweep::bad_expression& e) {
      return e.offset() <= text.size();
    }
  }));
}
