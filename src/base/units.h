// Quantities with their unit in the type: time in picoseconds, sizes in bytes, rates. All are
// integers, so that a result is the same in every build. Text forms ("190ns", "4KiB", "2.75GHz")
// are parsed exactly.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace svasim::base {

template <class Tag>
class quantity {
 public:
  constexpr quantity() = default;
  constexpr explicit quantity(std::uint64_t v) : m_value(v) {}
  /// In the base unit of the type: ps, bytes, Hz, bytes/s.
  constexpr std::uint64_t value() const { return m_value; }

  constexpr quantity& operator+=(quantity o) { return m_value += o.m_value, *this; }
  constexpr quantity& operator-=(quantity o) { return m_value -= o.m_value, *this; }
  friend constexpr quantity operator+(quantity a, quantity b) {
    return quantity(a.m_value + b.m_value);
  }
  friend constexpr quantity operator-(quantity a, quantity b) {
    return quantity(a.m_value - b.m_value);
  }
  friend constexpr quantity operator*(quantity a, std::uint64_t n) {
    return quantity(a.m_value * n);
  }
  friend constexpr quantity operator*(std::uint64_t n, quantity a) { return a * n; }
  friend constexpr bool operator==(quantity a, quantity b) { return a.m_value == b.m_value; }
  friend constexpr bool operator!=(quantity a, quantity b) { return a.m_value != b.m_value; }
  friend constexpr bool operator<(quantity a, quantity b) { return a.m_value < b.m_value; }
  friend constexpr bool operator<=(quantity a, quantity b) { return a.m_value <= b.m_value; }
  friend constexpr bool operator>(quantity a, quantity b) { return a.m_value > b.m_value; }
  friend constexpr bool operator>=(quantity a, quantity b) { return a.m_value >= b.m_value; }

 private:
  std::uint64_t m_value = 0;
};

/// A span of simulated time, or a moment since its start, in ps. Never negative.
using duration = quantity<struct duration_tag>;
/// A size in bytes.
using byte_size = quantity<struct byte_size_tag>;
/// A clock in Hz.
using frequency = quantity<struct frequency_tag>;
/// A throughput in bytes per second.
using byte_rate = quantity<struct byte_rate_tag>;

constexpr duration ps(std::uint64_t n) {
  return duration(n);
}
constexpr duration ns(std::uint64_t n) {
  return duration(n * 1000);
}
constexpr duration us(std::uint64_t n) {
  return duration(n * 1000 * 1000);
}
constexpr byte_size bytes(std::uint64_t n) {
  return byte_size(n);
}
constexpr byte_size kib(std::uint64_t n) {
  return byte_size(n << 10);
}
constexpr byte_size mib(std::uint64_t n) {
  return byte_size(n << 20);
}
constexpr byte_size gib(std::uint64_t n) {
  return byte_size(n << 30);
}
constexpr frequency mhz(std::uint64_t n) {
  return frequency(n * 1000 * 1000);
}
constexpr byte_rate gigabytes_per_s(std::uint64_t n) {
  return byte_rate(n * 1000000000);
}

/// Length of one clock period, rounded to the nearest ps. `f` > 0.
constexpr duration period(frequency f) {
  return duration((1000000000000u + f.value() / 2) / f.value());
}
/// Time to move `n` bytes at `r`, rounded up to a whole ps. `r` > 0; n below 16 MiB.
constexpr duration transfer_time(byte_size n, byte_rate r) {
  return duration((n.value() * 1000000000000u + r.value() - 1) / r.value());
}

/// Parse a text with unit. Empty when the text is not a number with a known unit, is negative, does
/// not fit, or is no whole number of the base unit. Fractions are exact: "0.5ns" is 500 ps.
std::optional<duration> parse_duration(std::string_view text);    // ps ns us ms s
std::optional<byte_size> parse_byte_size(std::string_view text);  // B KiB MiB GiB TiB
std::optional<frequency> parse_frequency(std::string_view text);  // Hz kHz MHz GHz
std::optional<byte_rate> parse_byte_rate(std::string_view text);  // B/s kB/s MB/s GB/s

/// The shortest exact text that parses back to the same value: "190ns", "64MiB", "2.75GHz".
std::string to_string(duration d);
std::string to_string(byte_size n);
std::string to_string(frequency f);
std::string to_string(byte_rate r);

}  // namespace svasim::base
