#include "describe/json_parse.h"

#include <fmt/format.h>
#include <tsl/robin_map.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "base/error.h"

namespace svasim::describe {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Walks forward through the text and knows the line and column where it stands.
class text_cursor {
 public:
  explicit text_cursor(std::string_view text) : m_text(text) {
    if (text.substr(0, 3) == "\xef\xbb\xbf") m_offset = 3;  // a byte order mark is no column
  }

  std::size_t offset() const { return m_offset; }
  std::uint32_t line() const { return m_line; }
  std::uint32_t column() const { return m_column; }

  void move_to(std::size_t offset) {
    for (; m_offset < std::min(offset, m_text.size()); ++m_offset) {
      const auto c = static_cast<unsigned char>(m_text[m_offset]);
      if (c == '\n') {
        ++m_line;
        m_column = 1;
      } else if ((c & 0xc0u) != 0x80u) {  // UTF-8 continuation bytes belong to the character before
        ++m_column;
      }
    }
  }
  void skip(std::string_view what) {
    const std::size_t next = m_text.find_first_not_of(what, m_offset);
    move_to(std::min(next, m_text.size()));
  }
  // Past the token that begins here. The parser has accepted it already.
  void skip_token() {
    const char first = m_text[m_offset];
    if (first == '"') {
      move_to(string_end());
    } else if (first == '-' || is_digit(first)) {
      move_to(number_end());
    } else {
      move_to(m_offset + (first == 't' || first == 'n' ? 4 : first == 'f' ? 5 : 1));
    }
  }

 private:
  static bool is_digit(char c) { return c >= '0' && c <= '9'; }
  std::size_t string_end() const {
    std::size_t end = m_offset + 1;
    while (m_text[end] != '"') end += m_text[end] == '\\' ? 2 : 1;
    return end + 1;
  }
  // By the grammar, not by what stands behind: "01" is two numbers.
  std::size_t number_end() const {
    std::size_t end = m_offset;
    const auto take = [&](std::string_view set) {
      const bool found = end < m_text.size() && set.find(m_text[end]) != std::string_view::npos;
      if (found) ++end;
      return found;
    };
    const auto take_digits = [&] {
      while (end < m_text.size() && is_digit(m_text[end])) ++end;
    };
    take("-");
    if (!take("0")) take_digits();
    if (take(".")) take_digits();
    if (take("eE")) {
      take("+-");
      take_digits();
    }
    return end;
  }

  std::string_view m_text;
  std::size_t m_offset = 0;
  std::uint32_t m_line = 1;
  std::uint32_t m_column = 1;
};

// Builds the tree from nlohmann's SAX events. Those carry no position in 3.11, but they come in the
// order of the text, so a cursor follows them from token to token.
class builder : public nlohmann::json_sax<nlohmann::json> {
 public:
  builder(std::string_view text, const parse_origin& origin)
      : m_text(text), m_origin(origin), m_cursor(text) {}

