#include "analysis/chart.h"

#include <fmt/format.h>

#include <algorithm>

#include "analysis/text.h"

namespace svasim::analysis {
namespace {

// The drawing area in tenths of an SVG unit.
constexpr std::uint64_t left = 580, right = 4700, top = 120, bottom = 2400;
constexpr std::uint64_t one = 65536;          // 1.0 of log2_fixed
constexpr std::uint64_t log2_of_10 = 217706;  // of 10, in the same scale

std::string coordinate(std::uint64_t tenths) {
  return tenths % 10 == 0 ? std::to_string(tenths / 10)
                          : fmt::format("{}.{}", tenths / 10, tenths % 10);
}

class time_axis {
 public:
  time_axis(std::uint64_t lowest, std::uint64_t highest) {
    m_low = log2_fixed(std::max<std::uint64_t>(lowest, 1));
    m_high = std::max(log2_fixed(std::max<std::uint64_t>(highest, 1)), m_low);
    const std::uint64_t air = std::max((m_high - m_low) / 40, one / 8);
    m_low = m_low > air ? m_low - air : 0;
    m_high += air;
  }
  std::uint64_t x(std::uint64_t ps) const {
    const std::uint64_t l = std::clamp(log2_fixed(std::max<std::uint64_t>(ps, 1)), m_low, m_high);
    return left + scaled(l - m_low, right - left, m_high - m_low);
  }
  bool holds(std::uint64_t ps) const {
    const std::uint64_t l = log2_fixed(ps);
    return l >= m_low && l <= m_high;
  }
  /// Decades when there are at least three of them, else 1, 2, 5.
  std::vector<std::uint64_t> ticks() const {
    std::vector<std::uint64_t> out;
    const bool fine = m_high - m_low < 3 * log2_of_10;
    for (std::uint64_t decade = 1; decade <= 10000000000000000u; decade *= 10) {
      for (const std::uint64_t step : {1u, 2u, 5u}) {
        if ((fine || step == 1) && holds(decade * step)) out.push_back(decade * step);
      }
    }
    return out;
  }

 private:
  std::uint64_t m_low = 0;
  std::uint64_t m_high = 0;
};

// 1000 -> "1 ns": a round time without the four digits of a measured one.
std::string tick_text(std::uint64_t ps) {
  std::uint64_t scale = 1;
  const char* name = "ps";
  for (const auto& [s, n] : {std::pair<std::uint64_t, const char*>{1000u, "ns"},
                             {1000000u, "\u00b5s"},
                             {1000000000u, "ms"},
                             {1000000000000u, "s"}}) {
    if (ps >= s) scale = s, name = n;
  }
  return fmt::format("{} {}", count_text(ps / scale), name);
}

time_axis axis_of(const std::vector<chart_series>& series) {
  std::uint64_t low = ~std::uint64_t{0};
  std::uint64_t high = 1;
  for (const chart_series& s : series) {
    for (const histogram::bin& b : s.data->bins) {
      if (b.upper_edge != 0 && b.count != 0) low = std::min(low, b.upper_edge);
    }
    high = std::max(high, *s.data->max);
  }
  return time_axis(std::min(low, high), high);
}

std::vector<chart_series> with_samples(const std::vector<chart_series>& series) {
  std::vector<chart_series> out;
  for (const chart_series& s : series) {
    if (s.data->count != 0) out.push_back(s);
  }
  return out;
}

// A staircase through the points (x, y); points of the same place are drawn once.
class staircase {
 public:
  explicit staircase(std::uint64_t y)
      : m_path(fmt::format("M{} {}", coordinate(left), coordinate(y))), m_y(y) {}
  void step(std::uint64_t x, std::uint64_t y) {
    if (y == m_y) return;
    m_path += fmt::format("H{}V{}", coordinate(x), coordinate(y));
    m_y = y;
  }
  std::string finish(const char* style) {
    m_path += fmt::format("H{}", coordinate(right));
    return fmt::format("<path class=\"line {}\" d=\"{}\"/>", style, m_path);
  }

