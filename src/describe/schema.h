// The JSON schema (draft-07) of a params struct, for editors and for checking documents elsewhere.
// It never refuses a file that the reader accepts. Leaves out what a schema cannot say: the range
// of a quantity (named in its description), the rules between fields, and duplicate keys.
#pragma once

#include <string>

#include "describe/declaration.h"

namespace svasim::describe {

/// Indented JSON, ending in a newline; the defaults are the values of the declaration.
std::string schema_json(const declaration& root, const std::string& title);

template <class S>
std::string schema_json(const S& s, const std::string& title) {
  return schema_json(declare(s), title);
}

}  // namespace svasim::describe
