// Confidence and uncertainty of a result, in summary and report.
#include <catch2/catch.hpp>

#include "analysis/report.h"
#include "analysis/summary.h"
#include "base/error.h"
#include "tests/unit/analysis/example.h"

using namespace svasim;
using nlohmann::json;

namespace {

json with_confidence() {
  json document = test::example_json();
  document["confidence"] = {
      {"platform", {{"measured", 1}, {"documents", 2}, {"derived", 3}, {"assumed", 4}, {"own", 0}}},
      {"reached", {{"measured", 1}, {"documents", 0}, {"derived", 1}, {"assumed", 2}, {"own", 1}}}};
  return document;
}

json with_uncertainty() {
  json document = with_confidence();
  const json mover = {{"path", "smmu.tcu.walk_slots"},
                      {"low_value", "32"},
                      {"high_value", "128"},
                      {"at_low", 150000},
                      {"at_high", 90000}};
  document["uncertainty"] = {{"runs", 3},
                             {"varied", 2},
                             {"unreached", 5},
                             {"fixed", 1},
                             {"failed", 0},
                             {"figures", json::array({{{"name", "translation_p99"},
                                                       {"unit", "ps"},
                                                       {"value", 100000},
                                                       {"low", 90000},
                                                       {"high", 150000},
                                                       {"movers", json::array({mover})}}})}};
  return document;
}

std::string summary(const json& document) {
  return analysis::summary_text(analysis::result_from_json(document, "r.json"), false);
}

std::string report(const json& document) {
  return analysis::report_html(analysis::result_from_json(document, "r.json"), {});
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

constexpr const char* warning =
    "leans on 2 of 5 numbers that are assumed; run with --uncertainty to see how far they move it";

}  // namespace

TEST_CASE("the summary says what the numbers stand on, and warns of assumed ones") {
  const std::string text = summary(with_confidence());
  CHECK(has(text,
            "  confidence 10 numbers: 1 measured, 2 from documents, 3 derived, 4 assumed;\n"
            "             the run reaches 5: 1 measured, 0 from documents, 1 derived, 2 "
            "assumed, 1 without a tag\n"));
  CHECK(has(text, std::string("  warning    ") + warning + "\n"));
}

TEST_CASE("the report has the same line and warning") {
  const std::string html = report(with_confidence());
  CHECK(has(html,
            "<dt>Confidence</dt><dd>10 numbers: 1 measured, 2 from documents, 3 derived, 4 "
            "assumed; the run reaches 5: "));
  CHECK(has(html, std::string("<p class=\"note\">This result ") + warning + ".</p>"));
  CHECK_FALSE(has(html, "<h2>Uncertainty</h2>"));
}

TEST_CASE("no warning where nothing that the run reaches is assumed, or the band is known") {
  json document = with_confidence();
  document["confidence"]["reached"]["assumed"] = 0;
  CHECK_FALSE(has(summary(document), "warning"));
  CHECK_FALSE(has(summary(with_uncertainty()), "warning"));
  CHECK_FALSE(has(summary(test::example_json()), "confidence"));
}

TEST_CASE("the summary shows each figure's band and what moves it most") {
  CHECK(has(summary(with_uncertainty()),
            "  uncertainty                   value  band over the ranges of assumed numbers\n"
            "  translation p99            100.0 ns  90.00 ns to 150.0 ns\n"
            "    smmu.tcu.walk_slots 32 to 128: 150.0 ns to 90.00 ns\n"
            "  2 numbers assumed, varied one at a time in 3 runs;\n"
            "  5 that the run does not reach skipped, 1 kept (zero, or no legal neighbour)\n"));
}

TEST_CASE("the report has a section of it") {
  const std::string html = report(with_uncertainty());
  CHECK(has(html, "<h2>Uncertainty</h2>"));
  CHECK(has(html, "<td>smmu.tcu.walk_slots</td><td class=\"n\">32 to 128</td>"));
  CHECK(has(html, "90.00 ns to 150.0 ns"));
}

TEST_CASE("a figure outside its own band is refused") {
  json document = with_uncertainty();
  document["uncertainty"]["figures"][0]["low"] = 110000;
  try {
    analysis::result_from_json(document, "r.json");
    FAIL("was read");
  } catch (const base::input_error& e) {
    CHECK(std::string(e.what()) ==
          "r.json: uncertainty.figures.0.value: 100000 is not in its band "
          "of 110000 to 150000");
  }
}
