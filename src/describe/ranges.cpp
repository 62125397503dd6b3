#include "describe/ranges.h"

#include <algorithm>

#include "describe/names.h"
#include "describe/quantity_kind.h"

namespace svasim::describe {
namespace {

using kind = declaration::kind;

template <class Q>
std::optional<std::uint64_t> parse_as(const std::string& text) {
  const auto q = quantity_kind<Q>::parse(text);
  if (!q) return std::nullopt;
  return q->value();
}

std::optional<std::uint64_t> number_of(kind k, const json_value& v) {
  switch (k) {
    case kind::count:
      return v.is(json_value::type::count) ? std::optional(v.integer) : std::nullopt;
    case kind::time:
      return parse_as<base::duration>(v.text);
    case kind::size:
      return parse_as<base::byte_size>(v.text);
    case kind::frequency:
      return parse_as<base::frequency>(v.text);
    case kind::rate:
      return parse_as<base::byte_rate>(v.text);
    default:
      return std::nullopt;
  }
}

const json_value* member_of(const declaration& d, std::size_t index, const json_value& given) {
  if (d.what == kind::list) {
    return index < given.elements.size() ? &given.elements[index] : nullptr;
  }
  const json_member* const m = given.find(d.members[index].name);
  return m != nullptr ? &m->value : nullptr;
}

void collect(const declaration& at, const std::string& path, const json_value& given,
             std::map<std::string, value_range>& out) {
  for (std::size_t i = 0; i < at.members.size(); ++i) {
    const declaration& m = at.members[i];
    const json_value* const inner = member_of(at, i, given);
    if (inner == nullptr) continue;
    const std::string name = dotted(path, m.name);
    if (!m.is_field()) {
      collect(m, name, *inner, out);
      continue;
    }
    const json_member* const range = inner->find("range");
    if (range == nullptr || range->value.elements.size() != 2) continue;
    const auto low = number_of(m.what, range->value.elements[0]);
    const auto high = number_of(m.what, range->value.elements[1]);
    if (low && high) out[name] = {*low, *high};
  }
}

}  // namespace

bool is_number(kind k) {
  return k == kind::count || (k >= kind::time && k <= kind::rate);
}

std::map<std::string, value_range> stated_ranges(const declaration& root, const document& d) {
  std::map<std::string, value_range> out;
  collect(root, "", d.root(), out);
  return out;
}

std::optional<value_range> usual_range(const parameter_info& p, std::uint64_t value) {
  if (!is_number(p.kind) || value == 0) return std::nullopt;
  const value_range out{std::max(p.min, value / 2),
                        value > p.max / 2 ? p.max : std::min(p.max, value * 2)};
  if (out.low == out.high) return std::nullopt;
  return out;
}

}  // namespace svasim::describe
