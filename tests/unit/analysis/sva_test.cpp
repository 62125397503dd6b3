// The member "sva" of a result: read, summed up, shown and compared.
#include <catch2/catch.hpp>

#include "analysis/report.h"
#include "analysis/report_parts.h"
#include "analysis/summary.h"
#include "base/error.h"
#include "tests/unit/analysis/example.h"

using namespace svasim;
using nlohmann::json;

namespace {

using test::sva_json;

// The pinned variant: no faults, so no hops.
json without_faults() {
  json document = sva_json();
  for (const char* key : {"faults", "faults_unresolved", "fault_p50_ps", "fault_p99_ps", "hops"}) {
    document["sva"][key] = nullptr;
  }
  return document;
}

analysis::result read(const json& document) {
  return analysis::result_from_json(document, "r.json");
}

std::string refusal(const char* pointer, const json& value) {
  json document = sva_json();
  document[json::json_pointer(pointer)] = value;
  try {
    read(document);
  } catch (const base::input_error& e) {
    return e.what();
  }
  return "accepted";
}

std::string page_of(const json& document) {
  return analysis::report_html(read(document), {});
}

bool has(const std::string& page, const std::string& text) {
  return page.find(text) != std::string::npos;
}

}  // namespace

TEST_CASE("figures of an SVA workload are read, and null is nothing") {
  const analysis::result r = read(sva_json());
  REQUIRE(r.sva.has_value());
  CHECK(r.sva->variant == "b");
  CHECK(r.sva->faults == 32u);
  CHECK(r.sva->fault_p50_ps == 4000000u);
  CHECK_FALSE(r.sva->unmap_p99_ps.has_value());
  CHECK(r.sva->cpu_ps.at("HK") == 25000000u);
  CHECK_FALSE(r.sva->cpu_ps.at("GK").has_value());
  REQUIRE(r.sva->hops.size() == 4);
  CHECK(r.sva->hops[2].step == "b.20");
  CHECK_FALSE(r.sva->hops[2].on_path);
  CHECK(r.sva->hops[3].ps == 1000000);
  CHECK_FALSE(r.sva->slowdown_ideal_ppm.has_value());
}

TEST_CASE("a result of anything else has none of them") {
  CHECK_FALSE(test::example().sva.has_value());
  CHECK_FALSE(has(page_of(test::example_json()), "What sharing the address space costs"));
}

TEST_CASE("what is wrong with figures of an SVA workload is told exactly") {
  CHECK(refusal("/sva/hops/1/ps", 1999999) ==
        "r.json: sva.hops: on the path add up to 3999999 ps, fault_p50_ps is 4000000");
  CHECK(refusal("/sva/fault_p50_ps", nullptr) ==
        "r.json: sva.hops: on the path add up to 4000000 ps, fault_p50_ps is null");
  CHECK(refusal("/sva/hops", nullptr) ==
        "r.json: sva.hops: on the path add up to 0 ps, fault_p50_ps is 4000000");
  CHECK(refusal("/sva/hops/2/ps", 1) == "accepted");
  CHECK(refusal("/sva/hops/0/on_path", 1) == "r.json: sva.hops.0.on_path: must be true or false");
  CHECK(refusal("/sva/hops/0/colour", "red") == "r.json: sva.hops.0.colour: is not known here");
  CHECK(refusal("/sva/cpu_ps/HK", "much") ==
        "r.json: sva.cpu_ps.HK: must be an integer from 0 to 18446744073709551615");
  CHECK(refusal("/sva/faults", -1) ==
        "r.json: sva.faults: must be an integer from 0 to 18446744073709551615");
  CHECK(refusal("/sva/taults", 1) == "r.json: sva.taults: is not known here");
  CHECK(refusal("/sva", 1) ==
        "r.json: sva: must be an object\nr.json: sva.variant: is missing\n"
        "r.json: sva.title: is missing\nr.json: sva.faults: is missing\n"
        "r.json: sva.faults_unresolved: is missing\nr.json: sva.fault_p50_ps: is missing\n"
        "r.json: sva.fault_p99_ps: is missing\nr.json: sva.unmap_p50_ps: is missing\n"
        "r.json: sva.unmap_p99_ps: is missing\nr.json: sva.message_p50_ps: is missing\n"
        "r.json: sva.messages_failed: is missing\nr.json: sva.time_ps: is missing\n"
        "r.json: sva.bytes: is missing\nr.json: sva.bytes_per_s: is missing\n"
        "r.json: sva.cpu_ps: is missing\nr.json: sva.hops: is missing");
}

