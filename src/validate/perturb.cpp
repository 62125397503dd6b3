#include "validate/perturb.h"

#include <fmt/format.h>

#include <cmath>
#include <cstdlib>

#include "base/units.h"

namespace svasim::validate {
namespace {

using kind = describe::declaration::kind;

[[noreturn]] void fail_at(const base::problem& at, const std::string& message) {
  base::problem p = at;
  p.message = message;
  throw base::input_error(std::move(p));
}

// In the base unit of the kind.
std::uint64_t parsed(kind k, const std::string& text, const spent_constant& s) {
  std::optional<std::uint64_t> out;
  const auto take = [&](const auto& q) {
    if (q) out = q->value();
  };
  if (k == kind::time) take(base::parse_duration(text));
  if (k == kind::size) take(base::parse_byte_size(text));
  if (k == kind::frequency) take(base::parse_frequency(text));
  if (k == kind::rate) take(base::parse_byte_rate(text));
  if (k == kind::count && text.find_first_not_of("0123456789") == std::string::npos) {
    out = std::strtoull(text.c_str(), nullptr, 10);
  }
  if (!out) fail_at(s.at, fmt::format("{}: \"{}\" is no value of it", s.name(), text));
  return *out;
}

std::uint64_t step_of(const row& r, const spent_constant& s, kind k) {
  if (!s.step.empty()) return parsed(k, s.step, s);
  if (k == kind::count) return 1;
  if (r.tolerance.what != tolerance::kind::percent) {
    fail_at(s.at, s.name() + " needs \"step\", as the tolerance of its row is not in percent");
  }
  const std::uint64_t whole = parsed(k, s.part_of.empty() ? s.value : s.part_of, s);
  return static_cast<std::uint64_t>(
      std::llround(static_cast<double>(whole) * 2 * r.tolerance.value / 100));
}

row changed(const row& r, const spent_constant& s, const std::string& value) {
  row out = r;
  for (point& p : out.points) {
    if (!s.of(p)) continue;
    (s.parameter.empty() ? p.arguments : p.set).emplace_back(s.name(), value);
    for (const std::string& other : s.with) p.set.emplace_back(other, value);
  }
  out.spent.clear();
  return out;
}

std::string bad_point(const row& changed, const suite_options& o) {
  const std::vector<row> alone{changed};
  for (const row_outcome& r : run_rows(alone, o)) {
    for (const point_outcome& p : r.points) {
      if (!p.good && p.of->role != point_role::gap) return p.of->name;
    }
  }
  return {};
}

}  // namespace

std::vector<std::string> changed_values(const row& r, const spent_constant& s) {
  const describe::parameter_info info = find_constant(r, s);
  if (info.kind == kind::boolean) return {s.value == "true" ? "false" : "true"};
  if (info.kind == kind::string || info.kind == kind::choice) {
    fail_at(s.at, s.name() + " is neither a number nor true or false");
  }
  const std::uint64_t is = parsed(info.kind, s.value, s);
  const std::uint64_t step = step_of(r, s, info.kind);
  std::vector<std::string> out;
  if (is + step <= info.max) out.push_back(describe::value_text(info.kind, is + step));
  if (is >= step && is - step >= info.min) {
    out.push_back(describe::value_text(info.kind, is - step));
  }
  if (out.empty()) fail_at(s.at, s.name() + " cannot be changed by so much");
  return out;
}

std::vector<perturbation> perturb(const std::vector<row>& rows, const suite_options& o) {
  check_rows(rows, o);
  std::vector<perturbation> out;
  for (const row& r : rows) {
    for (const spent_constant& s : r.spent) {
      for (const std::string& value : changed_values(r, s)) {
        const row other = changed(r, s, value);
        suite_options first = o;
        first.quick = true;
        std::string noticed = bad_point(other, first);
        if (noticed.empty() && !o.quick) noticed = bad_point(other, o);
        out.push_back({&r, &s, value, noticed});
      }
    }
  }
  return out;
}

}  // namespace svasim::validate
