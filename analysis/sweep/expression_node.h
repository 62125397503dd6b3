// The tree of a parsed constraint, the steps that make it, and the kinds of its values. Kept inside
// analysis/sweep.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "analysis/sweep/expression.h"

namespace svasim::sweep {

enum class operation : std::uint8_t {
  literal,
  parameter,
  add,
  subtract,
  multiply,
  divide,
  remainder,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  logical_and,
  logical_or,
  logical_not,
};

struct expression::node {
  operation what = operation::literal;
  value::kind kind = value::kind::count;  // choices count as strings here
  std::size_t offset = 0;
  std::int64_t number = 0;  // literal
  std::string text;         // literal text, or the path of a parameter
  std::unique_ptr<node> left, right;
};

/// Parses a whole condition; `paths` receives the parameters it names.
std::unique_ptr<expression::node> parse_condition(const std::string& text,
                                                  const parameter_table& parameters,
                                                  std::vector<std::string>& paths);

/// The kind that `what` makes of its operands. Throws bad_expression at `offset`.
value::kind kind_of(operation what, value::kind left, value::kind right, std::size_t offset);

}  // namespace svasim::sweep
