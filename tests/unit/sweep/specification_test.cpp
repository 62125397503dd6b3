#include "analysis/sweep/specification.h"

#include <catch2/catch.hpp>

#include "base/error.h"
#include "tests/unit/sweep/sample.h"

using namespace svasim;
using sweep::specification;

namespace {

sweep::space space_of(const std::string& members) {
  const auto spec = specification::from_text(
      R"({"platform": "p.json", "workload": "w.json")" + members + "}", "s.json");
  return spec.resolve(test::sample_parameters());
}

std::vector<std::string> values_of(const std::string& axis) {
  const sweep::space s = space_of(R"(, "axes": [{"path": )" + axis + "}]");
  std::vector<std::string> out;
  for (const sweep::value& v : s.axes.at(0).values) out.push_back(to_string(v));
  return out;
}

std::string error_of(const std::string& text) {
  try {
    specification::from_text(text, "s.json");
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "accepted";
}

using texts = std::vector<std::string>;

}  // namespace

TEST_CASE("an axis is a list, a range with a step, or doubling") {
  CHECK(values_of(R"("entries", "values": [3, 1, 2])") == texts{"3", "1", "2"});
  CHECK(values_of(R"("entries", "from": 2, "to": 5)") == texts{"2", "3", "4", "5"});
  CHECK(values_of(R"("entries", "from": 2, "to": 12, "step": 4)") == texts{"2", "6", "10"});
  CHECK(values_of(R"("entries", "from": 3, "to": 25, "scale": "log2")") ==
        texts{"3", "6", "12", "24"});
  CHECK(values_of(R"("latency", "from": "5ns", "to": "0.02us", "step": "5ns")") ==
        texts{"5ns", "10ns", "15ns", "20ns"});
  CHECK(values_of(R"("size", "from": "512KiB", "to": "2MiB", "scale": "log2")") ==
        texts{"512KiB", "1MiB", "2MiB"});
  CHECK(values_of(R"("policy", "values": ["random", "lru"])") == texts{"random", "lru"});
  CHECK(values_of(R"("fast", "values": [true, false])") == texts{"true", "false"});
}

TEST_CASE("a range ends at the end of 64 bits") {
  CHECK(values_of(R"("workload.seed", "from": 18446744073709551614, "to": 18446744073709551615)") ==
        texts{"18446744073709551614", "18446744073709551615"});
  CHECK(values_of(R"("workload.seed", "from": 9223372036854775808, "to": 18446744073709551615,)"
                  R"( "scale": "log2")") == texts{"9223372036854775808"});
}

TEST_CASE("one axis may set several parameters of one kind") {
  const sweep::space s = space_of(R"(, "axes": [{"path": ["entries", "ways"], "values": [4]}])");
  CHECK(s.axes.at(0).paths == texts{"entries", "ways"});
}

TEST_CASE("seeds are the last axis and repeat") {
  const sweep::space s =
      space_of(R"(, "seeds": {"from": 1, "to": 3}, "axes": [{"path": "ways", "values": [4]}])");
  REQUIRE(s.axes.size() == 2);
  CHECK(s.axes[1].name() == "workload.seed");
  CHECK(s.axes[1].repeat);
  CHECK_FALSE(s.axes[0].repeat);
}

TEST_CASE("files are seen from the specification") {
  const auto spec = specification::from_text(
      R"({"platform": "../p.json", "workload": "/abs/w.json"})", "a/b/s.json");
  CHECK(spec.platform() == "a/p.json");
  CHECK(spec.workload() == "/abs/w.json");
  CHECK(spec.name() == "s");
}

TEST_CASE("a specification without platform or input is refused") {
  CHECK(error_of("{}") ==
        "s.json:1:1: a \"platform\" is missing\n"
        "s.json:1:1: it needs either a \"workload\" or a \"trace\"");
  CHECK(error_of("[]") == "s.json:1:1: the specification needs an object, not a list");
  CHECK(error_of(R"({"platform": 1, "trace": "t"})") ==
        "s.json:1:14: platform needs a string, not 1");
  CHECK(error_of("{").substr(0, 11) == "s.json:1:2:");
}

TEST_CASE("an assignment gives --set the value whatever characters it holds") {
  using kind = sweep::value::kind;
  CHECK(sweep::assignment("a.b", {kind::count, 4, {}}) == "a.b=4");
  CHECK(sweep::assignment("a.b", {kind::time, 190000, {}}) == "a.b=\"190ns\"");
  CHECK(sweep::assignment("a.b", {kind::boolean, 1, {}}) == "a.b=true");
  CHECK(sweep::assignment("a.b", {kind::string, 0, "1\n\"=<b>"}) == "a.b=\"1\\n\\\"=<b>\"");
}
