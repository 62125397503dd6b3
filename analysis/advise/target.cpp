#include "analysis/advise/target.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <stdexcept>

#include "base/error.h"
#include "base/units.h"
#include "describe/json_value.h"
#include "describe/spelling.h"

namespace svasim::advise {
namespace {

constexpr const char* form = "--target needs METRIC < VALUE, as in \"translation_p99 < 1us\"";

// Those that every result may have, with their units.
std::vector<sweep::metric> main_metrics() {
  std::vector<sweep::metric> out{{"time", 0, "ps"},           {"throughput", 0, "bytes/s"},
                                 {"requests", 0, "requests"}, {"faulted", 0, "requests"},
                                 {"walks", 0, "walks"},       {"walk_reads", 0, "reads"},
                                 {"storage_bits", 0, "bits"}};
  for (const char* kind : {"translation", "read", "write"}) {
    for (const char* what : {"mean", "p50", "p90", "p99", "p99_9", "p99_99", "max"}) {
      out.push_back({std::string(kind) + "_" + what, 0, "ps"});
    }
  }
  return out;
}

std::string trimmed(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t");
  const std::size_t last = text.find_last_not_of(" \t");
  return first == std::string::npos ? "" : text.substr(first, last - first + 1);
}

[[noreturn]] void unknown(const std::string& name, const std::vector<std::string>& names) {
  const std::string nearest = describe::nearest_name(name, names);
  throw base::input_error(
      fmt::format("--target: no metric {}{}", describe::in_quotes(name),
                  nearest.empty() ? "" : "; did you mean \"" + nearest + "\"?"));
}

std::optional<std::uint64_t> whole_number(const std::string& text) {
  if (text.empty() || text.size() > 18) return std::nullopt;
  if (text.find_first_not_of("0123456789") != std::string::npos) return std::nullopt;
  return std::stoull(text);
}

// "1.25%" in parts per million.
std::optional<std::uint64_t> ratio(const std::string& text) {
  if (text.empty() || text.back() != '%') return std::nullopt;
  std::string digits = trimmed(text.substr(0, text.size() - 1));
  std::size_t behind = 0;
  const std::size_t point = digits.find('.');
  if (point != std::string::npos) {
    behind = digits.size() - point - 1;
    digits.erase(point, 1);
  }
  if (behind > 4 || (point != std::string::npos && behind == 0)) return std::nullopt;
  return whole_number(digits + std::string(4 - behind, '0'));
}

struct unit_form {
  const char* unit;
  const char* example;
};
constexpr std::array<unit_form, 3> forms{{{"ps", "a time such as 1us"},
                                          {"bytes/s", "a rate such as 20GB/s"},
                                          {"ppm", "a share such as 1.5%"}}};

std::optional<std::uint64_t> in_unit(const std::string& text, const std::string& unit) {
  if (unit == "ps") {
    const auto v = base::parse_duration(text);
    return v ? std::optional(v->value()) : std::nullopt;
  }
  if (unit == "bytes/s") {
    const auto v = base::parse_byte_rate(text);
    return v ? std::optional(v->value()) : std::nullopt;
  }
  return unit == "ppm" ? ratio(text) : whole_number(text);
}

}  // namespace

target::target(const std::string& text) : m_text(trimmed(text)) {
  const std::size_t at = m_text.find_first_of("<>");
  if (at == std::string::npos) throw base::input_error(form);
  const bool equal = at + 1 < m_text.size() && m_text[at + 1] == '=';
  if (m_text[at] == '<') {
    m_relation = equal ? relation::less_equal : relation::less;
  } else {
    m_relation = equal ? relation::greater_equal : relation::greater;
  }
  m_metric = trimmed(m_text.substr(0, at));
  m_value = trimmed(m_text.substr(at + (equal ? 2 : 1)));
  if (m_metric.empty() || m_value.empty()) throw base::input_error(form);
  if (m_metric.find('.') == std::string::npos) resolve(main_metrics());
}

void target::resolve(const std::vector<sweep::metric>& metrics) {
  const sweep::metric* m = find_metric(metrics, m_metric);
  if (m == nullptr) {
    std::vector<std::string> names;
    for (const sweep::metric& one : metrics) names.push_back(one.name);
    unknown(m_metric, names);
  }
  m_unit = m->unit;
  const auto limit = in_unit(m_value, m_unit);
  if (!limit) {
    std::string wanted = "a whole number";
    for (const unit_form& f : forms) {
      if (m_unit == f.unit) wanted = f.example;
    }
    throw base::input_error(fmt::format("--target: {} needs {}, not {}", m_metric, wanted,
                                        describe::in_quotes(m_value)));
  }
  m_limit = *limit;
}

std::uint64_t target::value_in(const std::vector<sweep::metric>& metrics) const {
  const sweep::metric* m = find_metric(metrics, m_metric);
  if (m == nullptr) throw std::runtime_error("the result has no " + m_metric);
  return m->value;
}

bool target::met_by(std::uint64_t value) const {
  switch (m_relation) {
    case relation::less:
      return value < m_limit;
    case relation::less_equal:
      return value <= m_limit;
    case relation::greater:
      return value > m_limit;
    case relation::greater_equal:
      break;
  }
  return value >= m_limit;
}

}  // namespace svasim::advise
