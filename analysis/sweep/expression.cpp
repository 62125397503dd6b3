#include "analysis/sweep/expression.h"

#include <fmt/format.h>

#include "analysis/sweep/expression_node.h"

namespace svasim::sweep {
namespace {

using kind = value::kind;
using number = __int128;

const char* a_name(kind k) {
  switch (k) {
    case kind::count:
      return "a number";
    case kind::time:
      return "a time";
    case kind::size:
      return "a size";
    case kind::frequency:
      return "a frequency";
    case kind::rate:
      return "a rate";
    case kind::boolean:
      return "true or false";
    default:
      return "a text";
  }
}

bool is_number(kind k) {
  return k <= kind::rate;
}

kind comparison_kind(operation what, kind left, kind right, std::size_t offset) {
  const bool equality = what == operation::equal || what == operation::not_equal;
  if (left == right && (is_number(left) || equality)) return kind::boolean;
  if (left == right) {
    throw bad_expression(offset, fmt::format("{} is only compared by == and !=", a_name(left)));
  }
  throw bad_expression(offset,
                       fmt::format("{} cannot be compared with {}", a_name(left), a_name(right)));
}

kind sum_kind(operation what, kind left, kind right, std::size_t offset) {
  if (left == right && is_number(left)) return left;
  const char* verb = what == operation::remainder ? "taken modulo"
                     : what == operation::add     ? "added to"
                                                  : "subtracted from";
  const bool reversed = what == operation::subtract;
  throw bad_expression(offset, fmt::format("{} cannot be {} {}", a_name(reversed ? right : left),
                                           verb, a_name(reversed ? left : right)));
}

kind product_kind(operation what, kind left, kind right, std::size_t offset) {
  const bool product = what == operation::multiply;
  if (is_number(left) && is_number(right)) {
    if (right == kind::count) return left;
    if (product && left == kind::count) return right;
    if (!product && left == right) return kind::count;
  }
  throw bad_expression(offset, fmt::format("{} cannot be {} by {}", a_name(left),
                                           product ? "multiplied" : "divided", a_name(right)));
}

// A 128-bit result that fits, or an error at the operator.
template <class F>
number checked(F overflows, std::size_t offset) {
  number out = 0;
  if (overflows(&out)) throw bad_expression(offset, "the result is beyond 128 bits");
  return out;
}

struct result {
  number n = 0;
  const std::string* text = nullptr;
};

class evaluator {
 public:
  explicit evaluator(const expression::lookup& values) : m_values(values) {}

  result of(const expression::node& n) const {
    switch (n.what) {
      case operation::literal:
        return {n.number, &n.text};
      case operation::parameter: {
        const value& v = m_values(n.text);
        return {static_cast<number>(v.number), &v.text};
      }
      case operation::logical_not:
        return {of(*n.left).n == 0 ? 1 : 0, nullptr};
      case operation::logical_and:
        return {of(*n.left).n != 0 && of(*n.right).n != 0 ? 1 : 0, nullptr};
      case operation::logical_or:
        return {of(*n.left).n != 0 || of(*n.right).n != 0 ? 1 : 0, nullptr};
      default:
        break;
    }
    const result a = of(*n.left), b = of(*n.right);
    if (n.left->kind == kind::string) {
      return {(*a.text == *b.text) == (n.what == operation::equal) ? 1 : 0, nullptr};
    }
    return {arithmetic(n, a.n, b.n), nullptr};
  }

 private:
  static number arithmetic(const expression::node& n, number a, number b) {
    switch (n.what) {
      case operation::add:
        return checked([&](number* o) { return __builtin_add_overflow(a, b, o); }, n.offset);
      case operation::subtract:
        return checked([&](number* o) { return __builtin_sub_overflow(a, b, o); }, n.offset);
      case operation::multiply:
        return checked([&](number* o) { return __builtin_mul_overflow(a, b, o); }, n.offset);
      case operation::divide:
      case operation::remainder:
        return quotient(n, a, b);
      case operation::less:
        return a < b;
      case operation::less_equal:
        return a <= b;
      case operation::greater:
        return a > b;
      case operation::greater_equal:
        return a >= b;
      case operation::equal:
        return a == b;
      default:
        return a != b;
    }
  }
  static number quotient(const expression::node& n, number a, number b) {
    if (b == 0) throw bad_expression(n.offset, "a division by zero");
    if (b == -1) {  // of the smallest number overflows
      if (n.what == operation::remainder) return 0;
      return checked([&](number* o) { return __builtin_sub_overflow(number{0}, a, o); }, n.offset);
    }
    number q = a / b, r = a % b;
    if (r != 0 && (r < 0) != (b < 0)) {  // round down, not towards zero
      q -= 1;
      r += b;
    }
    return n.what == operation::divide ? q : r;
  }

  const expression::lookup& m_values;
};

}  // namespace

kind kind_of(operation what, kind left, kind right, std::size_t offset) {
  switch (what) {
    case operation::add:
    case operation::subtract:
    case operation::remainder:
      return sum_kind(what, left, right, offset);
    case operation::multiply:
    case operation::divide:
      return product_kind(what, left, right, offset);
    case operation::logical_and:
    case operation::logical_or:
    case operation::logical_not:
      if (left == kind::boolean && right == kind::boolean) return kind::boolean;
      throw bad_expression(offset,
                           fmt::format("\"and\", \"or\" and \"not\" need true or false, not {}",
                                       a_name(left == kind::boolean ? right : left)));
    default:
      return comparison_kind(what, left, right, offset);
  }
}

expression::expression(const std::string& text, const parameter_table& parameters)
    : m_text(text), m_root(parse_condition(text, parameters, m_paths)) {}
expression::~expression() = default;
expression::expression(expression&&) noexcept = default;
expression& expression::operator=(expression&&) noexcept = default;

bool expression::holds(const lookup& values) const {
  return evaluator(values).of(*m_root).n != 0;
}

}  // namespace svasim::sweep
