// The strict reader: a document into a params struct, by the struct's own description. What the
// document does not mention keeps its default; everything that it does mention must be declared, of
// the right JSON type, with the right unit and in range. "$schema" and "$comment" strings are legal
// in any object. A value is written plainly or with its provenance: {"value": "190ns", "source":
// "D: pcie-bench SNB"}; a number that is not known well also with what it may be: "range":
// ["150ns", "250ns"] (ranges.h).
#pragma once

#include <functional>
#include <utility>

#include "describe/document.h"
#include "describe/visitor.h"

namespace svasim::describe {

/// Visits `d` with the description. Throws base::input_error with every problem, in the order of
/// the files, each with position and dotted path; throws std::logic_error for a description that is
/// itself wrong.
void read(const document& d, const std::function<void(visitor&)>& description);

/// Reads `d` into `s`, which stays as it was when this throws.
template <class S>
void read_into(const document& d, S& s) {
  S fresh = s;
  read(d, [&fresh](visitor& v) { fresh.describe(v); });
  s = std::move(fresh);
}

}  // namespace svasim::describe
