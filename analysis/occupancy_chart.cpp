#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "analysis/chart.h"
#include "analysis/text.h"

namespace svasim::analysis {
namespace {

// The drawing area in SVG units.
constexpr std::uint64_t left = 58, right = 940, top = 12, bottom = 200;

// 1, 2 or 5 times a power of ten, not below `v` thousandths.
std::uint64_t round_up(std::uint64_t v) {
  for (std::uint64_t decade = 1000; decade < 10000000000000000000u / 10; decade *= 10) {
    for (const std::uint64_t step : {1u, 2u, 5u}) {
      if (decade * step >= v) return decade * step;
    }
  }
  return v;
}

std::string line(const occupancy_over_time& o, const occupancy_over_time::series& s,
                 std::uint64_t most, std::size_t style) {
  std::string path = fmt::format("M{} {}", left, bottom);
  for (std::size_t i = 0; i < s.mean_milli.size(); ++i) {
    path += fmt::format("V{}H{}", bottom - scaled(bottom - top, s.mean_milli[i], most),
                        left + scaled(right - left, o.window_end_ps[i], o.window_end_ps.back()));
  }
  constexpr std::array<const char*, 4> styles{"s0", "s1", "s2", "s3"};
  return fmt::format("<path class=\"line {}\" d=\"{}\"/>", styles[style % styles.size()], path);
}

}  // namespace

std::string over_time_chart(const occupancy_over_time& o) {
  if (o.window_end_ps.empty() || o.window_end_ps.back() == 0) return {};
  std::uint64_t highest = 1;
  for (const occupancy_over_time::series& s : o.all) {
    for (const std::uint64_t m : s.mean_milli) highest = std::max(highest, m);
  }
  const std::uint64_t most = round_up(highest);
  std::string out;
  for (std::uint64_t quarter = 0; quarter <= 4; ++quarter) {
    const std::uint64_t y = bottom - (bottom - top) * quarter / 4;
    out += fmt::format(
        "<path class=\"grid\" d=\"M{0} {2}H{1}\"/><text class=\"tick\" x=\"{3}\" y=\"{4}\" "
        "text-anchor=\"end\">{5}</text>",
        left, right, y, left - 6, y + 4, fixed_text(scaled(most, quarter, 40), 2));
    const std::uint64_t x = left + (right - left) * quarter / 4;
    out += fmt::format("<text class=\"tick\" x=\"{}\" y=\"{}\" text-anchor=\"{}\">{}</text>", x,
                       bottom + 17, quarter == 4 ? "end" : "middle",
                       time_text(scaled(o.window_end_ps.back(), quarter, 4)));
  }
  std::string legend = "<p class=\"legend\">";
  for (std::size_t k = 0; k < o.all.size(); ++k) {
    out += line(o, o.all[k], most, k);
    legend += fmt::format("<span><i class=\"rule s{}\"></i>{}</span>", k % 4,
                          html_escape(o.all[k].label));
  }
  return legend +
         "</p>\n<svg viewBox=\"0 0 960 222\" role=\"img\" aria-label=\"Occupancy over time\">" +
         out + "</svg>\n";
}

}  // namespace svasim::analysis
