#include "analysis/compare/print.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <nlohmann/json.hpp>

#include "analysis/sweep/metric.h"
#include "analysis/text.h"
#include "base/error.h"

namespace svasim::compare {
namespace {

using nlohmann::json;

std::string magnitude(double v, const std::string& unit) {
  return sweep::shown(static_cast<std::uint64_t>(std::llround(std::abs(v))), unit);
}

// A difference of shares is in percentage points, or it would read as one share of the other.
std::string with_sign(double v, const std::string& unit) {
  std::string text = magnitude(v, unit);
  if (unit == "ppm") text.replace(text.size() - 1, 1, "pp");
  if (std::llround(std::abs(v)) == 0) return text;
  return (v < 0 ? "-" : "+") + text;
}

std::string percent(const difference& d) {
  const auto p = d.percent();
  if (!p) return "";
  if (std::abs(*p) >= 1000) return fmt::format("x {:.3g}", d.other / d.base);
  return fmt::format("{:+.2f} %", *p);
}

std::string confidence(const difference& d) {
  if (!d.confidence) return "";
  return fmt::format("{} to {}{}", with_sign(d.confidence->low, d.unit),
                     with_sign(d.confidence->high, d.unit),
                     d.confidence->excludes_zero() ? "" : " (may be none)");
}

bool is_main_figure(const std::string& metric) {
  const std::string end = ".miss_ratio";
  if (metric.find('.') == std::string::npos) return true;
  return metric.size() > end.size() &&
         metric.compare(metric.size() - end.size(), end.size(), end) == 0;
}

using row = std::array<std::string, 6>;

// Columns wide enough for their texts; names to the left, numbers to the right.
std::string table(const std::vector<row>& rows) {
  std::array<std::size_t, 6> width{};
  for (const row& r : rows) {
    for (std::size_t i = 0; i < r.size(); ++i) {
      width[i] = std::max(width[i], analysis::text_width(r[i]));
    }
  }
  std::string out;
  for (const row& r : rows) {
    std::string line;
    for (std::size_t i = 0; i < r.size(); ++i) {
      const std::string gap(width[i] - analysis::text_width(r[i]), ' ');
      const bool left = i == 0 || i == r.size() - 1;
      line += (i == 0 ? "  " : "   ") + (left ? r[i] + gap : gap + r[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

std::string samples_text(const comparison& c) {
  const std::size_t a = c.base->samples.size(), b = c.other->samples.size();
  return a == 1 && b == 1 ? "" : fmt::format(" ({} and {} seeds; means)", a, b);
}

std::string one_text(const comparison& c, bool all) {
  std::vector<row> rows{{"", "A", "B", "B - A", "", ""}};
  std::size_t same = 0;
  bool sure = false;
  for (const difference& d : c.metrics) {
    if (!all && !is_main_figure(d.metric)) continue;
    if (d.none() && !all) {
      ++same;
      continue;
    }
    sure = sure || d.confidence.has_value();
    rows.push_back({base::printable(d.metric), magnitude(d.base, d.unit),
                    magnitude(d.other, d.unit), with_sign(d.size(), d.unit), percent(d),
                    confidence(d)});
  }
  if (sure) rows.front().back() = "95 % confidence";
  std::string out = fmt::format("A  {}\nB  {}{}\n", base::printable(c.base->name()),
                                base::printable(c.other->name()), samples_text(c));
  if (rows.size() > 1) out += table(rows);
  if (same != 0 && rows.size() == 1) out += fmt::format("  all {} figures are the same\n", same);
  if (same != 0 && rows.size() > 1) {
    out += same == 1 ? "  1 other figure is the same\n"
                     : fmt::format("  {} other figures are the same\n", same);
  }
  return out;
}

// Six digits behind the point tell everything that a mean of some seeds can.
double rounded(double v) {
  return std::round(v * 1e6) / 1e6;
}

json one_json(const comparison& c) {
  json metrics = json::array();
  for (const difference& d : c.metrics) {
    json m = {{"name", d.metric},
              {"unit", d.unit},
              {"base", rounded(d.base)},
              {"other", rounded(d.other)},
              {"difference", rounded(d.size())},
              {"percent", nullptr},
              {"confidence_95", nullptr},
              {"samples", {c.base->samples.size(), c.other->samples.size()}}};
    if (const auto p = d.percent()) m["percent"] = rounded(*p);
    if (d.confidence) {
      m["confidence_95"] = {rounded(d.confidence->low), rounded(d.confidence->high)};
    }
    metrics.push_back(std::move(m));
  }
  return {{"base", c.base->name()}, {"other", c.other->name()}, {"metrics", metrics}};
}

}  // namespace

std::string text(const std::vector<comparison>& all_of_them, bool all) {
  std::string out;
  for (const comparison& c : all_of_them) out += (out.empty() ? "" : "\n") + one_text(c, all);
  return out;
}

std::string json_text(const std::vector<comparison>& all_of_them) {
  json list = json::array();
  for (const comparison& c : all_of_them) list.push_back(one_json(c));
  const json out = {{"format", 1}, {"comparisons", list}};
  return out.dump(1, ' ', false, json::error_handler_t::replace) + "\n";
}

}  // namespace svasim::compare