TEST_CASE("the page shows a fault hop by hop, each beginning where the one before ended") {
  const std::string page = page_of(sva_json());
  CHECK(has(page, "<h2>What sharing the address space costs</h2>"));
  CHECK(has(page, "Variant (b), vSVA, virtio-iommu in the VMM."));
  CHECK(has(page,
            "A page fault takes 4.000 \u00b5s at the median; its longest hop is \u201cfault "
            "thread\u201d (VMM, 50.0 % of it)."));
  CHECK(has(page,
            "<td class=\"step\">b.9</td><td>VMM</td><td>fault thread</td><td class=\"n\">2.000 "
            "\u00b5s</td><td class=\"n\">50.00 %</td><td class=\"grow static\"><span "
            "class=\"bar\"><i class=\"vmm\" style=\"margin-left:25.0%;width:50.0%\"></i></span>"));
  CHECK(has(page,
            "<td>status</td><td class=\"n\">500.0 ns</td><td class=\"n\">beside</td>"
            "<td class=\"grow static\"><span class=\"bar\"></span></td>"));
  CHECK(has(page, "<i class=\"smmu\" style=\"margin-left:75.0%;width:25.0%\"></i>"));
}

TEST_CASE("the page shows whose CPU time was burnt, and leaves out who is not there") {
  const std::string page = page_of(sva_json());
  CHECK(has(page,
            "<td>host kernel</td><td class=\"n\">25.00 \u00b5s</td><td class=\"n\">25.00 %</td>"));
  CHECK(has(page, "<td>VMM</td><td class=\"n\">5.000 \u00b5s</td><td class=\"n\">5.00 %</td>"));
  CHECK_FALSE(has(page, "guest kernel"));
}

TEST_CASE("a variant without faults shows its unmaps and no hops") {
  const std::string page = page_of(without_faults());
  CHECK(has(page, "<span>Unmap, p50</span><b>2.500 \u00b5s</b><span>p99 \u2013</span>"));
  CHECK(has(page, "It has no page faults"));
  CHECK_FALSE(has(page, "hop by hop"));
  CHECK_FALSE(has(page, "A page fault takes"));
}

TEST_CASE("slowdowns are shown where the run knows them") {
  json document = sva_json();
  CHECK_FALSE(has(page_of(document), "Slowdown"));
  document["sva"]["slowdown_prefaulted_ppm"] = 12500000;
  document["sva"]["slowdown_ideal_ppm"] = 20006000;
  CHECK(has(page_of(document), "<span>Slowdown</span><b>12.50 \u00d7</b>"));
  CHECK(has(page_of(document), "20.01 \u00d7 of ideal translation"));
}

TEST_CASE("text of an SVA result stays text") {
  json document = sva_json();
  document["sva"]["title"] = "<b>title</b>";
  document["sva"]["variant"] = "<i>";
  document["sva"]["cpu_ps"] = {{"<u>actor</u>", 1}};
  for (const char* key : {"step", "actor", "what"}) document["sva"]["hops"][1][key] = "<s>&\"";
  const std::string page = page_of(document);
  for (const char* mark : {"<b>title", "<i>", "<u>", "<s>"}) {
    INFO(mark);
    CHECK_FALSE(has(page, mark));
  }
  CHECK(has(page, "&lt;s&gt;&amp;&quot;"));
  CHECK(has(page, "&lt;u&gt;actor&lt;/u&gt;"));
}

TEST_CASE("the summary gives key figures and the hops of a fault") {
  const std::string text = analysis::summary_text(read(sva_json()), false);
  CHECK(has(text,
            "  (b) vSVA, virtio-iommu in the VMM\n"
            "  faults     32, p50 4.000 \u00b5s, p99 9.000 \u00b5s, 1 unresolved\n"
            "  unmaps     p50 2.500 \u00b5s, p99 \u2013\n"
            "  messages   p50 70.00 \u00b5s, 0 failed\n"
            "  CPU time   HK 25.00 \u00b5s, VMM 5.000 \u00b5s\n"));
  CHECK(has(text,
            "  b.20     VMM       status                                  500.0 ns     beside\n"));
  CHECK_FALSE(has(analysis::summary_text(read(without_faults()), false), "faults     "));
}
