#include "base/units.h"

#include <array>

namespace svasim::base {
namespace {

struct unit {
  std::string_view name;
  std::uint64_t scale;
};

constexpr std::array<unit, 5> duration_units{
    {{"s", 1000000000000u}, {"ms", 1000000000u}, {"us", 1000000u}, {"ns", 1000u}, {"ps", 1u}}};
constexpr std::array<unit, 5> size_units{{{"TiB", 1ull << 40},
                                          {"GiB", 1ull << 30},
                                          {"MiB", 1ull << 20},
                                          {"KiB", 1ull << 10},
                                          {"B", 1u}}};
constexpr std::array<unit, 4> frequency_units{
    {{"GHz", 1000000000u}, {"MHz", 1000000u}, {"kHz", 1000u}, {"Hz", 1u}}};
constexpr std::array<unit, 4> rate_units{
    {{"GB/s", 1000000000u}, {"MB/s", 1000000u}, {"kB/s", 1000u}, {"B/s", 1u}}};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

// digits [ '.' digits ] unit, exactly: the value is digits * scale / 10^fraction and must be whole.
template <std::size_t N>
std::optional<std::uint64_t> parse(std::string_view text, const std::array<unit, N>& units) {
  std::size_t at = 0;
  unsigned __int128 mantissa = 0;
  unsigned __int128 divisor = 1;
  std::size_t digits = 0;
  const auto take_digits = [&](bool fraction) {
    for (; at < text.size() && is_digit(text[at]); ++at) {
      if (++digits > 20) return false;
      mantissa = mantissa * 10 + static_cast<unsigned>(text[at] - '0');
      if (fraction) divisor *= 10;
    }
    return true;
  };
  if (!take_digits(false) || digits == 0) return std::nullopt;
  if (at < text.size() && text[at] == '.') {
    ++at;
    const std::size_t before = digits;
    if (!take_digits(true) || digits == before) return std::nullopt;
  }
  if (at < text.size() && text[at] == ' ') ++at;
  for (const unit& u : units) {
    if (text.substr(at) != u.name) continue;
    const unsigned __int128 scaled = mantissa * u.scale;
    if (scaled % divisor != 0 || scaled / divisor > ~std::uint64_t{0}) return std::nullopt;
    return static_cast<std::uint64_t>(scaled / divisor);
  }
  return std::nullopt;
}

// The largest unit in which the value has at most three decimals.
template <std::size_t N>
std::string format(std::uint64_t value, const std::array<unit, N>& units) {
  for (const unit& u : units) {
    if (value < u.scale) continue;
    const unsigned __int128 thousandths = static_cast<unsigned __int128>(value) * 1000;
    if (thousandths % u.scale != 0) continue;
    const auto rest = static_cast<unsigned>((thousandths / u.scale) % 1000);
    std::string out = std::to_string(value / u.scale);
    if (rest != 0) {
      std::string fraction = std::to_string(1000 + rest).substr(1);
      while (fraction.back() == '0') fraction.pop_back();
      out += "." + fraction;
    }
    return out + std::string(u.name);
  }
  return std::to_string(value) + std::string(units[N - 1].name);
}

template <class Q, std::size_t N>
std::optional<Q> parse_as(std::string_view text, const std::array<unit, N>& units) {
  const auto v = parse(text, units);
  return v ? std::optional<Q>(Q(*v)) : std::nullopt;
}

}  // namespace

std::optional<duration> parse_duration(std::string_view t) {
  return parse_as<duration>(t, duration_units);
}
std::optional<byte_size> parse_byte_size(std::string_view t) {
  return parse_as<byte_size>(t, size_units);
}
std::optional<frequency> parse_frequency(std::string_view t) {
  return parse_as<frequency>(t, frequency_units);
}
std::optional<byte_rate> parse_byte_rate(std::string_view t) {
  return parse_as<byte_rate>(t, rate_units);
}

std::string to_string(duration d) {
  return format(d.value(), duration_units);
}
std::string to_string(byte_size n) {
  return format(n.value(), size_units);
}
std::string to_string(frequency f) {
  return format(f.value(), frequency_units);
}
std::string to_string(byte_rate r) {
  return format(r.value(), rate_units);
}

}  // namespace svasim::base
