// The parameter reference, generated: one Markdown table for each group.
#pragma once

#include <string>

#include "describe/declaration.h"

namespace svasim::describe {

/// Markdown, ending in a newline. The defaults are the values of the declaration; the elements of a
/// list are shown once, as `list.N`, with the defaults of a new element.
std::string reference_markdown(const declaration& root, const std::string& title);

template <class S>
std::string reference_markdown(const S& s, const std::string& title) {
  return reference_markdown(declare(s), title);
}

}  // namespace svasim::describe
