#include "describe/effective.h"

#include <fmt/format.h>

#include "describe/names.h"

namespace svasim::describe {
namespace {

using kind = declaration::kind;
using provenance_map = std::map<std::string, std::string>;

// What the document says about member `index` of `d`; null when it says nothing.
const json_value* given_member(const declaration& d, std::size_t index, const json_value* given) {
  if (given == nullptr) return nullptr;
  if (d.what == kind::list) {
    return index < given->elements.size() ? &given->elements[index] : nullptr;
  }
  const json_member* const m = given->find(d.members[index].name);
  return m != nullptr ? &m->value : nullptr;
}

std::string provenance_of(const declaration& field, const json_value* given, const document* d) {
  if (given == nullptr) return field.provenance;
  const json_member* const value = given->find("value");
  const json_member* const source = given->find("source");
  const position at = value != nullptr ? value->value.at : given->at;
  // A value set on the command line does not come from the source of the one that it replaces.
  const bool sourced = source != nullptr && (!at.is_override() || source->value.at.is_override());
  if (sourced) return source->value.text;
  return at.is_override() ? "set by --set" : "set in " + d->files().at(at.file);
}

void collect(const declaration& at, const std::string& path, const json_value* given,
             const document* d, provenance_map& out) {
  for (std::size_t i = 0; i < at.members.size(); ++i) {
    const declaration& m = at.members[i];
    const json_value* const inner = given_member(at, i, given);
    if (m.is_field()) {
      out[dotted(path, m.name)] = provenance_of(m, inner, d);
    } else if (!m.absent) {
      collect(m, dotted(path, m.name), inner, d, out);
    }
  }
}

void collect(const declaration& at, const std::string& path, std::vector<parameter_info>& out) {
  for (const declaration& m : at.members) {
    const std::string inner = dotted(path, m.name);
    if (m.is_field()) {
      out.push_back({inner, m.what, m.unit, m.min, m.max, m.choices, value_text(m), m.sentence,
                     m.provenance});
    } else if (!m.absent) {
      collect(m, inner, out);
    }
  }
}

}  // namespace

nlohmann::json effective(const declaration& d) {
  if (d.is_field()) return d.value;
  nlohmann::json out = d.what == kind::list ? nlohmann::json::array() : nlohmann::json::object();
  for (const declaration& m : d.members) {
    if (d.what == kind::list) {
      out.push_back(effective(m));
    } else if (!m.absent) {
      out[m.name] = effective(m);
    }
  }
  return out;
}

provenance_map effective_provenance(const declaration& root, const document& d) {
  provenance_map out;
  collect(root, "", &d.root(), &d, out);
  return out;
}

provenance_map effective_provenance(const declaration& root) {
  provenance_map out;
  collect(root, "", nullptr, nullptr, out);
  return out;
}

std::string effective_digest(const declaration& root) {
  constexpr std::uint64_t basis = 0xcbf29ce484222325u;
  constexpr std::uint64_t prime = 0x100000001b3u;
  std::uint64_t hash = basis;
  const auto replace = nlohmann::json::error_handler_t::replace;
  for (const char c : effective(root).dump(-1, ' ', false, replace)) {
    hash = (hash ^ static_cast<unsigned char>(c)) * prime;
  }
  return fmt::format("{:016x}", hash);
}

std::vector<parameter_info> parameters(const declaration& root) {
  std::vector<parameter_info> out;
  collect(root, "", out);
  return out;
}

}  // namespace svasim::describe
