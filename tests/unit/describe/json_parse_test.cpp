#include "describe/json_parse.h"

#include <rapidcheck.h>

#include <algorithm>
#include <catch2/catch.hpp>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/error.h"

namespace svasim::describe::test {
namespace {

json_value parse(const std::string& text) {
  std::size_t values_left = max_values;
  return parse_json(text, {"a.json", 0, false, values_left});
}

nlohmann::json any_json(int depth) {
  switch (*rc::gen::inRange(0, depth > 0 ? 9 : 6)) {
    case 0:
      return nullptr;
    case 1:
      return *rc::gen::arbitrary<bool>();
    case 2:
      return *rc::gen::arbitrary<std::uint64_t>();
    case 3:
      return *rc::gen::arbitrary<std::int64_t>();
    case 4:
      return static_cast<double>(*rc::gen::inRange(-1000, 1000)) / 8;
    case 5:
      return *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    default:
      break;
  }
  const bool is_list = *rc::gen::arbitrary<bool>();
  nlohmann::json out = is_list ? nlohmann::json::array() : nlohmann::json::object();
  const int n = *rc::gen::inRange(0, 5);
  for (int i = 0; i < n; ++i) {
    nlohmann::json inner = any_json(depth - 1);
    if (is_list) {
      out.push_back(std::move(inner));
    } else {
      out[*rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127))] = std::move(inner);
    }
  }
  return out;
}

std::size_t offset_of(const std::string& text, position at) {
  std::size_t start = 0;
  for (std::uint32_t line = 1; line < at.line; ++line) start = text.find('\n', start) + 1;
  return start + at.column - 1;
}

bool stands_at(const std::string& text, position at, const std::string& token) {
  return text.compare(offset_of(text, at), token.size(), token) == 0;
}

// The tree says the same as nlohmann's, and every position leads to the token it is about.
bool agrees(const std::string& text, const json_value& v, const nlohmann::json& expected) {
  using type = json_value::type;
  if (expected.is_array()) {
    bool good =
        v.is(type::array) && stands_at(text, v.at, "[") && v.elements.size() == expected.size();
    for (std::size_t i = 0; good && i < expected.size(); ++i) {
      good = agrees(text, v.elements[i], expected[i]);
    }
    return good;
  }
  if (expected.is_object()) {
    bool good =
        v.is(type::object) && stands_at(text, v.at, "{") && v.members.size() == expected.size();
    for (const json_member& m : v.members) {
      good = good && stands_at(text, m.at, nlohmann::json(m.key).dump()) &&
             expected.contains(m.key) && agrees(text, m.value, expected[m.key]);
    }
    return good;
  }
  if (!stands_at(text, v.at, expected.dump())) return false;
  if (expected.is_string()) return v.is(type::string) && v.text == expected.get<std::string>();
  if (expected.is_boolean()) return v.is(type::boolean) && (v.integer != 0) == expected.get<bool>();
  if (expected.is_null()) return v.is(type::null);
  if (v.is(type::count)) return std::to_string(v.integer) == expected.dump();
  return v.is(type::number) && v.text == expected.dump();
}

TEST_CASE("any JSON is read as it is, and every position leads to its token") {
  REQUIRE(rc::check([] {
    const nlohmann::json expected = any_json(4);
    const std::string text = expected.dump(*rc::gen::inRange(-1, 4));
    return agrees(text, parse(text), expected);
  }));
}

// True when some object of `text` has a key twice.
bool has_duplicates(const std::string& text) {
  std::vector<std::vector<std::string>> open;
  bool found = false;
  [[maybe_unused]] const auto whole = nlohmann::json::parse(
      text, [&](int, nlohmann::json::parse_event_t event, nlohmann::json& parsed) {
        using e = nlohmann::json::parse_event_t;
        if (event == e::object_start) open.emplace_back();
        if (event == e::object_end) open.pop_back();
        if (event == e::key) {
          auto& keys = open.back();
          const auto key = parsed.get<std::string>();
          found = found || std::find(keys.begin(), keys.end(), key) != keys.end();
          keys.push_back(key);
        }
        return true;
      });
  return found;
}

TEST_CASE("a damaged text is read exactly when it is strict JSON, and never crashes") {
  REQUIRE(rc::check([] {
    std::string text = any_json(3).dump(*rc::gen::inRange(-1, 2));
    const int changes = *rc::gen::inRange(0, 4);
    for (int i = 0; i < changes; ++i) {
      const auto at = *rc::gen::inRange<std::size_t>(0, text.size() + 1);
      const auto cut = *rc::gen::inRange<std::size_t>(0, 3);
      const auto put = *rc::gen::container<std::string>(rc::gen::weightedOneOf<char>(
          {{9, rc::gen::elementOf(std::string("{}[],:\"\\ 0.-e1tn\n"))},
           {1, rc::gen::inRange<char>(1, 127)}}));
      text.replace(at, cut, put.substr(0, 3));
    }
    const bool strict = nlohmann::json::accept(text) && !has_duplicates(text);
    try {
      static_cast<void>(parse(text));
      return strict;
    } catch (const base::input_error& e) {
      const base::problem& p = e.problems().front();
      const auto lines = 1 + std::count(text.begin(), text.end(), '\n');
      return !strict && p.line >= 1 && p.line <= static_cast<std::uint64_t>(lines) &&
             p.column >= 1 && p.column <= text.size() + 1;
    }
  }));
}

}  // namespace
}  // namespace svasim::describe::test
