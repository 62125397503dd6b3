// The frame of a report page: head with its content policy, style, script, footer. What stands in
// it is the business of report.cpp, sweep_report.cpp and the page of svasim validate.
#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "analysis/charts_asset.h"

namespace svasim::analysis {

struct page_parts {
  std::string title;   ///< text
  std::string body;    ///< HTML
  std::string footer;  ///< text
  bool charts = true;  ///< the footer tells where they come from
};

/// A whole page, UTF-8. With a script, its content policy lets that script run and nothing else,
/// and `data` stands in the page for it; without, no script at all. Nothing is ever fetched.
std::string page_html(const page_parts& parts, const nlohmann::json& data,
                      const chart_script& script);

/// Where the script puts charts; empty in a page without one.
std::string chart_place(const char* name);

}  // namespace svasim::analysis
