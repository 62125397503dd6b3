#include "analysis/result.h"

#include <catch2/catch.hpp>
#include <functional>

#include "base/error.h"
#include "tests/unit/analysis/example.h"

using namespace svasim;
using analysis::parse_result;
using json = nlohmann::json;

namespace {

std::string error_of(const std::string& text) {
  try {
    parse_result(text, "r.json");
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "accepted";
}

std::string error_after(const std::function<void(json&)>& change) {
  json document = test::example_json();
  change(document);
  return error_of(document.dump());
}

}  // namespace

TEST_CASE("the example is read as it is written") {
  const analysis::result r = test::example();
  CHECK(r.svasim_version == "0.1.0");
  CHECK(r.platform.provenance.at("smmu.tbu.main_tlb.latency") == "set by --set");
  CHECK(r.input.accesses == 100);
  CHECK(r.run.commands_by_opcode.at("SYNC") == 6);
  CHECK(r.translation.count == 100);
  CHECK(r.translation.max == 426000);
  CHECK(r.write.sum == 4780000);
  REQUIRE(r.stages.size() == 9);
  CHECK(r.stages[3].name == "tbu_lookup");
  CHECK(r.stages[3].group == analysis::stage_group::translation);
  CHECK(r.structures.at(0).hits == 90);
  CHECK(r.walks.by_level.at(1).reads == 10);
  CHECK(r.link.down_busy_ps == 5000000);
  CHECK(r.units.at("parameters.smmu.tbu.main_tlb.entries") == "entries");
}

TEST_CASE("a run in which nothing completed has no quantiles") {
  const analysis::result r = analysis::result_from_json(test::empty_run_json(), "r.json");
  CHECK(r.read.count == 0);
  CHECK_FALSE(r.read.p99.has_value());
}

TEST_CASE("units may be left out") {
  CHECK(error_after([](json& d) { d.erase("units"); }) == "accepted");
}

TEST_CASE("text that is no JSON is refused with line and column") {
  CHECK(error_of("").substr(0, 12) == "r.json:1:1: ");
  CHECK(error_of("{\n  \"format\": 1,\n  }").substr(0, 12) == "r.json:3:3: ");
  CHECK(error_of("{} x").substr(0, 12) == "r.json:1:4: ");
}

TEST_CASE("a member given twice is refused") {
  CHECK(error_of(R"({"format":1,"format":1})") == "r.json: member \"format\" given twice");
}

TEST_CASE("nesting without end is refused") {
  CHECK(error_of(std::string(100000, '[')) == "r.json: nested deeper than 64");
}

TEST_CASE("another format is refused before anything else") {
  CHECK(error_of(R"({"format":2})") == "r.json: format: must be 1");
  CHECK(error_of("{}") == "r.json: format: is missing");
  CHECK(error_of("[]").substr(0, 25) == "r.json: must be an object");
}

TEST_CASE("numbers must be unsigned 64-bit integers") {
  const std::string expected =
      "r.json: run.bytes: must be an integer from 0 to 18446744073709551615";
  for (const char* bad : {"-1", "1.0", "1e3", "18446744073709551616", "\"1\"", "null", "true"}) {
    CHECK(error_after([&](json& d) { d["run"]["bytes"] = json::parse(bad); }) == expected);
  }
  CHECK(error_after([](json& d) { d["run"]["bytes"] = 18446744073709551615u; }) == "accepted");
}

TEST_CASE("all problems of a document are told at once, each with its path") {
  CHECK(error_after([](json& d) {
          d["input"].erase("digest");
          d["platform"]["provenance"]["seed"] = 3;
          d["stages"][2]["group"] = "wire";
          d["walks"]["by_level"][1]["colour"] = "blue";
          d["extra"] = 1;
        }) ==
        "r.json: platform.provenance.seed: must be a text\n"
        "r.json: input.digest: is missing\n"
        "r.json: stages.2.group: must be translation, link, memory or device\n"
        "r.json: walks.by_level.1.colour: is not known here\n"
        "r.json: extra: is not known here");
}

TEST_CASE("a histogram that contradicts itself is refused") {
  CHECK(error_after([](json& d) { d["latency"]["read"]["p99"] = nullptr; }) ==
        "r.json: latency.read: min, max and quantiles must be integers");
  CHECK(error_after([](json& d) { d["latency"]["write"]["bins"][0][1] = 19; }) ==
        "r.json: latency.write.bins: add up to 19, but count is 20");
  CHECK(error_after([](json& d) { d["latency"]["write"]["bins"][0] = json::array({1}); }) ==
        "r.json: latency.write.bins: entry 0 must be [upper edge, count]");
  CHECK(error_after([](json& d) {
          d["latency"]["write"]["bins"] = json::parse("[[9,10],[9,10]]");
        }) == "r.json: latency.write.bins: entry 1 does not rise");
}

TEST_CASE("parts that miss the whole are refused") {
  CHECK(error_after([](json& d) { d["stages"][7]["sum_ps"] = 8799999; }) ==
        "r.json: stages: add up to 38271999 ps, reads and writes to 38272000 ps");
  CHECK(error_after([](json& d) { d["stages"][7]["group"] = "translation"; }) ==
        "r.json: stages: of translation add up to 10612000 ps, latency.translation to 1812000 ps");
  CHECK(error_after([](json& d) { d["run"]["in_flight"] = 1; }) ==
        "r.json: run: 100 requests, but 101 completed, faulted or in flight");
  CHECK(error_after([](json& d) { d["structures"][0]["hits"] = 91; }) ==
        "r.json: structures.0.lookups: 100 is not 91 hits + 10 misses");
}

TEST_CASE("a file that is not there is named") {
  CHECK_THROWS_WITH(analysis::read_result("/nowhere/result.json"),
                    "cannot open /nowhere/result.json: No such file or directory");
}
