// The effective configuration of a run: every parameter with the value that it had, where that
// value comes from, and one digest of the whole.
#pragma once

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "describe/declaration.h"
#include "describe/document.h"

namespace svasim::describe {

/// The values as a nested object that read_into() takes back: counts as integers, quantities as the
/// shortest exact text with unit, keys sorted.
nlohmann::json effective(const declaration& d);

/// Dotted path of every field -> where its value comes from: the source given with it; else "set in
/// FILE" or "set by --set"; for a value that `d` does not mention the provenance of its
/// declaration.
std::map<std::string, std::string> effective_provenance(const declaration& root, const document& d);
/// The same for a struct that no document has touched.
std::map<std::string, std::string> effective_provenance(const declaration& root);

/// FNV-1a 64 of the effective configuration as compact JSON, 16 hex digits.
std::string effective_digest(const declaration& root);

/// One field, as a sweep needs it. `path` is what --set takes.
struct parameter_info {
  std::string path;
  declaration::kind kind = declaration::kind::count;
  std::string unit;       // count: what is counted; quantity: the base unit of min and max
  std::uint64_t min = 0;  // both ends are legal; counts and quantities only
  std::uint64_t max = 0;
  std::vector<std::string> choices;  // the legal values of a choice
  std::string value;                 // the default: what the struct holds
  std::string sentence;
  std::string provenance;
};

/// Every field in the order of the description, with the elements that lists have now.
std::vector<parameter_info> parameters(const declaration& root);

template <class S>
nlohmann::json effective(const S& s) {
  return effective(declare(s));
}
template <class S>
std::map<std::string, std::string> effective_provenance(const S& s, const document& d) {
  return effective_provenance(declare(s), d);
}
template <class S>
std::map<std::string, std::string> effective_provenance(const S& s) {
  return effective_provenance(declare(s));
}
template <class S>
std::string effective_digest(const S& s) {
  return effective_digest(declare(s));
}
template <class S>
std::vector<parameter_info> parameters(const S& s) {
  return parameters(declare(s));
}

}  // namespace svasim::describe