 private:
  std::string m_path;
  std::uint64_t m_y;
};

std::string horizontal(std::uint64_t y, const std::string& label) {
  return fmt::format(
      "<path class=\"grid\" d=\"M{} {}H{}\"/><text class=\"tick\" x=\"{}\" y=\"{}\" "
      "text-anchor=\"end\">{}</text>",
      coordinate(left), coordinate(y), coordinate(right), coordinate(left - 60), coordinate(y + 35),
      label);
}

std::string vertical(std::uint64_t x, const std::string& label) {
  return fmt::format(
      "<path class=\"grid\" d=\"M{} {}V{}\"/><text class=\"tick\" x=\"{}\" y=\"{}\" "
      "text-anchor=\"middle\">{}</text>",
      coordinate(x), coordinate(top), coordinate(bottom), coordinate(x), coordinate(bottom + 170),
      label);
}

std::string time_grid(const time_axis& axis) {
  std::string out;
  for (const std::uint64_t t : axis.ticks()) out += vertical(axis.x(t), tick_text(t));
  return out;
}

std::string frame(const char* label, const std::string& content) {
  return fmt::format("<svg viewBox=\"0 0 480 262\" role=\"img\" aria-label=\"{}\">{}</svg>", label,
                     content);
}

}  // namespace

std::uint64_t log2_fixed(std::uint64_t v) {
  const auto whole = 63u - static_cast<unsigned>(__builtin_clzll(v));
  std::uint64_t mantissa = whole > 31 ? v >> (whole - 31) : v << (31 - whole);  // 1.0 is 2^31
  std::uint64_t out = whole;
  for (int i = 0; i < 16; ++i) {  // squaring doubles the logarithm: one binary digit a round
    mantissa = (mantissa * mantissa) >> 31;
    const std::uint64_t digit = mantissa >> 32;
    out = out * 2 + digit;
    mantissa >>= digit;
  }
  return out;
}

std::string within_chart(const std::vector<chart_series>& given) {
  const std::vector<chart_series> series = with_samples(given);
  if (series.empty()) return {};
  const time_axis axis = axis_of(series);
  std::string out = time_grid(axis);
  for (const std::uint64_t percent : {0u, 25u, 50u, 75u, 100u}) {
    out += horizontal(bottom - scaled(bottom - top, percent, 100), fmt::format("{} %", percent));
  }
  for (const chart_series& s : series) {
    staircase line(bottom);
    std::uint64_t done = 0;
    for (const histogram::bin& b : s.data->bins) {
      done += b.count;
      line.step(axis.x(std::min(b.upper_edge, *s.data->max)),
                bottom - scaled(bottom - top, done, s.data->count));
    }
    out += line.finish(s.style);
  }
  return frame("Share of transactions within a time", out);
}

std::string beyond_chart(const std::vector<chart_series>& given) {
  const std::vector<chart_series> series = with_samples(given);
  if (series.empty()) return {};
  const time_axis axis = axis_of(series);
  std::uint64_t most = 0;
  for (const chart_series& s : series) most = std::max(most, s.data->count);
  std::uint64_t decades = 1;
  for (std::uint64_t power = 10; decades < 6 && power < most; power *= 10) ++decades;
  const std::uint64_t depth = decades * log2_of_10;
  constexpr const char* labels[] = {"100 %",  "10 %",    "1 %",     "0.1 %",
                                    "0.01 %", "0.001 %", "0.0001 %"};
  std::string out = time_grid(axis);
  for (std::uint64_t d = 0; d <= decades; ++d) {
    out += horizontal(top + scaled(bottom - top, d, decades), labels[d]);
  }
  for (const chart_series& s : series) {
    const std::uint64_t all = log2_fixed(s.data->count);
    staircase line(top);
    std::uint64_t left_over = s.data->count;
    for (const histogram::bin& b : s.data->bins) {
      left_over -= b.count;
      const std::uint64_t below =
          left_over == 0 ? depth : std::min(all - log2_fixed(left_over), depth);
      line.step(axis.x(std::min(b.upper_edge, *s.data->max)),
                top + scaled(bottom - top, below, depth));
    }
    out += line.finish(s.style);
  }
  return frame("Share of transactions beyond a time, logarithmic", out);
}

}  // namespace svasim::analysis
