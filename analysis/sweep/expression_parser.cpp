#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "analysis/sweep/expression_node.h"
#include "base/units.h"

namespace svasim::sweep {
namespace {

using kind = value::kind;
using node_ptr = std::unique_ptr<expression::node>;

constexpr std::size_t longest = 4096;
constexpr unsigned deepest = 64;

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}
bool is_word(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

struct symbol {
  const char* text;
  operation what;
};
constexpr std::array<symbol, 6> comparisons{{{"<=", operation::less_equal},
                                             {">=", operation::greater_equal},
                                             {"==", operation::equal},
                                             {"!=", operation::not_equal},
                                             {"<", operation::less},
                                             {">", operation::greater}}};
constexpr std::array<symbol, 2> sums{{{"+", operation::add}, {"-", operation::subtract}}};
constexpr std::array<symbol, 3> products{
    {{"*", operation::multiply}, {"/", operation::divide}, {"%", operation::remainder}}};

class parser {
 public:
  parser(const std::string& text, const parameter_table& parameters,
         std::vector<std::string>& paths)
      : m_text(text), m_parameters(parameters), m_paths(paths) {}

  node_ptr whole() {
    if (m_text.size() > longest) fail(longest, "longer than 4096 characters");
    node_ptr out = condition();
    skip();
    if (m_at < m_text.size()) fail(m_at, fmt::format("unexpected {}", here()));
    if (out->kind != kind::boolean) fail(out->offset, "a constraint must be true or false");
    return out;
  }

 private:
  [[noreturn]] static void fail(std::size_t at, const std::string& message) {
    throw bad_expression(at, message);
  }
  void skip() {
    while (m_at < m_text.size() && (m_text[m_at] == ' ' || m_text[m_at] == '\t')) ++m_at;
  }
  // What stands here, for a message.
  std::string here() const {
    if (m_at >= m_text.size()) return "end";
    std::size_t end = m_at;
    while (end < m_text.size() && end - m_at < 40 && (is_word(m_text[end]) || m_text[end] == '.')) {
      ++end;
    }
    return describe::in_quotes(m_text.substr(m_at, end == m_at ? 1 : end - m_at));
  }
  bool take_word(const char* word) {
    skip();
    const std::size_t n = std::char_traits<char>::length(word);
    if (m_text.compare(m_at, n, word) != 0) return false;
    if (m_at + n < m_text.size() && (is_word(m_text[m_at + n]) || m_text[m_at + n] == '.')) {
      return false;
    }
    m_at += n;
    return true;
  }
  template <std::size_t N>
  std::optional<operation> take(const std::array<symbol, N>& symbols) {
    skip();
    for (const symbol& s : symbols) {
      const std::size_t n = std::char_traits<char>::length(s.text);
      if (m_text.compare(m_at, n, s.text) != 0) continue;
      m_at += n;
      return s.what;
    }
    return std::nullopt;
  }

  node_ptr make(operation what, std::size_t offset, node_ptr left, node_ptr right) {
    auto out = std::make_unique<expression::node>();
    out->kind = kind_of(what, left->kind, right ? right->kind : kind::boolean, offset);
    out->what = what;
    out->offset = offset;
    out->left = std::move(left);
    out->right = std::move(right);
    return out;
  }
  // Each level of nesting costs stack: parentheses and chains of "not" are limited.
  struct depth_guard {
    depth_guard(unsigned& depth, std::size_t at) : m_depth(depth) {
      if (++m_depth > deepest) fail(at, "nested deeper than 64");
    }
    depth_guard(const depth_guard&) = delete;
    depth_guard& operator=(const depth_guard&) = delete;
    ~depth_guard() { --m_depth; }
    unsigned& m_depth;
  };

  node_ptr condition() {
    node_ptr left = conjunction();
    for (;;) {
      skip();
      const std::size_t at = m_at;
      if (!take_word("or")) return left;
      left = make(operation::logical_or, at, std::move(left), conjunction());
    }
  }
  node_ptr conjunction() {
    node_ptr left = negation();
    for (;;) {
      skip();
      const std::size_t at = m_at;
      if (!take_word("and")) return left;
      left = make(operation::logical_and, at, std::move(left), negation());
    }
  }
  node_ptr negation() {
    skip();
    const std::size_t at = m_at;
    if (!take_word("not")) return comparison();
    const depth_guard guard(m_depth, at);
    return make(operation::logical_not, at, negation(), nullptr);
  }
  node_ptr comparison() {
    node_ptr left = sum();
    skip();
    const std::size_t at = m_at;
    const auto what = take(comparisons);
    if (!what) return left;
    return make(*what, at, std::move(left), sum());
  }
  node_ptr sum() {
    node_ptr left = product();
    for (;;) {
      skip();
      const std::size_t at = m_at;
      const auto what = take(sums);
      if (!what) return left;
      left = make(*what, at, std::move(left), product());
    }
  }
  node_ptr product() {
    node_ptr left = primary();
    for (;;) {
      skip();
      const std::size_t at = m_at;
      const auto what = take(products);
      if (!what) return left;
      left = make(*what, at, std::move(left), primary());
    }
  }
  node_ptr primary() {
    skip();
    if (m_at >= m_text.size()) fail(m_at, "a value is missing at the end");
    const char c = m_text[m_at];
    if (c == '(') return parenthesis();
    if (c == '"') return quoted();
    if (is_digit(c)) return number();
    if (is_word(c)) return name();
    fail(m_at, fmt::format("a value is missing before {}", here()));
  }
  node_ptr parenthesis() {
    const std::size_t open = m_at++;
    const depth_guard guard(m_depth, open);
    node_ptr out = condition();
    skip();
    if (m_at >= m_text.size() || m_text[m_at] != ')') {
      fail(m_at, fmt::format("a \")\" is missing before {}", here()));
    }
    ++m_at;
    return out;
  }
  node_ptr literal(kind k, std::size_t at) const {
    auto out = std::make_unique<expression::node>();
    out->kind = k;
    out->offset = at;
    return out;
  }
  node_ptr quoted() {
    const std::size_t at = m_at;
    const std::size_t end = m_text.find('"', at + 1);
    if (end == std::string::npos) fail(at, "the closing quote is missing");
    node_ptr out = literal(kind::string, at);
    out->text = m_text.substr(at + 1, end - at - 1);
    m_at = end + 1;
    return out;
  }
  node_ptr number();
  node_ptr name();

  const std::string& m_text;
  const parameter_table& m_parameters;
  std::vector<std::string>& m_paths;
  std::size_t m_at = 0;
  unsigned m_depth = 0;
};

struct number_value {
  kind what;
  std::uint64_t n;
};

std::optional<number_value> parse_number(const std::string& word) {
  if (word.find_first_not_of("0123456789") == std::string::npos) {
    if (word.size() > 20) return std::nullopt;
    unsigned __int128 n = 0;
    for (const char c : word) n = n * 10 + static_cast<unsigned>(c - '0');
    if (n > std::numeric_limits<std::int64_t>::max()) return std::nullopt;
    return number_value{kind::count, static_cast<std::uint64_t>(n)};
  }
  if (const auto v = base::parse_duration(word)) return number_value{kind::time, v->value()};
  if (const auto v = base::parse_byte_size(word)) return number_value{kind::size, v->value()};
  if (const auto v = base::parse_frequency(word)) return number_value{kind::frequency, v->value()};
  if (const auto v = base::parse_byte_rate(word)) return number_value{kind::rate, v->value()};
  return std::nullopt;
}

node_ptr parser::number() {
  const std::size_t at = m_at;
  std::size_t end = at;
  while (end < m_text.size() && (is_word(m_text[end]) || m_text[end] == '.')) ++end;
  // "16GB/s" is one word; "4KiB/size" is not.
  if (m_text.compare(end, 2, "/s") == 0 &&
      (end + 2 == m_text.size() || !is_word(m_text[end + 2]))) {
    const auto rate = base::parse_byte_rate(m_text.substr(at, end + 2 - at));
    if (rate) end += 2;
  }
  const std::string word = m_text.substr(at, end - at);
  const auto parsed = parse_number(word);
  if (!parsed || parsed->n > std::numeric_limits<std::int64_t>::max()) {
    fail(at, fmt::format("{} is no whole number below 2^63, and no value with a unit such as "
                         "4KiB, 190ns, 2GHz or 16GB/s",
                         describe::in_quotes(word)));
  }
  node_ptr out = literal(parsed->what, at);
  out->number = static_cast<std::int64_t>(parsed->n);
  m_at = end;
  return out;
}

node_ptr parser::name() {
  const std::size_t at = m_at;
  for (const bool truth : {true, false}) {
    if (!take_word(truth ? "true" : "false")) continue;
    node_ptr out = literal(kind::boolean, at);
    out->number = truth ? 1 : 0;
    return out;
  }
  std::size_t end = at;
  while (end < m_text.size() && (is_word(m_text[end]) || m_text[end] == '.')) ++end;
  node_ptr out = literal(kind::count, at);
  out->what = operation::parameter;
  out->text = m_text.substr(at, end - at);
  try {
    out->kind = m_parameters.at(out->text).kind;
  } catch (const bad_value& e) {
    fail(at, e.what());
  }
  if (out->kind == kind::choice) out->kind = kind::string;
  if (std::find(m_paths.begin(), m_paths.end(), out->text) == m_paths.end()) {
    m_paths.push_back(out->text);
  }
  m_at = end;
  return out;
}

}  // namespace

node_ptr parse_condition(const std::string& text, const parameter_table& parameters,
                         std::vector<std::string>& paths) {
  return parser(text, parameters, paths).whole();
}

}  // namespace svasim::sweep
