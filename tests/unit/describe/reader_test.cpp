#include "describe/reader.h"

#include <catch2/catch.hpp>
#include <stdexcept>
#include <string>

#include "sample.h"

namespace svasim::describe::test {
namespace {

std::string read_error(const std::string& text) {
  return error_of([&] {
    sample_params s;
    read_into(document::from_text(text, "a"), s);
  });
}

TEST_CASE("an empty document leaves every default") {
  sample_params s;
  s.budget = 77;
  read_into(document::from_text("{}", "a"), s);
  CHECK(s.budget == 77);
}

TEST_CASE("annotations are legal in any object") {
  CHECK(read_error(R"({"$schema": "s.json", "$comment": "c", "tbu": {"$comment": "c"},
    "budget": {"value": 3, "source": "paper", "$comment": "c"}, "devices": [{"$schema": ""}]})") ==
        "no error");
}

TEST_CASE("every kind of problem has its own exact text") {
  struct example {
    const char* text;
    const char* error;
  };
  const example examples[] = {
      // Keys.
      {R"({"budgte": 1})", R"(a:1:2: unknown key "budgte"; did you mean "budget"?)"},
      {R"({"zzz": 1})", R"(a:1:2: unknown key "zzz")"},
      {R"({"tbu": {"clok": 1}})", R"(a:1:10: tbu: unknown key "clok"; did you mean "clock"?)"},
      {R"({"devices": [{}, {"sed": 1}]})",
       R"(a:1:19: devices.1: unknown key "sed"; did you mean "seed"?)"},
      {R"({"$schema": 5})", "a:1:13: $schema needs a string, not 5"},
      {R"({"tbu": {"$comment": []}})", "a:1:22: tbu.$comment needs a string, not a list"},
      {R"({"a\u0001b": 5})", R"(a:1:2: unknown key "a\x01b")"},
      // Counts.
      {R"({"budget": "5"})", R"(a:1:12: budget needs a whole number of transactions, not "5")"},
      {R"({"budget": 1.5})", "a:1:12: budget needs a whole number of transactions, not 1.5"},
      {R"({"budget": 1e3})", "a:1:12: budget needs a whole number of transactions, not 1e3"},
      {R"({"budget": null})", "a:1:12: budget needs a whole number of transactions, not null"},
      {R"({"budget": true})", "a:1:12: budget needs a whole number of transactions, not true"},
      {R"({"budget": [5]})", "a:1:12: budget needs a whole number of transactions, not a list"},
      {R"({"devices": [{"seed": "1"}]})",
       R"(a:1:23: devices.0.seed needs a whole number, not "1")"},
      {R"({"budget": -5})", "a:1:12: budget must not be negative, but is -5"},
      {R"({"budget": -99999999999999999999})",
       "a:1:12: budget must not be negative, but is -99999999999999999999"},
      {R"({"budget": 18446744073709551616})",
       "a:1:12: budget does not fit in 64 bits: 18446744073709551616"},
      {R"({"budget": 0})", "a:1:12: budget must be 1 to 1000000000000 transactions, but is 0"},
      {R"({"tbu": {"main_tlb": {"entries": 4294967296}}})",
       "a:1:34: tbu.main_tlb.entries must be 0 to 65536 entries, but is 4294967296"},
      // Quantities.
      {R"({"tbu": {"main_tlb": {"latency": "190"}}})",
       R"(a:1:34: tbu.main_tlb.latency needs a time such as "190ns", not "190")"},
      {R"({"tbu": {"main_tlb": {"latency": 190}}})",
       R"(a:1:34: tbu.main_tlb.latency needs a time such as "190ns", not 190)"},
      {R"({"tbu": {"main_tlb": {"latency": "-1ns"}}})",
       R"(a:1:34: tbu.main_tlb.latency needs a time such as "190ns", not "-1ns")"},
      {R"({"tbu": {"main_tlb": {"latency": "0.1ps"}}})",
       R"(a:1:34: tbu.main_tlb.latency needs a time such as "190ns", not "0.1ps")"},
      {R"({"tbu": {"main_tlb": {"latency": "2us"}}})",
       "a:1:34: tbu.main_tlb.latency must be 0ps to 1us, but is 2us"},
      {R"({"tbu": {"clock": "1GB"}})",
       R"(a:1:19: tbu.clock needs a frequency such as "2.75GHz", not "1GB")"},
      {R"({"tbu": {"clock": "99MHz"}})", "a:1:19: tbu.clock must be 100MHz to 4GHz, but is 99MHz"},
      {R"({"devices": [{"payload": "256"}]})",
       R"(a:1:26: devices.0.payload needs a size such as "4KiB", not "256")"},
      {R"({"devices": [{"payload": "8KiB"}]})",
       "a:1:26: devices.0.payload must be 128B to 4KiB, but is 8KiB"},
      {R"({"devices": [{"link": "16Gbit"}]})",
       R"(a:1:23: devices.0.link needs a rate such as "16GB/s", not "16Gbit")"},
      {R"({"devices": [{"link": "0B/s"}]})",
       "a:1:23: devices.0.link must be 1B/s to 256GB/s, but is 0B/s"},
      // Other fields.
      {R"({"checked": 1})", "a:1:13: checked needs true or false, not 1"},
      {R"({"devices": [{"name": 5}]})", "a:1:23: devices.0.name needs a string, not 5"},
      {R"({"tbu": {"main_tlb": {"replacement": "lfu"}}})",
       R"(a:1:38: tbu.main_tlb.replacement must be one of "lru", "plru", "random", not "lfu")"},
      {R"({"tbu": {"main_tlb": {"replacement": 0}}})",
       R"(a:1:38: tbu.main_tlb.replacement must be one of "lru", "plru", "random", not 0)"},
      // Values with a source.
      {R"({"budget": {"value": 0, "source": "x"}})",
       "a:1:22: budget must be 1 to 1000000000000 transactions, but is 0"},
      {R"({"budget": {"source": "x"}})", R"(a:1:12: budget has no "value")"},
      {R"({"budget": {"value": 1, "sorce": "x"}})",
       R"(a:1:25: budget: unknown key "sorce"; did you mean "source"?)"},
      {R"({"budget": {"value": 1, "source": 5}})", "a:1:35: budget.source needs a string, not 5"},
      // Ranges.
      {R"({"budget": {"value": 5, "range": [1, 9]}})", "no error"},
      {R"({"budget": {"value": 5, "range": 9}})",
       "a:1:34: budget.range needs the least and the greatest value, as in [16, 64]"},
      {R"({"budget": {"value": 5, "range": [9]}})",
       "a:1:34: budget.range needs the least and the greatest value, as in [16, 64]"},
      {R"({"budget": {"value": 5, "range": [6, 9]}})",
       "a:1:34: budget.range does not hold the value"},
      {R"({"budget": {"value": 5, "range": [9, 1]}})",
       "a:1:34: budget.range does not hold the value"},
      {R"({"tbu": {"main_tlb": {"latency": {"value": "4ns", "range": ["2ns", "8"]}}}})",
       R"(a:1:68: tbu.main_tlb.latency.range must have values of 0ps to 1us, not "8")"},
      {R"({"checked": {"value": true, "range": [0, 1]}})",
       "a:1:38: checked.range: only numbers have one"},
      {R"({"budget": {"value": {"value": 1}}})",
       "a:1:22: budget needs a whole number of transactions, not an object"},
      // Objects and lists.
      {"[]", "a:1:1: the document needs an object, not a list"},
      {R"({"tbu": 5})", "a:1:9: tbu needs an object, not 5"},
      {R"({"devices": {}})", "a:1:13: devices needs a list, not an object"},
      {R"({"devices": [{}, 5]})", "a:1:18: devices.1 needs an object, not 5"},
      {R"({"devices": [{}, {}, {}, {}]})", "a:1:13: devices must have 0 to 3 elements, but has 4"},
      // Rules.
      {R"({"tbu": {"main_tlb": {"entries": 6}}})",
       "a:1:22: tbu.main_tlb.ways: 4 ways do not divide 6 entries"},
      {R"({"tbu": {"main_tlb": {"ways": 5}}})",
       "a:1:31: tbu.main_tlb.ways: 5 ways do not divide 64 entries"},
  };
  for (const example& e : examples) CHECK(read_error(e.text) == e.error);
}

TEST_CASE("all problems come in one run, in the order of the file") {
  CHECK(read_error("{\"devices\": [{\"seed\": -1}],\n \"tbu\": {\"clok\": 1,\n \"clock\": 2},\n"
                   " \"budget\": 0, \"checked\": 3}") ==
        "a:1:23: devices.0.seed must not be negative, but is -1\n"
        "a:2:10: tbu: unknown key \"clok\"; did you mean \"clock\"?\n"
        "a:3:11: tbu.clock needs a frequency such as \"2.75GHz\", not 2\n"
        "a:4:12: budget must be 1 to 1000000000000 transactions, but is 0\n"
        "a:4:26: checked needs true or false, not 3");
}

TEST_CASE("a rule stays silent while a field that it may look at was not read") {
  CHECK(read_error(R"({"tbu": {"main_tlb": {"entries": 7, "wayz": 7}}})") ==
        R"(a:1:37: tbu.main_tlb: unknown key "wayz"; did you mean "ways"?)");
  CHECK(read_error(R"({"tbu": {"clock": "100MHz", "main_tlb": {"entries": 1024, "ways": 0}}})") ==
        "a:1:67: tbu.main_tlb.ways must be 1 to 64 ways, but is 0");
}

TEST_CASE("a rule that looks into a nested struct points into it") {
  CHECK(read_error(R"({"tbu": {"clock": "100MHz", "main_tlb": {"entries": 1024}}})") ==
        "a:1:53: tbu.main_tlb.entries: a clock this slow is for small TLBs");
  CHECK(read_error(R"({"tbu": {"main_tlb": {"entries": 1024, "ways": 3}, "clock": "100MHz"}})") ==
        "a:1:34: tbu.main_tlb.entries: a clock this slow is for small TLBs\n"
        "a:1:48: tbu.main_tlb.ways: 3 ways do not divide 1024 entries");
}

TEST_CASE("a struct that could not be read is left as it was") {
  sample_params s;
  s.budget = 77;
  CHECK_THROWS_AS(read_into(document::from_text(R"({"budget": 5, "x": 1})", "a"), s),
                  base::input_error);
  CHECK(s.budget == 77);
}

TEST_CASE("a document with thousands of problems lists a hundred") {
  std::string text = "{\"k0\": 0";
  for (int i = 1; i < 5000; ++i) text += ", \"k" + std::to_string(i) + "\": 0";
  try {
    sample_params s;
    read_into(document::from_text(text + "}", "a"), s);
    FAIL("accepted");
  } catch (const base::input_error& e) {
    REQUIRE(e.problems().size() == 101);
    CHECK(e.problems().back().text() == "a: further problems are not listed");
  }
}

TEST_CASE("a key of a megabyte is cut in the message") {
  const std::string error = read_error("{\"" + std::string(1 << 20, 'k') + "\": 1}");
  CHECK(error == "a:1:2: unknown key \"" + std::string(60, 'k') + "...\"");
}

TEST_CASE("a cut never splits a character") {
  std::string key = "k";
  for (int i = 0; i < 40; ++i) key += "\xc3\xa4";
  CHECK(read_error("{\"" + key + "\": 1}") ==
        "a:1:2: unknown key \"" + key.substr(0, 59) + "...\"");
}

struct wide_range {
  std::uint32_t n = 0;
  void describe(visitor& v) { v.field("n", n, {0, 1ull << 40}, "", "", ""); }
};

TEST_CASE("a 32-bit count never takes more than 32 bits, whatever its range says") {
  wide_range w;
  read_into(document::from_text(R"({"n": 4294967295})", "a"), w);
  CHECK(w.n == 4294967295u);
  CHECK(error_of([&] { read_into(document::from_text(R"({"n": 4294967296})", "a"), w); }) ==
        "a:1:7: n must be 0 to 4294967295, but is 4294967296");
}

TEST_CASE("elements of a list start from the defaults of an element") {
  sample_params s;
  s.devices.resize(2);
  s.devices[0].seed = 9;
  read_into(document::from_text(R"({"devices": [{"name": "x"}]})", "a"), s);
  REQUIRE(s.devices.size() == 1);
  CHECK(s.devices[0].seed == 1);
}

struct twice {
  bool a = false;
  void describe(visitor& v) {
    v.field("a", a, "", "");
    v.field("a", a, "", "");
  }
};

struct reserved {
  bool a = false;
  void describe(visitor& v) { v.field("value", a, "", ""); }
};

struct unnamed {
  policy p = policy::random;
  void describe(visitor& v) { v.choice("p", p, {{"lru", policy::lru}}, "", ""); }
};

TEST_CASE("a description that contradicts itself is an error of the program") {
  const auto empty = document::from_text("{}", "a");
  twice t;
  CHECK_THROWS_WITH(read_into(empty, t), "a: described twice");
  reserved r;
  CHECK_THROWS_WITH(read_into(empty, r), "value: not a name for a parameter");
  unnamed u;
  CHECK_THROWS_WITH(read_into(empty, u), "p holds a value that its description does not name");
}

}  // namespace
}  // namespace svasim::describe::test
