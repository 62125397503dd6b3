// The names of virtio-iommu requests (virtio 1.2 section 5.13.6) in text traces.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "trace/record.h"

namespace svasim::workloads {

constexpr std::array<std::pair<std::string_view, trace::request_type>, 4> request_names{{
    {"attach", trace::request_type::attach},
    {"detach", trace::request_type::detach},
    {"map", trace::request_type::map},
    {"unmap", trace::request_type::unmap},
}};

inline std::optional<trace::request_type> request_named(std::string_view name) {
  for (const auto& [known, type] : request_names) {
    if (known == name) return type;
  }
  return std::nullopt;
}

inline std::string_view request_name(trace::request_type type) {
  for (const auto& [name, known] : request_names) {
    if (known == type) return name;
  }
  return "";
}

}  // namespace svasim::workloads
