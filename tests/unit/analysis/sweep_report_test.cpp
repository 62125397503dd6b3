#include "analysis/sweep_report.h"

#include <fmt/format.h>

#include <catch2/catch.hpp>

using namespace svasim::analysis;

namespace {

sweep_table table() {
  sweep_table t;
  t.name = "sizes";
  t.description = "How large?";
  t.platform = "n2.json";
  t.input = "workload hot.json";
  t.sampling = "grid";
  t.svasim_version = "0.1.0";
  t.fixed = {{"workload.accesses", "1000"}};
  t.constraints = {"a <= b"};
  t.axes = {{"tlb.entries", {"64", "128"}, false}, {"tcu.slots", {"4", "8"}, false}};
  t.metrics = {{"translation_p99", "ps"}, {"storage_bits", "bits"}, {"tlb.misses", "misses"}};
  for (std::uint32_t i = 0; i < 4; ++i) {
    t.points.push_back({{i % 2, i / 2}, {1000 - 100 * i, 64 + 64 * (i % 2), i}});
  }
  t.planned = 4;
  t.shown = [](std::uint64_t v, const std::string& unit) { return fmt::format("{} <{}", v, unit); };
  return t;
}

bool has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("a sweep's page shows front, effects, heat map and points") {
  const std::string page = sweep_report_html(table(), {});
  CHECK(has(page, "<h1>sizes</h1>"));
  CHECK(has(page, "How large?"));
  // 64 bits reach 800 ps with 8 slots, 128 bits 700 ps.
  CHECK(has(page,
            "<tr><td class=\"n\">64 &lt;bits</td><td class=\"n\">800 &lt;ps</td>"
            "<td>64</td><td>8</td></tr>\n<tr><td class=\"n\">128 &lt;bits</td>"
            "<td class=\"n\">700 &lt;ps</td><td>128</td><td>8</td></tr>"));
  CHECK(has(page, "<td class=\"path\">tcu.slots</td><td class=\"n\">200 &lt;ps</td>"));
  CHECK(has(page, "<td class=\"n\">750 &lt;ps at 8</td><td class=\"n\">950 &lt;ps at 4</td>"));
  CHECK(has(page, "<td class=\"n\" style=\"--shade:70%\">1000 &lt;ps</td>"));
  CHECK(has(page, "<td class=\"path\">workload.accesses</td><td>1000</td>"));
  CHECK(has(page, "<td class=\"path\">a &lt;= b</td>"));
  CHECK(has(page, "Static charts: this svasim was built without npm"));
  CHECK_FALSE(has(page, "<script"));
}

TEST_CASE("a sweep's page says what its numbers stand on, and warns of assumed ones") {
  sweep_table t = table();
  CHECK_FALSE(has(sweep_report_html(t, {}), "Confidence"));
  t.confidence = confidence_info{{1, 2, 3, 4, 0}, {1, 0, 1, 2, 1}};
  const std::string page = sweep_report_html(t, {});
  CHECK(has(page,
            "<dt>Confidence</dt><dd>10 numbers: 1 measured, 2 from documents, 3 derived, 4 "
            "assumed; the run reaches 5: 1 measured, 0 from documents, 1 derived, 2 assumed, 1 "
            "without a tag</dd>"));
  CHECK(has(page,
            "<p class=\"note\">This sweep leans on up to 2 of 5 numbers that are assumed; svasim "
            "run --uncertainty shows how far they move one of its points.</p>"));
  t.confidence->reached.assumed = 0;
  CHECK_FALSE(has(sweep_report_html(t, {}), "leans on"));
}

TEST_CASE("points that have no result yet are told") {
  sweep_table t = table();
  t.planned = 6;
  CHECK(has(sweep_report_html(t, {}), "2 of 6 points have no result yet."));
  t.points.clear();
  t.metrics.clear();
  CHECK(has(sweep_report_html(t, {}), "No point has a result."));
}

TEST_CASE("no text of a sweep reaches the page unescaped") {
  sweep_table t = table();
  const std::string evil = "\"></script><script>alert('&')</script>";
  t.name = t.description = t.platform = t.input = t.sampling = t.svasim_version = evil;
  t.fixed = {{evil, evil}};
  t.constraints = {evil};
  t.axes[0].name = t.axes[0].values[0] = t.axes[1].values[1] = evil;
  t.metrics[0].name = t.metrics[0].unit = evil;
  CHECK_FALSE(has(sweep_report_html(t, {}), "<script"));
  const std::string page = sweep_report_html(t, {"draw()", "DIGEST="});
  CHECK_FALSE(has(page, "alert('&')</script>"));
  CHECK(has(page, "\\u003c/script>\\u003cscript>alert('&')\\u003c/script>"));
}

TEST_CASE("a sweep's chart data leave out counts that a ratio says better") {
  const std::string page = sweep_report_html(table(), {"draw()", "DIGEST="});
  CHECK(has(page, "{\"more\":false,\"name\":\"translation_p99\",\"unit\":\"ps\"}"));
  CHECK_FALSE(has(page, "tlb.misses\""));
  CHECK(has(page, "\"points\":[[[0,0],[1000,64]],"));
}
