#include "analysis/report.h"

#include <catch2/catch.hpp>
#include <regex>
#include <set>

#include "tests/unit/analysis/example.h"

using namespace svasim;
using analysis::report_html;

namespace {

// Without the script of the charts, as a build without npm makes it.
std::string report_of(const nlohmann::json& document) {
  return report_html(analysis::result_from_json(document, "r.json"), {});
}

std::string example_page() {
  return report_html(test::example(), {});
}

bool has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

// The first element that is closed out of order or never; empty when all nest.
std::string first_misnested(const std::string& page) {
  static const std::set<std::string> no_end{"meta", "br", "!doctype"};
  std::vector<std::string> open;
  const std::regex tag("<(/?)([a-z0-9!]+)[^<>]*?(/?)>");
  for (std::sregex_iterator it(page.begin(), page.end(), tag), end; it != end; ++it) {
    const std::string name = (*it)[2];
    if (no_end.count(name) != 0 || (*it)[3].length() != 0) continue;
    if ((*it)[1].length() == 0) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return name;
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : open.back();
}

}  // namespace

TEST_CASE("the same result gives the same page") {
  CHECK(report_html(test::example()) == report_html(test::example()));
}

TEST_CASE("a page without the charts' script needs no network and no script") {
  const std::string page = example_page();
  for (const char* word :
       {"http:", "https:", "//", "<script", "<link", "<img", "url(", "@import"}) {
    INFO(word);
    CHECK_FALSE(has(page, word));
  }
  CHECK(has(page, "content=\"default-src 'none'; style-src 'unsafe-inline'\""));
  CHECK(has(page, "Static charts: this svasim was built without npm"));
}

TEST_CASE("with the charts' script, the policy lets that script run and nothing else") {
  const std::string page = report_html(test::example(), {"draw()", "DIGEST="});
  CHECK(has(page,
            "content=\"default-src 'none'; style-src 'unsafe-inline'; "
            "script-src 'sha256-DIGEST='\""));
  CHECK(has(page, "<script>draw()</script>\n</body>"));
  CHECK(has(page, "<script type=\"application/json\" id=\"data\">{"));
  CHECK(has(page, "Charts: Apache ECharts (Apache-2.0)"));
}

TEST_CASE("elements nest") {
  CHECK(first_misnested(example_page()).empty());
  CHECK(first_misnested(report_of(test::empty_run_json())).empty());
}

TEST_CASE("the page tells what was run and what came out") {
  const std::string page = example_page();
  CHECK(has(page, "<h1>example.qemu.log.gz on example</h1>"));
  CHECK(has(page,
            "A DMA takes 382.7 ns on average. Address translation is 18.12 ns of it (4.74 %); "
            "its largest part is \u201cWalk stage 1 level 3\u201d (77.8 % of translation)."));
  CHECK(has(page, "length and direction are not in the log"));
  CHECK(has(page, "00000000000000aa"));
  CHECK(has(page, "00000000000000bb"));
  CHECK(has(page, "2,048 \u00d7 4-way"));
  CHECK(has(page, "No time went into: Link: waiting for credits, Walk stage 2 level 3."));
}

TEST_CASE("parameters are listed with unit and provenance") {
  const std::string page = example_page();
  CHECK(has(page,
            "<td class=\"path\">smmu.tbu.main_tlb.entries</td><td>2,048 entries</td>"
            "<td class=\"from\"><span class=\"tag\">T</span>MMU-700 TRM table 2-32</td>"));
  CHECK(has(page,
            "<td class=\"path\">smmu.tbu.main_tlb.latency</td><td>3ns</td>"
            "<td class=\"from\">set by --set</td>"));
  CHECK(has(page, "<td class=\"path\">smmu.ports.1.name</td><td>b</td>"));
}

TEST_CASE("statistics are listed, histograms in one line") {
  const std::string page = example_page();
  CHECK(has(page, "<td class=\"path\">smmu.tcu.walks</td><td>10</td>"));
  CHECK(has(page, "10 samples, mean 172.2 ns, p99 426.0 ns, longest 426.0 ns"));
}

TEST_CASE("a run without accesses gives a page that says so") {
  const std::string page = report_of(test::empty_run_json());
  CHECK(has(page, "No access completed, so there is no latency to show."));
  CHECK(has(page, "the trace holds no accesses"));
  CHECK_FALSE(has(page, "<svg"));
}

TEST_CASE("no text of a result reaches the page unescaped") {
  nlohmann::json document = test::example_json();
  const std::string evil = "\"><script>alert('&')</script>";
  for (const char* key : {"name", "format", "digest", "note"}) document["input"][key] = evil;
  document["platform"]["name"] = document["platform"]["digest"] = document["svasim"] = evil;
  document["platform"]["parameters"] = {{evil, evil}, {"group", {{evil, 1}}}};
  document["platform"]["provenance"] = {{evil, evil}, {"group." + evil, "T: " + evil}};
  document["run"]["note"] = evil;
  document["run"]["commands_by_opcode"] = {{evil, 12}};
  document["units"] = {{"parameters.group." + evil, evil}, {evil + "." + evil, evil}};
  document["statistics"] = {{evil, {{evil, 3}}}};
  for (auto& s : document["stages"]) s["label"] = s["stage"] = evil;
  for (auto& s : document["structures"]) s["label"] = s["path"] = evil;
  document.update(test::observed_json());
  for (auto& s : document["streams"]) s["name"] = evil;
  document["evictions"]["label"] = evil;
  document["evictions"]["parties"] = {evil, evil};
  for (auto& s : document["occupancy"]["series"]) s["label"] = s["unit"] = s["path"] = evil;
  document["fault_hops"] = {
      {{"hop", evil}, {"label", evil}, {"sum_ps", 1}, {"count", 1}, {"max_ps", 1}}};
  const std::string page = report_of(document);
  CHECK_FALSE(has(page, "<script"));
  CHECK_FALSE(has(page, "alert('"));
  CHECK(has(page, "&quot;&gt;&lt;script&gt;alert(&#39;&amp;&#39;)&lt;/script&gt;"));
  CHECK(first_misnested(page).empty());
  // In the data of the charts a text may hold markup, but cannot end the element.
  const std::string charts =
      report_html(analysis::result_from_json(document, "r.json"), {"draw()", "DIGEST="});
  const std::size_t data = charts.find("id=\"data\">");
  REQUIRE(data != std::string::npos);
  const std::string inside = charts.substr(data, charts.find("</script>", data) - data);
  CHECK_FALSE(has(inside, "<"));
  CHECK(has(inside, "\\\">\\u003cscript>alert('&')\\u003c/script>"));
  CHECK(has(inside, "\"kind\":\"run\""));
}
