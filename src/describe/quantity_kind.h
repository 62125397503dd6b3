// What the visitors need to know of each type with a unit.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/units.h"

namespace svasim::describe {

template <class Q>
struct quantity_kind;

template <>
struct quantity_kind<base::duration> {
  static constexpr const char* name = "time";
  static constexpr const char* a_name = "a time";
  static constexpr const char* example = "190ns";
  static constexpr const char* units = "ps|ns|us|ms|s";
  static std::optional<base::duration> parse(std::string_view t) { return base::parse_duration(t); }
};

template <>
struct quantity_kind<base::byte_size> {
  static constexpr const char* name = "size";
  static constexpr const char* a_name = "a size";
  static constexpr const char* example = "4KiB";
  static constexpr const char* units = "B|KiB|MiB|GiB|TiB";
  static std::optional<base::byte_size> parse(std::string_view t) {
    return base::parse_byte_size(t);
  }
};

template <>
struct quantity_kind<base::frequency> {
  static constexpr const char* name = "frequency";
  static constexpr const char* a_name = "a frequency";
  static constexpr const char* example = "2.75GHz";
  static constexpr const char* units = "Hz|kHz|MHz|GHz";
  static std::optional<base::frequency> parse(std::string_view t) {
    return base::parse_frequency(t);
  }
};

template <>
struct quantity_kind<base::byte_rate> {
  static constexpr const char* name = "rate";
  static constexpr const char* a_name = "a rate";
  static constexpr const char* example = "16GB/s";
  static constexpr const char* units = "B/s|kB/s|MB/s|GB/s";
  static std::optional<base::byte_rate> parse(std::string_view t) {
    return base::parse_byte_rate(t);
  }
};

}  // namespace svasim::describe
