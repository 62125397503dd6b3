#include <catch2/catch.hpp>
#include <string>

#include "describe/document.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "sample.h"

namespace svasim::describe::test {
namespace {

std::string load_error(const scratch_directory& dir, const std::string& path) {
  return dir.relative(error_of([&] { static_cast<void>(document::from_file(path)); }));
}

std::string read_error(const scratch_directory& dir, const std::string& path) {
  return dir.relative(error_of([&] {
    sample_params s;
    read_into(document::from_file(path), s);
  }));
}

TEST_CASE("own members override included ones, object by object") {
  const scratch_directory dir;
  dir.write("parts/tbu.json", R"({"clock": "2GHz", "main_tlb": {"entries": 128, "ways": 8}})");
  const auto path = dir.write(
      "a.json", R"({"tbu": {"main_tlb": {"entries": 256}, "$include": "parts/tbu.json"}})");
  sample_params s;
  read_into(document::from_file(path), s);
  CHECK(s.tbu.clock == base::mhz(2000));
  CHECK(s.tbu.main_tlb.entries == 256);
  CHECK(s.tbu.main_tlb.ways == 8);
}

TEST_CASE("of two includes the later one wins") {
  const scratch_directory dir;
  dir.write("x.json", R"({"budget": 1, "checked": true})");
  dir.write("y.json", R"({"budget": 2})");
  const auto path = dir.write("a.json", R"({"$include": ["x.json", "y.json"]})");
  sample_params s;
  read_into(document::from_file(path), s);
  CHECK(s.budget == 2);
  CHECK(s.checked);
}

TEST_CASE("a list replaces the included list whole") {
  const scratch_directory dir;
  dir.write("x.json", R"({"devices": [{"seed": 7}, {"seed": 8}]})");
  const auto path = dir.write("a.json", R"({"$include": "x.json", "devices": [{"name": "gpu"}]})");
  sample_params s;
  read_into(document::from_file(path), s);
  REQUIRE(s.devices.size() == 1);
  CHECK(s.devices[0].seed == 1);
}

TEST_CASE("an element of a list may include") {
  const scratch_directory dir;
  dir.write("parts/gpu.json", R"({"name": "gpu", "link": "32GB/s"})");
  const auto path =
      dir.write("a.json", R"({"devices": [{"$include": "parts/gpu.json", "name": "gpu0"}]})");
  sample_params s;
  read_into(document::from_file(path), s);
  CHECK(s.devices.at(0).name == "gpu0");
  CHECK(s.devices.at(0).link == base::gigabytes_per_s(32));
}

TEST_CASE("an include is relative to the file that says so") {
  const scratch_directory dir;
  dir.write("parts/deep/tlb.json", R"({"entries": 32})");
  dir.write("parts/tbu.json", R"({"main_tlb": {"$include": "deep/../deep/tlb.json"}})");
  const auto path = dir.write("a.json", R"({"tbu": {"$include": "parts/tbu.json"}})");
  sample_params s;
  read_into(document::from_file(path), s);
  CHECK(s.tbu.main_tlb.entries == 32);
}

TEST_CASE("a problem is shown in the file that the value came from") {
  const scratch_directory dir;
  dir.write("parts/tlb.json", "{\n  \"entires\": 5,\n  \"ways\": 0\n}");
  const auto path = dir.write("a.json",
                              "{\"tbu\": {\"clock\": 5,\n \"main_tlb\": {\"$include\": "
                              "\"parts/tlb.json\", \"latency\": 1}}}");
  CHECK(read_error(dir, path) ==
        "a.json:1:19: tbu.clock needs a frequency such as \"2.75GHz\", not 5\n"
        "a.json:2:56: tbu.main_tlb.latency needs a time such as \"190ns\", not 1\n"
        "parts/tlb.json:2:3: tbu.main_tlb: unknown key \"entires\"; did you mean \"entries\"?\n"
        "parts/tlb.json:3:11: tbu.main_tlb.ways must be 1 to 64 ways, but is 0");
}

TEST_CASE("what both files say is shown in the including one") {
  const scratch_directory dir;
  dir.write("x.json", "{\"zzz\": 1, \"tbu\": {\"main_tlb\": {\"latency\": \"1ns\"}}}");
  const auto path = dir.write("a.json",
                              "{\"$include\": \"x.json\",\n \"zzz\": 2,\n"
                              " \"tbu\": {\"main_tlb\": {\"entries\": 6}}}");
  CHECK(read_error(dir, path) ==
        "a.json:2:2: unknown key \"zzz\"\n"
        "a.json:3:22: tbu.main_tlb.ways: 4 ways do not divide 6 entries");
}

TEST_CASE("an overridden value does not keep the source of the included one") {
  const scratch_directory dir;
  dir.write("x.json", R"({"budget": {"value": 5, "source": "D: paper"}})");
  const auto plain = dir.write("a.json", R"({"$include": "x.json", "budget": 6})");
  const auto bare = dir.write("b.json", R"({"$include": "x.json", "budget": {"value": 7}})");
  sample_params s;
  const auto a = document::from_file(plain);
  read_into(a, s);
  CHECK(dir.relative(effective_provenance(s, a).at("budget")) == "set in a.json");
  const auto b = document::from_file(bare);
  read_into(b, s);
  CHECK(s.budget == 7);
  CHECK(dir.relative(effective_provenance(s, b).at("budget")) == "set in b.json");
}

TEST_CASE("a file that includes itself is refused, directly or through others") {
  const scratch_directory dir;
  const auto self = dir.write("self.json", "{\"$include\": \"self.json\"}");
  CHECK(load_error(dir, self) == "self.json:1:14: self.json includes itself");
  dir.write("b.json", "{\"x\": {\"$include\": \"./a.json\"}}");
  const auto a = dir.write("a.json", "{\"$include\": \"b.json\"}");
  CHECK(load_error(dir, a) == "b.json:1:20: a.json includes itself");
}

TEST_CASE("the same file may be included twice side by side") {
  const scratch_directory dir;
  dir.write("x.json", R"({"name": "x"})");
  const auto path =
      dir.write("a.json", R"({"devices": [{"$include": "x.json"}, {"$include": "x.json"}]})");
  CHECK(read_error(dir, path) == "no error");
}

TEST_CASE("includes nest to a depth of 16") {
  const scratch_directory dir;
  dir.write("f0.json", "{\"checked\": true}");
  for (int i = 1; i <= 17; ++i) {
    dir.write("f" + std::to_string(i) + ".json",
              "{\"$include\": \"f" + std::to_string(i - 1) + ".json\"}");
  }
  CHECK(load_error(dir, dir.path("f16.json")) == "no error");
  CHECK(load_error(dir, dir.path("f17.json")) ==
        "f1.json:1:14: includes nested deeper than 16 files");
}

TEST_CASE("an include that cannot be used says where and why") {
  const scratch_directory dir;
  dir.write("list.json", " [1]");
  dir.write("broken.json", "{\n\"a\" 1}");
  const auto missing = dir.write("a.json", "{\n \"$include\": \"parts/none.json\"}");
  CHECK(load_error(dir, missing) ==
        "a.json:2:14: cannot open parts/none.json: No such file or directory");
  const auto outside = dir.write("b.json", "{\"$include\": \"/no/such/file.json\"}");
  CHECK(load_error(dir, outside) ==
        "b.json:1:14: cannot open /no/such/file.json: No such file or directory");
  const auto number = dir.write("c.json", "{\"$include\": [\"list.json\", 5]}");
  CHECK(load_error(dir, number) == "list.json:1:2: an included file needs an object, not a list");
  const auto five = dir.write("d.json", "{\"$include\": 5}");
  CHECK(load_error(dir, five) == "d.json:1:14: \"$include\" needs a file name, not 5");
  const auto broken = dir.write("e.json", "{\"$include\": \"broken.json\"}");
  CHECK(load_error(dir, broken) ==
        "broken.json:2:5: syntax error while parsing object separator - unexpected number literal; "
        "expected ':'");
}

TEST_CASE("includes that multiply are stopped by the number of values") {
  const scratch_directory dir;
  std::string values = "{\"v\": [0";
  for (int i = 0; i < 999; ++i) values += ",0";
  dir.write("f0.json", values + "]}");
  for (int i = 1; i <= 8; ++i) {
    const std::string inner = "{\"$include\": \"f" + std::to_string(i - 1) + ".json\"}";
    std::string text = "{\"a\": " + inner;
    for (const char* key : {"b", "c", "d", "e", "f", "g", "h"}) {
      text += ", \"" + std::string(key) + "\": " + inner;
    }
    dir.write("f" + std::to_string(i) + ".json", text + "}");
  }
  CHECK_THAT(load_error(dir, dir.path("f8.json")), Catch::Contains("more than 1000000 values"));
}

}  // namespace
}  // namespace svasim::describe::test
