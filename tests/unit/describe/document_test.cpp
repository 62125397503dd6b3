#include "describe/document.h"

#include <catch2/catch.hpp>
#include <string>

#include "describe/json_parse.h"
#include "sample.h"

namespace svasim::describe::test {
namespace {

std::string parse_error(const std::string& text) {
  return error_of([&] { static_cast<void>(document::from_text(text, "a.json")); });
}

std::string at(position p) {
  return std::to_string(p.line) + ":" + std::to_string(p.column);
}

std::string repeated(const std::string& text, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += text;
  return out;
}

TEST_CASE("every key and value knows the line and column where it begins") {
  const auto d =
      document::from_text("{\n  \"a\": 12,\n  \"b\" :\n [true, -7 ,{\"c\":\"x\"}]\n}\n", "f");
  const json_value& root = d.root();
  CHECK(at(root.at) == "1:1");
  CHECK(at(root.members[0].at) == "2:3");
  CHECK(at(root.members[0].value.at) == "2:8");
  CHECK(at(root.members[1].at) == "3:3");
  const json_value& list = root.members[1].value;
  CHECK(at(list.at) == "4:2");
  CHECK(at(list.elements[0].at) == "4:3");
  CHECK(at(list.elements[1].at) == "4:9");
  CHECK(at(list.elements[2].at) == "4:13");
  CHECK(at(list.elements[2].members[0].at) == "4:14");
  CHECK(at(list.elements[2].members[0].value.at) == "4:18");
}

TEST_CASE("escapes, empty containers and a byte order mark do not shift positions") {
  const auto d =
      document::from_text("\xef\xbb\xbf{\"a\\\"\\\\\": [], \"b\": {}, \"c\": null}", "f");
  CHECK(d.root().members[0].key == "a\"\\");
  CHECK(at(d.root().at) == "1:1");
  CHECK(at(d.root().members[0].value.at) == "1:11");
  CHECK(at(d.root().members[1].at) == "1:15");
  CHECK(at(d.root().members[2].value.at) == "1:29");
}

TEST_CASE("a column counts characters, not bytes") {
  const auto d = document::from_text("{\"\xc3\xa4\xe2\x82\xac\": 1}", "f");
  CHECK(at(d.root().members[0].value.at) == "1:8");
}

TEST_CASE("an integer keeps every digit") {
  const auto d =
      document::from_text("[18446744073709551615, 9007199254740993, 18446744073709551616]", "f");
  CHECK(d.root().elements[0].integer == 18446744073709551615u);
  CHECK(d.root().elements[1].integer == 9007199254740993u);
  CHECK(d.root().elements[2].is(json_value::type::number));
  CHECK(d.root().elements[2].text == "18446744073709551616");
}

TEST_CASE("minus zero is the count zero") {
  const auto d = document::from_text("-0", "f");
  CHECK(d.root().is(json_value::type::count));
  CHECK(d.root().integer == 0);
}

TEST_CASE("a syntax error points at what is wrong") {
  struct example {
    const char* text;
    const char* error;
  };
  const example examples[] = {
      {"",
       "a.json:1:1: syntax error while parsing value - unexpected end of input; expected '[', "
       "'{', or a literal"},
      {"{\"a\": 1,\n \"b\": 2,}",
       "a.json:2:9: syntax error while parsing object key - unexpected '}'; expected string "
       "literal"},
      {"{\"a\": 1 \"b\": 2}",
       "a.json:1:9: syntax error while parsing object - unexpected string literal; expected '}'"},
      {"{\"a\": 12",
       "a.json:1:9: syntax error while parsing object - unexpected end of input; "
       "expected '}'"},
      {"{\"a\": nul}", "a.json:1:7: syntax error while parsing value - invalid literal"},
      {"{\"a\": \"x\ny\"}",
       "a.json:1:9: syntax error while parsing value - invalid string: control character U+000A "
       "(LF) must be escaped to \\u000A or \\n"},
      {"[1] [2]",
       "a.json:1:5: syntax error while parsing value - unexpected '['; expected end of "
       "input"},
      {"// note\n[]", "a.json:1:1: syntax error while parsing value - invalid literal"},
      {"[1e999]", "a.json:1:2: number overflow parsing '1e999'"},
      {"[0 , 1,, 2]",
       "a.json:1:8: syntax error while parsing value - unexpected ','; expected '[', "
       "'{', or a literal"},
      {"[-0.5e+1, tru, 1]", "a.json:1:11: syntax error while parsing value - invalid literal"},
      {"[1.x]",
       "a.json:1:2: syntax error while parsing value - invalid number; expected digit after '.'"},
      {"[01]",
       "a.json:1:3: syntax error while parsing array - unexpected number literal; expected "
       "']'"},
  };
  for (const example& e : examples) CHECK(parse_error(e.text) == e.error);
}

TEST_CASE("text hidden behind a NUL is refused") {
  CHECK(parse_error(std::string("{} \0{}", 6)) == "a.json:1:4: unexpected text after the value");
}

TEST_CASE("text that is not UTF-8 is refused") {
  CHECK(parse_error("[\"\xff\"]") ==
        "a.json:1:3: syntax error while parsing value - invalid string: ill-formed UTF-8 byte");
}

TEST_CASE("a token as long as the file does not make the message long") {
  const std::string error = parse_error("[\"" + std::string(100000, 'x'));
  CHECK(error.size() < 300);
}

TEST_CASE("all duplicate keys are named, with both positions") {
  CHECK(parse_error("{\"a\": 1, \"b\": {\"c\": 1,\n \"c\": 2},\n \"a\": 3}") ==
        "a.json:2:2: duplicate key \"c\"; first at line 1, column 16\n"
        "a.json:3:2: duplicate key \"a\"; first at line 1, column 2");
}

TEST_CASE("the same key in two objects is no duplicate") {
  CHECK(parse_error("[{\"a\": 1}, {\"a\": {\"a\": 2}}]") == "no error");
}

TEST_CASE("a text full of duplicate keys ends at the hundredth problem") {
  try {
    static_cast<void>(document::from_text("{\"a\":1" + repeated(",\"a\":1", 5000) + "}", "a.json"));
    FAIL("accepted");
  } catch (const base::input_error& e) {
    CHECK(e.problems().size() == 100);
  }
}

TEST_CASE("nesting is legal to 64 levels") {
  CHECK(parse_error(repeated("[", 64) + repeated("]", 64)) == "no error");
  CHECK(parse_error(repeated("[", 65) + repeated("]", 65)) ==
        "a.json:1:65: nested deeper than 64 levels");
  CHECK(parse_error(repeated("{\"a\":", 65)) == "a.json:1:321: nested deeper than 64 levels");
}

TEST_CASE("a text beyond 16 MiB is refused") {
  std::string text = "{}";
  text.resize(max_file_bytes, ' ');
  CHECK(parse_error(text) == "no error");
  CHECK(parse_error(text + " ") == "a.json: larger than 16 MiB");
}

TEST_CASE("more than a million values are refused") {
  CHECK(parse_error("[0" + repeated(",0", 999998) + "]") == "no error");
  CHECK(parse_error("[0" + repeated(",0", 999999) + "]") ==
        "a.json:1:2000000: more than 1000000 values");
}

TEST_CASE("a file that cannot be read is named with the reason") {
  CHECK(error_of([] { static_cast<void>(document::from_file("no/such.json")); }) ==
        "cannot open no/such.json: No such file or directory");
  CHECK(error_of([] { static_cast<void>(document::from_file("/")); }) ==
        "cannot open /: Is a directory");
}

TEST_CASE("an endless device is refused like a large file") {
  CHECK(error_of([] { static_cast<void>(document::from_file("/dev/zero")); }) ==
        "/dev/zero: larger than 16 MiB");
}

}  // namespace
}  // namespace svasim::describe::test
