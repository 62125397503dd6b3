#include "validate/plot.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "analysis/text.h"
#include "validate/print.h"

namespace svasim::validate {
namespace {

constexpr double left = 70, right = 470, top = 12, bottom = 240;
constexpr std::size_t fewest = 3;
constexpr std::size_t most_labels = 12;
constexpr std::size_t longest_label = 18;

using curve = std::vector<const point_outcome*>;

// Linear, or logarithmic where the values are more than a decade apart.
class axis {
 public:
  explicit axis(const curve& points) {
    double low = 1e300, high = -1e300;
    for (const point_outcome* p : points) {
      low = std::min({low, p->simulated, *p->of->expected});
      high = std::max({high, p->simulated, *p->of->expected});
    }
    m_log = low > 0 && high / low > 10;
    if (!m_log) {
      const double air = std::max((high - low) * 0.08, std::abs(high) * 0.01 + 1e-9);
      low = low >= 0 && low < air ? 0 : low - air;
      high += air;
    }
    m_low = scale(low);
    m_high = std::max(scale(high), m_low + 1e-9);
  }
  double y(double v) const {
    return bottom - (scale(v) - m_low) / (m_high - m_low) * (bottom - top);
  }
  std::vector<double> ticks() const {
    std::vector<double> out;
    if (m_log) {
      const bool fine = m_high - m_low < 2;
      for (int e = static_cast<int>(std::floor(m_low)); e <= m_high; ++e) {
        for (const double step : {1.0, 2.0, 5.0}) {
          const double v = step * std::pow(10, e);
          if ((fine || step == 1.0) && scale(v) >= m_low && scale(v) <= m_high) out.push_back(v);
        }
      }
      return out;
    }
    const double rough = (m_high - m_low) / 5;
    const double decade = std::pow(10, std::floor(std::log10(rough)));
    const double step = decade * (rough / decade > 5 ? 10 : rough / decade > 2 ? 5 : 2);
    for (double v = std::ceil(m_low / step) * step; v <= m_high; v += step) out.push_back(v);
    return out;
  }

 private:
  double scale(double v) const { return m_log ? std::log10(v) : v; }
  bool m_log = false;
  double m_low = 0, m_high = 1;
};

double x_of(std::size_t i, std::size_t count) {
  return left + 12 + (right - left - 24) * static_cast<double>(i) / static_cast<double>(count - 1);
}

std::string line(const curve& c, const axis& y, bool expected, const char* style) {
  std::string path, marks;
  for (std::size_t i = 0; i < c.size(); ++i) {
    const double v = expected ? *c[i]->of->expected : c[i]->simulated;
    path += fmt::format("{}{:.1f} {:.1f}", i == 0 ? 'M' : 'L', x_of(i, c.size()), y.y(v));
    marks += fmt::format(
        "<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"{}\" style=\"{}\"/>", x_of(i, c.size()), y.y(v),
        expected ? "4" : "2.2",
        expected ? "fill:none;stroke:var(--memory);stroke-width:1.6" : "fill:var(--translation)");
  }
  return fmt::format("<path class=\"line\" d=\"{}\" style=\"{}\"/>{}", path, style, marks);
}

// Without the name of the series, cut where it is long.
std::string label_of(const point& p) {
  std::string text = p.name;
  for (const std::string& part : {", " + p.series, p.series + ", ", " " + p.series}) {
    const std::size_t at = p.series.empty() ? std::string::npos : text.find(part);
    if (at != std::string::npos && part.size() < text.size()) text.erase(at, part.size());
  }
  return text.size() <= longest_label ? text : text.substr(0, longest_label - 1) + "\u2026";
}

std::string plot(const std::string& title, const std::string& unit, const curve& c) {
  const axis y(c);
  const std::string both = title.empty() || unit.empty() ? title + unit : title + ", " + unit;
  std::string out = fmt::format(
      "<figure style=\"max-width:520px\"><figcaption>{}</figcaption><svg viewBox=\"0 0 480 310\" "
      "role=\"img\">",
      analysis::html_escape(both));
  for (const double t : y.ticks()) {
    out += fmt::format(
        "<path class=\"grid\" d=\"M{} {:.1f}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{:.1f}\" "
        "text-anchor=\"end\">{}</text>",
        left, y.y(t), right, left - 6, y.y(t) + 4, number_text(t));
  }
  const std::size_t every = (c.size() + most_labels - 1) / most_labels;
  for (std::size_t i = 0; i < c.size(); i += every) {
    out += fmt::format(
        "<text class=\"tick\" transform=\"translate({:.1f} {}) rotate(-32)\" "
        "text-anchor=\"end\">{}</text>",
        x_of(i, c.size()) + 3, bottom + 16, analysis::html_escape(label_of(*c[i]->of)));
  }
  out += line(c, y, true, "stroke:var(--memory);stroke-dasharray:5 3");
  out += line(c, y, false, "stroke:var(--translation)");
  return out + "</svg></figure>\n";
}

}  // namespace

std::string plots(const row_outcome& r) {
  std::map<std::pair<std::string, std::string>, curve> curves;
  for (const point_outcome& p : r.points) {
    if (p.of->expected) curves[{p.of->series, p.of->unit}].push_back(&p);
  }
  std::string out;
  for (const auto& [key, c] : curves) {
    if (c.size() >= fewest) out += plot(key.first, key.second, c);
  }
  if (out.empty()) return out;
  return "<div class=\"legend\"><span><i class=\"rule\" style=\"background:var(--memory)\"></i>"
         "expected</span><span><i class=\"rule\" style=\"background:var(--translation)\"></i>"
         "simulated</span></div>\n<div class=\"charts\">\n" +
         out + "</div>\n";
}

}  // namespace svasim::validate
