#include "validate/row.h"

#include <catch2/catch.hpp>

using namespace svasim;
using validate::point_role;
using validate::row;
using validate::row_kind;

namespace {

std::string with(const std::string& members, const std::string& points) {
  return R"({"name": "n", "what": "w", "source": "M: s", "experiment": "run", "unit": "ns",
"tolerance": "5 %", )" +
         members + "\n\"points\": [" + points + "]}";
}

std::string refusal(const std::string& text) {
  try {
    validate::read_row_text(text, "folder/row.json");
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "none";
}

TEST_CASE("what a point does not say is as its row says") {
  const row r = validate::read_row_text(
      with(R"("platform": "../p.json", "metric": "x", "set": {"a.b": 1, "c": "2ns"},)",
           R"({"name": "one", "expected": 3},
              {"name": "two", "expected": 4.5, "metric": "y", "set": {"c": true}, "unit": "us",
               "tolerance": "2 us", "role": "spent", "slow": true})"),
      "folder/row.json");
  CHECK(r.kind == row_kind::validation);
  const validate::point& one = r.points.at(0);
  CHECK(one.platform == "p.json");  // seen from the row's folder
  CHECK(one.metric == "x");
  CHECK(one.unit == "ns");
  CHECK(one.role == point_role::predicted);
  CHECK(one.set == validate::settings{{"a.b", "1"}, {"c", "2ns"}});
  CHECK(validate::text_of(one.tolerance, one.unit) == "5 %");
  const validate::point& two = r.points.at(1);
  CHECK(*two.expected == 4.5);
  CHECK(two.metric == "y");
  CHECK(two.role == point_role::spent);
  CHECK(two.slow);
  CHECK(two.set == validate::settings{{"a.b", "1"}, {"c", "2ns"}, {"c", "true"}});
  CHECK(validate::text_of(two.tolerance, two.unit) == "2 us");
}

TEST_CASE("points of an information row are printed and need no tolerance") {
  const row r = validate::read_row_text(
      R"({"name": "n", "what": "w", "source": "S: s", "experiment": "run", "kind": "information",
          "metric": "x", "points": [{"name": "one", "expected": 3}]})",
      "row.json");
  CHECK(r.points.at(0).role == point_role::printed);
  CHECK(refusal(R"({"name": "n", "what": "w", "source": "S: s", "experiment": "run",
"kind": "information", "tolerance": "exact", "metric": "x",
"points": [{"name": "one", "expected": 3, "role": "predicted"}]})") ==
        "folder/row.json:3:12: points of a row of kind information have the role printed");
}

TEST_CASE("every problem of a row is told in one go, where it stands") {
  CHECK(refusal(with("", R"({"name": "one", "expected": "3"})")) ==
        "folder/row.json:3:12: a point needs \"metric\", or its row\n"
        "folder/row.json:3:40: expected needs a number, not \"3\"\n"
        "folder/row.json:3:12: a point needs \"expected\" where its role is not printed");
  CHECK(refusal(with(R"("metric": "x", "set": {"a": 1.5}, "spent": [{"fitted_to": "y"}],)",
                     R"({"name": "one", "expected": 3})")) ==
        "folder/row.json:2:49: a needs a string, a whole number, true or false, not 1.5\n"
        "folder/row.json:2:65: a spent constant needs \"value\"\n"
        "folder/row.json:2:65: a spent constant needs one of \"parameter\" and \"argument\"");
  CHECK(refusal("[]") ==
        "folder/row.json:1:1: a row needs an object, not a list\n"
        "folder/row.json:1:1: a row needs \"name\"\nfolder/row.json:1:1: a row needs \"what\"\n"
        "folder/row.json:1:1: a row needs \"source\"\n"
        "folder/row.json:1:1: a row needs \"experiment\"\n"
        "folder/row.json:1:1: a row needs \"tolerance\"\n"
        "folder/row.json:1:1: a row needs \"points\", a list of some");
  CHECK(refusal(with(R"("metric": "x", "spent": [{"parameter": "a", "value": "1", "points": ["b"],
"fitted_to": "y"}],)",
                     R"({"name": "one", "expected": 3})")) ==
        "folder/row.json:2:46: no point \"b\"");
}

std::string with_step(const std::string& step) {
  return with(R"("metric": "x", "spent": [{"parameter": "a", "value": "9", "fitted_to": "y",
"step": )" + step +
                  "}],",
              R"({"name": "one", "expected": 3})");
}

TEST_CASE("a spent count is changed by one, and a row cannot ask for more") {
  const std::string told =
      "folder/row.json:3:9: counts are changed by one: step needs a value with a unit, not ";
  CHECK(refusal(with_step("\"8\"")) == told + "\"8\"");
  CHECK(refusal(with_step("\"+8\"")) == told + "\"+8\"");
  CHECK(refusal(with_step("8")) == told + "8");
  CHECK(refusal(with_step("\"1\"")) == "none");
  CHECK(validate::read_row_text(with_step("\"10ns\""), "row.json").spent.at(0).step == "10ns");
}

std::string with_input(const std::string& members) {
  return with(R"("metric": "x", "inputs": [{)" + members + "}],",
              R"({"name": "one", "expected": 3})");
}

TEST_CASE("an input says where it is from") {
  const row r = validate::read_row_text(
      with_input(R"("argument": "a", "value": "9", "source": "T: a manual", "points": ["one"])"),
      "row.json");
  REQUIRE(r.inputs.size() == 1);
  CHECK(r.inputs[0].name() == "a");
  CHECK(r.inputs[0].source == "T: a manual");
  CHECK(r.spent.empty());
  CHECK(refusal(with_input(R"("parameter": "a", "value": "9", "source": "a manual")")) ==
        "folder/row.json:2:47: source of an input begins with a tag, M:, T:, D:, S: or A:, not "
        "\"a manual\"");
  CHECK(refusal(with_input(R"("parameter": "a", "value": "9")")) ==
        "folder/row.json:2:47: an input needs \"source\"");
  CHECK(refusal(with_input(R"("value": "9", "source": "A: x", "step": "1ns")")) ==
        "folder/row.json:2:47: an input needs one of \"parameter\" and \"argument\"\n"
        "folder/row.json:2:80: an input: unknown key \"step\"");
}

}  // namespace
