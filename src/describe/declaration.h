// The description of a params struct as data: what the schema, the reference, the effective
// configuration and the sweep axes are written from.
#pragma once

#include <cstdint>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "describe/visitor.h"

namespace svasim::describe {

struct declaration {
  enum class kind { count, time, size, frequency, rate, boolean, string, choice, group, list };

  kind what = kind::group;
  std::string name;  // empty for the whole; the index for an element of a list
  std::string sentence;
  std::string provenance;
  nlohmann::json value;  // of a field, as a document gives it

  std::string unit;       // count: what is counted; a quantity: its base unit
  std::uint64_t min = 0;  // count, quantity in its base unit, length of a list
  std::uint64_t max = 0;
  std::vector<std::string> choices;

  std::vector<declaration> members;    // of a group, in order; the elements of a list
  std::vector<declaration> prototype;  // of a list: one element with its defaults

  bool absent = false;  // a group that has no place in results

  bool is_field() const { return what != kind::group && what != kind::list; }
  bool is_quantity() const { return what >= kind::time && what <= kind::rate; }
};

/// "count", "time", ..., as the reference and the sweeps name it.
const char* name_of(declaration::kind k);
/// A count or quantity as a text with its unit when it is a quantity: "512", "190ns".
std::string value_text(declaration::kind k, std::uint64_t v);
/// The value of a field as a reader sees it: 512, 190ns, true, lru.
std::string value_text(const declaration& field);

/// Throws std::logic_error for a description that is wrong in itself (a name used twice).
declaration declare_from(const std::function<void(visitor&)>& description);

/// The declaration of `s`, with the values that it has now.
template <class S>
declaration declare(const S& s) {
  S copy = s;
  return declare_from([&copy](visitor& v) { copy.describe(v); });
}

}  // namespace svasim::describe
