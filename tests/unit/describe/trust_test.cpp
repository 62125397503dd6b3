#include "describe/trust.h"

#include <catch2/catch.hpp>

#include "describe/ranges.h"
#include "describe/reader.h"
#include "sample.h"

namespace svasim::describe::test {
namespace {

TEST_CASE("a source's tag says how far it is trusted") {
  CHECK(trust_of("M: pcie-bench") == trust::measured);
  CHECK(trust_of("T: a manual") == trust::documents);
  CHECK(trust_of("D: 3 x 5") == trust::derived);
  CHECK(trust_of("A: a guess") == trust::assumed);
  CHECK(trust_of("set by --set") == trust::own);
  CHECK(trust_of("Maybe") == trust::own);
  CHECK(trust_of("") == trust::own);
}

TEST_CASE("only numbers are counted, each by the source of its effective value") {
  const document d = document::from_text(
      R"({"budget": {"value": 5, "source": "D: paper"}, "checked": {"value": true, "source": "M: x"},
          "tbu": {"main_tlb": {"entries": {"value": 8, "source": "M: counted"}, "ways": 8}}})",
      "a");
  sample_params s;
  read_into(d, s);
  const trust_counts c = count_trust(declare(s), effective_provenance(s, d));
  CHECK(c.measured == 2);  // entries, and the latency by its default
  CHECK(c.derived == 1);   // budget
  CHECK(c.assumed == 1);   // clock, by its default
  CHECK(c.own == 1);       // ways, set in the file
  CHECK(c.total() == 5);
}

TEST_CASE("the counts read as one line") {
  trust_counts c{1, 2, 3, 4, 0};
  CHECK(to_string(c) == "1 measured, 2 from documents, 3 derived, 4 assumed");
  c.own = 5;
  CHECK(to_string(c) == "1 measured, 2 from documents, 3 derived, 4 assumed, 5 without a tag");
}

TEST_CASE("a range beside a value is found by the path of the value, in its base unit") {
  const document d = document::from_text(
      R"({"budget": {"value": 5, "source": "A: x", "range": [2, 9]},
          "tbu": {"main_tlb": {"latency": {"value": "4ns", "range": ["1ns", "0.5us"]}}},
          "devices": [{}, {"payload": {"value": "256B", "range": ["128B", "4KiB"]}}]})",
      "a");
  sample_params s;
  read_into(d, s);
  const auto ranges = stated_ranges(declare(s), d);
  REQUIRE(ranges.size() == 3);
  CHECK(ranges.at("budget") == value_range{2, 9});
  CHECK(ranges.at("tbu.main_tlb.latency") == value_range{1000, 500000});
  CHECK(ranges.at("devices.1.payload") == value_range{128, 4096});
}

TEST_CASE("a value set on the command line has no range") {
  document d = document::from_text(R"({"budget": {"value": 5, "range": [2, 9]}})", "a");
  apply_override(d, "budget=7");
  sample_params s;
  read_into(d, s);
  CHECK(stated_ranges(declare(s), d).empty());
}

TEST_CASE("without a range a number goes from half to double, as far as legal") {
  parameter_info p;
  p.kind = declaration::kind::count;
  p.min = 4;
  p.max = 100;
  CHECK(usual_range(p, 20) == value_range{10, 40});
  CHECK(usual_range(p, 5) == value_range{4, 10});
  CHECK(usual_range(p, 60) == value_range{30, 100});
  CHECK_FALSE(usual_range(p, 0));
  p.min = p.max = 20;
  CHECK_FALSE(usual_range(p, 20));
  p.kind = declaration::kind::boolean;
  CHECK_FALSE(usual_range(p, 20));
}

}  // namespace
}  // namespace svasim::describe::test
