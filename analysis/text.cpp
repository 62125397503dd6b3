#include "analysis/text.h"

#include <algorithm>
#include <array>
#include <numeric>

#include <fmt/format.h>

namespace svasim::analysis {
namespace {

using wide = unsigned __int128;
constexpr const char* not_measured = "\u2013";

struct unit {
  std::uint64_t scale;
  const char* name;
};

// Four significant digits in the largest unit that is not above the value; units by falling scale.
template <std::size_t N>
std::string four_digits(std::uint64_t value, const std::array<unit, N>& units) {
  for (std::size_t i = 0; i < N; ++i) {
    const unit& u = units[i];
    if (value < u.scale && i + 1 < N) continue;
    if (u.scale == 1) return fmt::format("{} {}", count_text(value), u.name);
    unsigned decimals = 3;
    std::uint64_t power = 1000;
    wide rounded = 0;
    for (;; --decimals, power /= 10) {
      rounded = (static_cast<wide>(value) * power + u.scale / 2) / u.scale;
      if (decimals == 0 || rounded < 10000) break;
    }
    // 999.96 of a unit rounds to 1000.0, which is 1.000 of the next.
    if (rounded == 1000 * power && i > 0 && units[i - 1].scale == 1000 * u.scale) {
      return std::string("1.000 ") + units[i - 1].name;
    }
    return fixed_text(static_cast<std::uint64_t>(rounded), decimals) + " " + u.name;
  }
  return {};
}

constexpr std::array<unit, 5> time_units{
    {{1000000000000u, "s"}, {1000000000u, "ms"}, {1000000u, "\u00b5s"}, {1000u, "ns"}, {1u, "ps"}}};
constexpr std::array<unit, 4> rate_units{
    {{1000000000u, "GB/s"}, {1000000u, "MB/s"}, {1000u, "kB/s"}, {1u, "B/s"}}};
constexpr std::array<unit, 5> size_units{{{1ull << 40, "TiB"},
                                          {1ull << 30, "GiB"},
                                          {1ull << 20, "MiB"},
                                          {1ull << 10, "KiB"},
                                          {1u, "B"}}};

// Bytes of the UTF-8 sequence that starts at `at`; 0 when none does.
std::size_t sequence_length(const std::string& text, std::size_t at) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0u;
  };
  const auto follows = [&](std::size_t n) {
    for (std::size_t i = 1; i <= n; ++i) {
      if ((byte(at + i) & 0xc0u) != 0x80u) return false;
    }
    return true;
  };
  const unsigned first = byte(at);
  const unsigned second = byte(at + 1);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return follows(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool overlong = first == 0xe0 && second < 0xa0;
    const bool surrogate = first == 0xed && second >= 0xa0;
    return follows(2) && !overlong && !surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool outside = (first == 0xf0 && second < 0x90) || (first == 0xf4 && second >= 0x90);
    return follows(3) && !outside ? 4 : 0;
  }
  return 0;
}

std::string escaped(char c) {
  switch (c) {
    case '&':
      return "&amp;";
    case '<':
      return "&lt;";
    case '>':
      return "&gt;";
    case '"':
      return "&quot;";
    case '\'':
      return "&#39;";
    default:
      break;
  }
  const auto u = static_cast<unsigned char>(c);
  const bool control = (u < 0x20 && c != '\n' && c != '\t') || u == 0x7f;
  return control ? "\ufffd" : std::string(1, c);
}

}  // namespace

std::string count_text(std::uint64_t n) {
  std::string out = std::to_string(n);
  for (std::size_t at = out.size(); at > 3; at -= 3) out.insert(at - 3, ",");
  return out;
}

std::string fixed_text(std::uint64_t n, unsigned decimals) {
  if (decimals == 0) return count_text(n);
  std::uint64_t power = 1;
  for (unsigned i = 0; i < decimals; ++i) power *= 10;
  return fmt::format("{}.{:0{}}", count_text(n / power), n % power, decimals);
}

std::uint64_t scaled(std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  return static_cast<std::uint64_t>((static_cast<wide>(a) * b + c / 2) / c);
}

std::string time_text(std::uint64_t ps) {
  return ps == 0 ? "0 ns" : four_digits(ps, time_units);
}

std::string time_text(const std::optional<std::uint64_t>& ps) {
  return ps ? time_text(*ps) : not_measured;
}

std::string mean_text(std::uint64_t sum, std::uint64_t count) {
  return count == 0 ? not_measured : time_text(scaled(sum, 1, count));
}

std::string rate_text(std::uint64_t bytes_per_s) {
  return four_digits(bytes_per_s, rate_units);
}
std::string size_text(std::uint64_t bytes) {
  return four_digits(bytes, size_units);
}

std::string percent_text(std::uint64_t part, std::uint64_t whole, unsigned decimals) {
  if (whole == 0) return not_measured;
  const std::uint64_t steps = decimals == 1 ? 1000 : 10000;
  const std::uint64_t shown = scaled(part, steps, whole);
  if (shown == 0 && part != 0) return "<" + fixed_text(1, decimals) + " %";
  if (shown == steps && part < whole) return ">" + fixed_text(steps - 1, decimals) + " %";
  return fixed_text(shown, decimals) + " %";
}

std::vector<std::uint64_t> apportion(const std::vector<std::uint64_t>& parts, std::uint64_t total) {
  const wide sum = std::accumulate(parts.begin(), parts.end(), wide{0});
  std::vector<std::uint64_t> shares(parts.size(), 0);
  if (sum == 0) return shares;
  std::vector<wide> remainders(parts.size());
  std::vector<std::size_t> order(parts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::uint64_t left = total;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const wide product = static_cast<wide>(parts[i]) * total;
    shares[i] = static_cast<std::uint64_t>(product / sum);
    remainders[i] = product % sum;
    left -= shares[i];
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return remainders[a] > remainders[b]; });
  for (std::size_t i = 0; i < left; ++i) ++shares[order[i]];
  return shares;
}

std::string html_escape(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t n = sequence_length(text, at);
    if (n == 0) {
      out += "\ufffd";
    } else if (n == 1) {
      out += escaped(text[at]);
    } else {
      out.append(text, at, n);
    }
    at += std::max<std::size_t>(n, 1);
  }
  return out;
}

std::size_t text_width(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0u) != 0x80u;
  }));
}

}  // namespace svasim::analysis
