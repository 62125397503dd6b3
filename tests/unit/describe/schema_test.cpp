#include "describe/schema.h"

#include <catch2/catch.hpp>
#include <cstdlib>
#include <string>
#include <vector>

#include "base/file.h"
#include "describe/effective.h"
#include "describe/reader.h"
#include "sample.h"

namespace svasim::describe::test {
namespace {

nlohmann::json schema_of_sample() {
  return nlohmann::json::parse(schema_json(sample_params{}, "Sample"));
}

// What python3-jsonschema says of each document: "ok" or "no".
std::string verdicts(const std::vector<std::string>& documents) {
  const scratch_directory dir;
  std::string list;
  for (const std::string& d : documents) list += (list.empty() ? "[" : ",\n") + d;
  const auto schema = dir.write("schema.json", schema_json(sample_params{}, "Sample"));
  const auto given = dir.write("documents.json", list + "]");
  const auto answer = dir.path("answer.txt");
  const std::string script = SVASIM_SOURCE_DIR "/tests/unit/describe/schema_check.py";
  const std::string command =
      "/usr/bin/python3 '" + script + "' '" + schema + "' '" + given + "' > '" + answer + "'";
  REQUIRE(std::system(command.c_str()) == 0);
  return base::read_file(answer);
}

bool reader_accepts(const std::string& text) {
  sample_params s;
  try {
    read_into(document::from_text(text, "a"), s);
    return true;
  } catch (const base::input_error&) {
    return false;
  }
}

const std::vector<std::string>& good_documents() {
  static const std::vector<std::string> all = {
      "{}",
      R"({"$schema": "s", "$comment": "c"})",
      R"({"budget": 1000000000000, "checked": true})",
      R"({"budget": {"value": 5, "source": "D: paper", "$comment": "c"}})",
      R"({"tbu": {"clock": "2.75GHz", "main_tlb": {"replacement": "plru", "latency": "190 ns"}}})",
      R"({"tbu": {"clock": {"value": "100MHz"}, "main_tlb": {"$comment": ""}}})",
      R"({"devices": []})",
      R"({"devices": [{}, {"name": "x", "seed": 18446744073709551615, "link": "1B/s"}]})",
      R"({"devices": [{"payload": "0.5KiB"}, {"payload": "4KiB"}, {"payload": "128B"}]})",
  };
  return all;
}

const std::vector<std::string>& broken_documents() {
  static const std::vector<std::string> all = {
      "[]",
      "null",
      R"({"budgte": 1})",
      R"({"$comment": 5})",
      R"({"$schema": []})",
      R"({"budget": 0})",
      R"({"budget": 1000000000001})",
      R"({"budget": -1})",
      R"({"budget": 1.5})",
      R"({"budget": "5"})",
      R"({"budget": null})",
      R"({"budget": [1]})",
      R"({"budget": {}})",
      R"({"budget": {"value": 0}})",
      R"({"budget": {"value": 1, "source": 5}})",
      R"({"budget": {"value": 1, "note": "x"}})",
      R"({"checked": 1})",
      R"({"checked": "true"})",
      R"({"tbu": []})",
      R"({"tbu": {"clock": "2.75"}})",
      R"({"tbu": {"clock": 5}})",
      R"({"tbu": {"clock": "2.75GHZ"}})",
      R"({"tbu": {"clock": ".5GHz"}})",
      R"({"tbu": {"clock": "+1GHz"}})",
      R"({"tbu": {"clock": " 1GHz"}})",
      R"({"tbu": {"main_tlb": {"latency": "-1ns"}}})",
      R"({"tbu": {"main_tlb": {"latency": "1 min"}}})",
      R"({"tbu": {"main_tlb": {"latency": "1  ns"}}})",
      R"({"tbu": {"main_tlb": {"replacement": "LRU"}}})",
      R"({"tbu": {"main_tlb": {"replacement": 0}}})",
      R"({"tbu": {"main_tlb": {"entries": 65537}}})",
      R"({"tbu": {"main_tlb": {"ways": 0}}})",
      R"({"devices": {}})",
      R"({"devices": [5]})",
      R"({"devices": [{}, {}, {}, {}]})",
      R"({"devices": [{"seed": 18446744073709551616}]})",
      R"({"devices": [{"payload": "4KB"}]})",
      R"({"devices": [{"link": "16Gb/s"}]})",
      R"({"devices": [{"name": 5}]})",
  };
  return all;
}

std::string repeated(const char* word, std::size_t n) {
  std::string out;
  for (std::size_t i = 0; i < n; ++i) out += (out.empty() ? "" : " ") + std::string(word);
  return out + "\n";
}

TEST_CASE("the schema is valid draft-07 and accepts what the reader accepts") {
  for (const std::string& d : good_documents()) {
    INFO(d);
    CHECK(reader_accepts(d));
  }
  CHECK(verdicts(good_documents()) == repeated("ok", good_documents().size()));
}

TEST_CASE("the schema refuses broken documents, and so does the reader") {
  for (const std::string& d : broken_documents()) {
    INFO(d);
    CHECK_FALSE(reader_accepts(d));
  }
  CHECK(verdicts(broken_documents()) == repeated("no", broken_documents().size()));
}

TEST_CASE("the schema accepts what only includes make whole") {
  CHECK(verdicts({R"({"$include": "x.json"})", R"({"tbu": {"$include": ["x.json", "y.json"]}})",
                  R"({"budget": {"source": "the included value, explained"}})",
                  R"({"$include": 5})", R"({"$include": [5]})"}) == "ok ok ok no no\n");
}

TEST_CASE("the effective configuration is a document of the schema") {
  sample_params s;
  s.devices.resize(3);
  CHECK(verdicts({effective(s).dump()}) == "ok\n");
}

TEST_CASE("the schema carries sentence, range, unit, default and provenance") {
  const auto schema = schema_of_sample();
  CHECK(schema["title"] == "Sample");
  CHECK(schema["$schema"] == "http://json-schema.org/draft-07/schema#");
  const auto& tlb = schema["properties"]["tbu"]["properties"]["main_tlb"];
  CHECK(tlb["description"] == "The TLB that all streams share.");
  const auto& entries = tlb["properties"]["entries"];
  CHECK(entries["description"] ==
        "Translations held; 0 leaves it out. Unit: entries. Default from: T: manual table 2");
  CHECK(entries["default"] == 64);
  CHECK(entries["anyOf"][0] ==
        nlohmann::json({{"type", "integer"}, {"minimum", 0}, {"maximum", 65536}}));
  CHECK(tlb["properties"]["latency"]["description"] ==
        "Lookup to hit. Range: 0ps to 1us. Default from: M: measured | twice");
  CHECK(tlb["properties"]["latency"]["default"] == "4ns");
  CHECK(schema["properties"]["devices"]["maxItems"] == 3);
}

}  // namespace
}  // namespace svasim::describe::test