  bool null() override { return scalar(json_value::type::null, 0, {}); }
  bool boolean(bool v) override { return scalar(json_value::type::boolean, v ? 1 : 0, {}); }
  bool number_integer(number_integer_t v) override {
    if (v < 0) return scalar(json_value::type::number, 0, std::to_string(v));
    return scalar(json_value::type::count, static_cast<std::uint64_t>(v), {});
  }
  bool number_unsigned(number_unsigned_t v) override {
    return scalar(json_value::type::count, v, {});
  }
  bool number_float(number_float_t, const string_t& written) override {
    return scalar(json_value::type::number, 0, written);
  }
  bool string(string_t& v) override { return scalar(json_value::type::string, 0, std::move(v)); }
  bool binary(binary_t&) override { return false; }
  bool start_object(std::size_t) override { return open(json_value::type::object); }
  bool start_array(std::size_t) override { return open(json_value::type::array); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(string_t& v) override;
  bool parse_error(std::size_t offset, const std::string& token,
                   const nlohmann::json::exception& e) override;

  json_value result();

 private:
  struct frame {
    json_value value;
    std::string key;  // of the member that comes next
    position key_at;
    tsl::robin_map<std::string, position> keys;
  };

  position here() const {
    if (m_origin.override_value) return {m_origin.file, 0, 0};
    return {m_origin.file, m_cursor.line(), m_cursor.column()};
  }
  position next_token() {
    m_cursor.skip(" \t\r\n,:");
    const position at = here();
    m_cursor.skip_token();
    return at;
  }
  bool fail(position at, std::string message) {
    m_problems.push_back({m_origin.name, at.line, at.column, std::move(message)});
    return false;
  }
  bool take_value(position at) {
    if (m_origin.values_left == 0) {
      return fail(at, fmt::format("more than {} values", max_values));
    }
    --m_origin.values_left;
    return true;
  }
  bool scalar(json_value::type what, std::uint64_t integer, std::string text);
  bool open(json_value::type what);
  bool close();
  void attach(json_value v);

  std::string_view m_text;
  const parse_origin& m_origin;
  text_cursor m_cursor;
  std::vector<frame> m_open;
  json_value m_root;
  std::vector<base::problem> m_problems;
};

bool builder::scalar(json_value::type what, std::uint64_t integer, std::string text) {
  json_value v;
  v.what = what;
  v.at = next_token();
  v.integer = integer;
  v.text = std::move(text);
  if (!take_value(v.at)) return false;
  attach(std::move(v));
  return true;
}

bool builder::open(json_value::type what) {
  frame f;
  f.value.what = what;
  f.value.at = next_token();
  if (!take_value(f.value.at)) return false;
  if (m_open.size() == max_nesting) {
    return fail(f.value.at, fmt::format("nested deeper than {} levels", max_nesting));
  }
  m_open.push_back(std::move(f));
  return true;
}

bool builder::close() {
  next_token();
  json_value v = std::move(m_open.back().value);
  m_open.pop_back();
  attach(std::move(v));
  return true;
}

void builder::attach(json_value v) {
  if (m_open.empty()) {
    m_root = std::move(v);
    return;
  }
  frame& parent = m_open.back();
  if (parent.value.is(json_value::type::array)) {
    parent.value.elements.push_back(std::move(v));
  } else {
    parent.value.members.push_back({std::move(parent.key), parent.key_at, std::move(v)});
  }
}

bool builder::key(string_t& v) {
  frame& object = m_open.back();
  object.key_at = next_token();
  const auto [known, is_new] = object.keys.insert({v, object.key_at});
  if (!is_new) {
    const position first = known->second;
    const std::string where = first.is_override() ? ""
                                                  : fmt::format("; first at line {}, column {}",
                                                                first.line, first.column);
    fail(object.key_at, fmt::format("duplicate key {}{}", in_quotes(v), where));
    if (m_problems.size() == max_problems) return false;
  }
  object.key = std::move(v);
  return true;
}

bool builder::parse_error(std::size_t offset, const std::string&,
                          const nlohmann::json::exception& e) {
  std::string message = e.what();  // "[json.exception...] parse error at line L, column C: ..."
  const auto drop = [&message](std::string_view begin, std::string_view end) {
    if (message.rfind(begin, 0) == 0) message.erase(0, message.find(end) + end.size());
  };
  const auto says = [&message](const char* text) { return message.find(text) < message.size(); };
  drop("[", "] ");
  drop("parse error", ": ");
  message.erase(std::min(message.find("; last read"), message.size()));  // may quote the whole text
  if (message.size() > 200) message.resize(200);
  // nlohmann stands at the last byte that it has read. That is where separators and bad strings are
  // wrong; any other token is better shown where it begins.
  const bool here_exactly = says("unexpected ','") || says("unexpected ':'") ||
                            says("unexpected end of input") || says("invalid string");
  if (here_exactly) {
    m_cursor.move_to(std::max<std::size_t>(offset, 1) - 1);
  } else {
    m_cursor.skip(" \t\r\n,:");
  }
  return fail(here(), std::move(message));
}

json_value builder::result() {
  if (m_problems.empty()) {
    m_cursor.skip(blanks);  // nlohmann stops at a NUL as if the text ended there
    if (m_cursor.offset() != m_text.size()) fail(here(), "unexpected text after the value");
  }
  if (!m_problems.empty()) throw base::input_error(std::move(m_problems));
  return std::move(m_root);
}

}  // namespace

json_value parse_json(const std::string& text, const parse_origin& origin) {
  if (text.size() > max_file_bytes) {
    throw base::input_error(
        base::problem{origin.name, 0, 0, fmt::format("larger than {} MiB", max_file_bytes >> 20)});
  }
  builder b(text, origin);
  nlohmann::json::sax_parse(text, &b);
  return b.result();
}

}  // namespace svasim::describe
