#include "analysis/page.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "analysis/report_parts.h"
#include "analysis/text.h"

namespace svasim::analysis {
namespace {

constexpr const char* about_charts =
    "Charts: Apache ECharts (Apache-2.0), https://echarts.apache.org; its notices stand at the "
    "head of the script in this page.";
constexpr const char* about_static =
    "Static charts: this svasim was built without npm, which brings the interactive ones.";

std::string policy(const chart_script& script) {
  std::string out = "default-src 'none'; style-src 'unsafe-inline'";
  if (!script.text.empty()) out += fmt::format("; script-src 'sha256-{}'", script.sha256);
  return out;
}

}  // namespace

std::string page_html(const page_parts& parts, const nlohmann::json& data,
                      const chart_script& script) {
  const bool interactive = !script.text.empty();
  std::string out = fmt::format(
      "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
      "<meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n"
      "<title>{}</title>\n<style>{}</style>\n</head>\n<body>\n<main>\n",
      policy(script), html_escape(parts.title), report_style());
  out += parts.body;
  out += fmt::format("<footer>{}{}{}</footer>\n</main>\n", html_escape(parts.footer),
                     parts.charts ? " " : "",
                     !parts.charts ? ""
                     : interactive ? about_charts
                                   : about_static);
  if (interactive) {
    out += data_element(data) + "<script>";
    out += script.text;
    out += "</script>\n";
  }
  return out + "</body>\n</html>\n";
}

std::string chart_place(const char* name) {
  return fmt::format("<div class=\"charts live\" data-chart=\"{}\"></div>\n", name);
}

}  // namespace svasim::analysis
