// The members of a result that show a run from within, and the sections made of them.
#include <catch2/catch.hpp>

#include "analysis/chart.h"
#include "analysis/report.h"
#include "base/error.h"
#include "tests/unit/analysis/example.h"

using namespace svasim;
using nlohmann::json;

namespace {

json observed() {
  json document = test::example_json();
  document.update(test::observed_json());
  return document;
}

analysis::result read(const json& document) {
  return analysis::result_from_json(document, "r.json");
}

std::string refusal(const json& document) {
  try {
    read(document);
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "";
}

json changed(const char* pointer, const json& value) {
  json document = observed();
  document[json::json_pointer(pointer)] = value;
  return document;
}

bool has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("streams, evictions and occupancy are read") {
  const analysis::result r = read(observed());
  REQUIRE(r.streams.size() == 2);
  CHECK(r.streams[1].name == "StreamID 0x10 PASID 5");
  CHECK(r.streams[1].requests == 10);
  CHECK(r.streams[1].p99_ps == 426000);
  REQUIRE(r.evictions.pairs.size() == 2);
  CHECK(r.evictions.pairs[1].by == 1);
  CHECK(r.evictions.pairs[1].victim == 0);
  CHECK(r.evictions.pairs[1].count == 40);
  REQUIRE(r.occupancy.all.size() == 1);
  CHECK(r.occupancy.all[0].capacity == 64);
  CHECK(r.occupancy.window_end_ps == std::vector<std::uint64_t>{10000000, 40000000});
}

TEST_CASE("a result without them is one of an older version") {
  const analysis::result r = test::example();
  CHECK(r.streams.empty());
  CHECK(r.evictions.parties.empty());
  CHECK(r.occupancy.all.empty());
  CHECK(r.fault_hops.empty());
}

TEST_CASE("what is wrong with them is told exactly") {
  const std::pair<json, const char*> table[] = {
      {changed("/streams/0/requests", 89),
       "r.json: streams: add up to 99 requests, latency.translation to 100"},
      {changed("/streams/0/translation/sum_ps", 812001),
       "r.json: streams: add up to 1812001 ps, latency.translation to 1812000 ps"},
      {changed("/streams/1/translation/p9_ps", 1),
       "r.json: streams.1.translation.p9_ps: is not known here"},
      {changed("/evictions/pairs/1", {2, 0, 1}),
       "r.json: evictions.pairs: entry 1 must be [evictor, victim, count above 0]"},
      {changed("/evictions/pairs/0", {0, 0, 0}),
       "r.json: evictions.pairs: entry 0 must be [evictor, victim, count above 0]"},
      {changed("/evictions/parties/1", 7), "r.json: evictions.parties: entry 1 must be text"},
      {changed("/occupancy/window_end_ps/1", 10000000),
       "r.json: occupancy.window_end_ps: entry 1 does not rise"},
      {changed("/occupancy/series/0/mean_milli", json::array({1})),
       "r.json: occupancy.series.0.mean_milli: 1 means for 2 windows"},
      {changed("/occupancy/series/0/mean_milli/0", -1),
       "r.json: occupancy.series.0.mean_milli: entry 0 must be an integer from 0 to 2^64 - 1\n"
       "r.json: occupancy.series.0.mean_milli: 0 means for 2 windows"},
  };
  for (const auto& [document, message] : table) CHECK(refusal(document) == message);
}

TEST_CASE("the page shows streams, evictions and occupancy") {
  const std::string page = analysis::report_html(read(observed()), {});
  CHECK(has(page, "<h2>How full it was</h2>"));
  // 2 for 10 us and 4 for 30 us are 3.5 on average, of 64.
  CHECK(has(page,
            "<td>Requests in flight</td><td class=\"n\">64 requests</td><td class=\"n\">3.50</td>"
            "<td class=\"n\">4.00</td><td class=\"n wide\">5.47 %</td>"));
  CHECK(has(page, "<td>StreamID 0x10 PASID 5</td><td class=\"n\">10</td>"));
  CHECK(has(page, "<h3>Who evicted whom in the Main TLB</h3>"));
  CHECK(has(page,
            "<td>StreamID 0x10 PASID 5</td><td>StreamID 0x8</td><td class=\"n\">40</td>"
            "<td class=\"n\">93.02 %</td>"));
}

TEST_CASE("hops of faults are shown where there are any") {
  json document = observed();
  CHECK_FALSE(has(analysis::report_html(read(document), {}), "The way of a fault"));
  document["fault_hops"] = {{{"hop", "pri"},
                             {"label", "Page request"},
                             {"sum_ps", 3000},
                             {"count", 2},
                             {"max_ps", 2000}}};
  CHECK(has(analysis::report_html(read(document), {}),
            "<td>Page request</td><td class=\"n\">1.500 ns</td><td class=\"n\">2</td>"
            "<td class=\"n\">2.000 ns</td>"));
}

TEST_CASE("the static chart of occupancy is a staircase over linear time") {
  const std::string chart = analysis::over_time_chart(read(observed()).occupancy);
  // Full scale is 5 entries on 188 units of height; windows end at a quarter and at the end.
  CHECK(has(chart, "d=\"M58 200V125H279V50H940\""));
  CHECK(has(chart, ">40.00 \u00b5s</text>"));
  CHECK(analysis::over_time_chart({}).empty());
}
