#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "describe/document.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "sample.h"

namespace svasim::describe::test {
namespace {

sample_params with(const std::string& text, const std::vector<std::string>& assignments) {
  document d = document::from_text(text, "a.json");
  for (const std::string& a : assignments) apply_override(d, a);
  sample_params s;
  read_into(d, s);
  return s;
}

std::string error_with(const std::string& text, const std::vector<std::string>& assignments) {
  return error_of([&] { static_cast<void>(with(text, assignments)); });
}

TEST_CASE("an override is JSON when it parses and a string otherwise") {
  const auto s = with(R"({"devices": [{}]})",
                      {"tbu.main_tlb.entries=512", "tbu.main_tlb.latency=7ns", "checked=true",
                       "devices.0.name=\"5\"", "tbu.main_tlb.replacement=plru"});
  CHECK(s.tbu.main_tlb.entries == 512);
  CHECK(s.tbu.main_tlb.latency == base::ns(7));
  CHECK(s.checked);
  CHECK(s.devices[0].name == "5");
  CHECK(s.tbu.main_tlb.replacement == policy::plru);
}

TEST_CASE("the last of two overrides wins, and the file loses") {
  CHECK(with(R"({"budget": 3})", {"budget=4", "budget=5"}).budget == 5);
}

TEST_CASE("an override may hold equals signs, dots and whole objects") {
  const auto s = with(R"({"devices": [{}, {"seed": 9}]})",
                      {"devices.1.name=a=b.c", R"(tbu={"main_tlb": {"entries": 8}})"});
  CHECK(s.devices[1].name == "a=b.c");
  CHECK(s.devices[1].seed == 9);
  CHECK(s.tbu.main_tlb.entries == 8);
}

TEST_CASE("an override replaces what the file says, with its members") {
  const auto s = with(R"({"tbu": {"clock": "3GHz"}})", {R"(tbu={"main_tlb": {"ways": 2}})"});
  CHECK(s.tbu.clock == base::mhz(1000));
}

TEST_CASE("an override may include a file") {
  const scratch_directory dir;
  const auto part = dir.write("tlb.json", R"({"entries": 24})");
  CHECK(with("{}", {R"(tbu.main_tlb={"$include": ")" + part + "\"}"}).tbu.main_tlb.entries == 24);
}

TEST_CASE("a bad override is shown as it was typed") {
  CHECK(error_with("{}", {"budget"}) == "--set budget: needs the form path=value");
  CHECK(error_with("{}", {"=5"}) == "--set =5: a name in the path is empty");
  CHECK(error_with("{}", {"tbu..clock=5"}) == "--set tbu..clock=5: a name in the path is empty");
  CHECK(error_with(R"({"devices": [{}, {}]})", {"devices.2.seed=5"}) ==
        "--set devices.2.seed=5: devices has 2 elements; there is no \"2\"");
  CHECK(error_with(R"({"devices": [{}]})", {"devices.x.seed=5"}) ==
        "--set devices.x.seed=5: devices has 1 elements; there is no \"x\"");
  CHECK(error_with(R"({"devices": [{}]})", {"devices.99999999999999999999.seed=5"}) ==
        "--set devices.99999999999999999999.seed=5: devices has 1 elements; there is no "
        "\"99999999999999999999\"");
  CHECK(error_with("{}", {"tbu={\"clock\": 1, \"clock\": 2}"}) ==
        "--set tbu={\"clock\": 1, \"clock\": 2}: duplicate key \"clock\"");
  CHECK_THAT(error_with("{}", {"tbu=\xff"}), Catch::EndsWith(": not valid UTF-8"));
}

TEST_CASE("a path as deep as a document may be is the deepest") {
  std::string path = "a";
  for (int i = 0; i < 64; ++i) path += ".a";
  CHECK_THAT(error_with("{}", {path + "=1"}), Catch::EndsWith(": nested deeper than 64 levels"));
}

TEST_CASE("the reader's complaints about an override name it") {
  CHECK(error_with("{\"budget\": 0}", {"tbu.main_tlb.entires=5", "tbu.clock=5"}) ==
        "a.json:1:12: budget must be 1 to 1000000000000 transactions, but is 0\n"
        "--set tbu.main_tlb.entires=5: tbu.main_tlb: unknown key \"entires\"; did you mean "
        "\"entries\"?\n"
        "--set tbu.clock=5: tbu.clock needs a frequency such as \"2.75GHz\", not 5");
}

TEST_CASE("an unknown key that both the file and an override give is blamed on the override") {
  CHECK(error_with("{\"zzz\": 1}", {"zzz=2"}) == "--set zzz=2: unknown key \"zzz\"");
}

TEST_CASE("an override inside a value with a source does not keep that source") {
  document d = document::from_text(R"({"budget": {"value": 5, "source": "D: paper"}})", "a.json");
  apply_override(d, "budget.value=6");
  sample_params s;
  read_into(d, s);
  CHECK(s.budget == 6);
  CHECK(effective_provenance(s, d).at("budget") == "set by --set");
}

TEST_CASE("an override that a rule refuses is the one to blame") {
  CHECK(error_with("{}", {"tbu.main_tlb.ways=7"}) ==
        "--set tbu.main_tlb.ways=7: tbu.main_tlb.ways: 7 ways do not divide 64 entries");
}

}  // namespace
}  // namespace svasim::describe::test
