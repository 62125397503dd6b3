#include "validate/formula.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

namespace svasim::validate {
namespace {

constexpr std::size_t longest = 1024;
constexpr unsigned deepest = 32;

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}
bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

}  // namespace

class formula::parser {
 public:
  parser(const std::string& text, formula& out) : m_text(text), m_out(out) {}

  void parse() {
    if (m_text.size() > longest) throw bad_formula(fmt::format("longer than {}", longest));
    sum();
    if (m_at != m_text.size()) fail("an operator");
  }

 private:
  [[noreturn]] void fail(const char* wanted) const {
    throw bad_formula(fmt::format("{} is missing after \"{}\"", wanted, m_text.substr(0, m_at)));
  }

  char peek() {
    while (m_at < m_text.size() && m_text[m_at] == ' ') ++m_at;
    return m_at < m_text.size() ? m_text[m_at] : '\0';
  }

  void operators(const char* these, void (parser::*next)()) {
    (this->*next)();
    for (char c = peek(); c != '\0' && (c == these[0] || c == these[1]); c = peek()) {
      ++m_at;
      (this->*next)();
      m_out.m_steps.push_back({c, 0, "", ""});
    }
  }
  void sum() { operators("+-", &parser::product); }
  void product() { operators("*/", &parser::primary); }

  std::string name() {
    const std::size_t from = m_at;
    if (!begins_name(peek())) fail("a figure");
    while (m_at < m_text.size() &&
           (begins_name(m_text[m_at]) || is_digit(m_text[m_at]) || m_text[m_at] == '.')) {
      ++m_at;
    }
    return m_text.substr(from, m_at - from);
  }

  void other_point() {
    const std::size_t end = m_text.find('\'', m_at + 1);
    if (end == std::string::npos || end + 1 >= m_text.size() || m_text[end + 1] != '.') {
      fail("'POINT'.FIGURE");
    }
    const std::string point = m_text.substr(m_at + 1, end - m_at - 1);
    m_at = end + 2;
    m_out.m_steps.push_back({'f', 0, point, name()});
    auto& all = m_out.m_points;
    if (std::find(all.begin(), all.end(), point) == all.end()) all.push_back(point);
  }

  void primary() {
    const char c = peek();
    if (c == '(') {
      if (++m_depth > deepest) throw bad_formula("parentheses too deep");
      ++m_at;
      sum();
      if (peek() != ')') fail("\")\"");
      ++m_at;
      --m_depth;
    } else if (c == '\'') {
      other_point();
    } else if (is_digit(c)) {
      char* end = nullptr;
      const double v = std::strtod(m_text.c_str() + m_at, &end);
      m_at = static_cast<std::size_t>(end - m_text.c_str());
      m_out.m_steps.push_back({'0', v, "", ""});
    } else {
      m_out.m_steps.push_back({'f', 0, "", name()});
    }
  }

  const std::string& m_text;
  formula& m_out;
  std::size_t m_at = 0;
  unsigned m_depth = 0;
};

formula::formula(const std::string& text) {
  parser(text, *this).parse();
}

double formula::value(const lookup& of) const {
  std::vector<double> stack;
  for (const step& s : m_steps) {
    if (s.what == '0') {
      stack.push_back(s.number);
    } else if (s.what == 'f') {
      stack.push_back(of(s.point, s.figure));
    } else {
      const double right = stack.back();
      stack.pop_back();
      double& left = stack.back();
      left = s.what == '+'   ? left + right
             : s.what == '-' ? left - right
             : s.what == '*' ? left * right
                             : left / right;
    }
  }
  return stack.back();
}

}  // namespace svasim::validate
