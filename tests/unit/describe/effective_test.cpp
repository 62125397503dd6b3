#include "describe/effective.h"

#include <rapidcheck.h>

#include <catch2/catch.hpp>
#include <string>

#include "describe/reader.h"
#include "sample.h"

namespace svasim::describe::test {
namespace {

sample_params full_sample() {
  sample_params s;
  s.devices.resize(1);
  return s;
}

TEST_CASE("the effective configuration holds every field with its unit") {
  CHECK(effective(full_sample()).dump() ==
        R"({"budget":10,"checked":false,"devices":[{"link":"16GB/s","name":"nic","payload":"256B",)"
        R"("seed":1}],"tbu":{"clock":"1GHz","main_tlb":{"entries":64,"latency":"4ns",)"
        R"("replacement":"lru","ways":4}}})");
}

sample_params any_sample() {
  const auto below = [](std::uint64_t n) { return *rc::gen::inRange<std::uint64_t>(0, n); };
  sample_params s;
  s.checked = *rc::gen::arbitrary<bool>();
  s.budget = 1 + below(1000000000000);
  s.tbu.clock = base::frequency(100000001 + below(3899999999));
  tlb_params& t = s.tbu.main_tlb;
  t.ways = static_cast<std::uint32_t>(1 + below(64));
  t.entries = static_cast<std::uint32_t>(t.ways * below(1024));
  t.replacement = *rc::gen::element(policy::lru, policy::plru, policy::random);
  t.latency = base::duration(below(1000001));
  s.devices.resize(below(4));
  for (device_params& d : s.devices) {
    d.name = *rc::gen::container<std::string>(rc::gen::inRange<char>(0, 127));
    d.seed = *rc::gen::arbitrary<std::uint64_t>();
    d.link = base::byte_rate(1 + below(256000000000));
    d.payload = base::byte_size(128 + below(3969));
  }
  return s;
}

TEST_CASE("the effective configuration read back gives the same struct") {
  REQUIRE(rc::check([] {
    const sample_params s = any_sample();
    sample_params back = full_sample();
    const int indent = *rc::gen::inRange(-1, 3);
    read_into(document::from_text(effective(s).dump(indent), "effective"), back);
    return back == s && effective_digest(back) == effective_digest(s);
  }));
}

TEST_CASE("the digest is FNV-1a 64 of the compact JSON, and sees every field") {
  struct nothing {
    void describe(visitor&) {}
  };
  CHECK(effective_digest(nothing{}) == "08f44b07b5901a25");  // of the two characters {}
  sample_params s;
  const std::string before = effective_digest(s);
  CHECK(before.size() == 16);
  s.tbu.main_tlb.latency += base::ps(1);
  CHECK(effective_digest(s) != before);
}

TEST_CASE("the provenance of a value is its source, its file, the command line or its default's") {
  document d = document::from_text(
      R"({"budget": {"value": 5, "source": "D: paper"}, "checked": false,
          "tbu": {"clock": "2GHz", "main_tlb": {"entries": {"value": 8}}},
          "devices": [{"seed": 4}]})",
      "conf/a.json");
  apply_override(d, "tbu.main_tlb.ways=2");
  sample_params s;
  read_into(d, s);
  const std::map<std::string, std::string> expected = {
      {"budget", "D: paper"},
      {"checked", "set in conf/a.json"},
      {"devices.0.link", "T: Gen4 x8"},
      {"devices.0.name", ""},
      {"devices.0.payload", "A: assumed"},
      {"devices.0.seed", "set in conf/a.json"},
      {"tbu.clock", "set in conf/a.json"},
      {"tbu.main_tlb.entries", "set in conf/a.json"},
      {"tbu.main_tlb.latency", "M: measured | twice"},
      {"tbu.main_tlb.replacement", "A: assumed"},
      {"tbu.main_tlb.ways", "set by --set"}};
  CHECK(effective_provenance(s, d) == expected);
}

TEST_CASE("without a document every provenance is that of the default") {
  const auto all = effective_provenance(full_sample());
  CHECK(all.size() == 11);
  CHECK(all.at("budget") == "A: assumed");
  CHECK(all.at("devices.0.link") == "T: Gen4 x8");
}

TEST_CASE("the parameters are the fields, in order, with what a sweep needs") {
  const auto all = parameters(full_sample());
  std::string paths;
  for (const parameter_info& p : all) paths += p.path + " ";
  CHECK(paths ==
        "checked budget tbu.clock tbu.main_tlb.entries tbu.main_tlb.ways tbu.main_tlb.replacement "
        "tbu.main_tlb.latency devices.0.name devices.0.seed devices.0.link devices.0.payload ");

  const parameter_info& entries = all[3];
  CHECK(entries.kind == declaration::kind::count);
  CHECK(entries.unit == "entries");
  CHECK(entries.min == 0);
  CHECK(entries.max == 65536);
  CHECK(entries.value == "64");
  CHECK(entries.sentence == "Translations held; 0 leaves it out.");
  CHECK(entries.provenance == "T: manual table 2");

  const parameter_info& replacement = all[5];
  CHECK(replacement.kind == declaration::kind::choice);
  CHECK(replacement.choices == std::vector<std::string>{"lru", "plru", "random"});
  CHECK(replacement.value == "lru");

  const parameter_info& latency = all[6];
  CHECK(latency.kind == declaration::kind::time);
  CHECK(latency.unit == "ps");
  CHECK(latency.max == 1000000);
  CHECK(latency.value == "4ns");
}

TEST_CASE("every parameter can be set by its path to the value that it has") {
  const sample_params s = full_sample();
  for (const parameter_info& p : parameters(s)) {
    document d = document::from_text(R"({"devices": [{}]})", "a");
    apply_override(d, p.path + "=" + p.value);
    sample_params back = s;
    read_into(d, back);
    CHECK(back == s);
    CHECK(effective_provenance(back, d).at(p.path) == "set by --set");
  }
}

}  // namespace
}  // namespace svasim::describe::test
