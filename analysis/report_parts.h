// The sections of the report page, each a piece of HTML; empty where the run has nothing to show.
// Kept inside analysis/.
#pragma once

#include <string>

#include "analysis/result.h"
#include "analysis/sweep_table.h"

namespace svasim::analysis {

/// The style sheet, without its element.
const char* report_style();

/// Data of the charts, and the element that holds it: `data` can never become markup.
nlohmann::json chart_data(const result& r);
nlohmann::json sweep_chart_data(const sweep_table& t);
std::string data_element(const nlohmann::json& data);

std::string distribution_section(const result& r);
std::string breakdown_section(const result& r);
std::string sva_section(const result& r);
std::string faults_section(const result& r);
std::string occupancy_section(const result& r);
std::string structures_section(const result& r);
std::string devices_section(const result& r);
std::string streams_section(const result& r);
std::string walks_section(const result& r);
std::string commands_section(const result& r);
/// How far the assumed numbers move the figures; empty where nobody asked.
std::string uncertainty_section(const result& r);
std::string configuration_section(const result& r);
std::string statistics_section(const result& r);

/// "<section>" with a heading and one sentence under it; `body` is HTML, the others are text.
std::string section(const char* title, const std::string& sentence, const std::string& body);

/// One figure among several, in "<div class=\"tiles\">". Takes HTML.
std::string tile(const std::string& value, const char* what, const std::string& detail);

/// The colour of an actor of the fault loop: a CSS class, the same in every report. Of "GK/HK" it
/// is that of the first.
std::string actor_class(const std::string& actor);
/// A sentence on the faults of an SVA workload; empty without.
std::string sva_lead(const result& r);

/// A horizontal bar, `share` in 1/1000 of its track; `kind` is the CSS class that colours it.
std::string bar(std::uint64_t share, const char* kind);

}  // namespace svasim::analysis
