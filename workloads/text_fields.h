// Walks over the fields of one line of a text trace; every error names file, line and column.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "workloads/line_reader.h"

namespace svasim::workloads {

class text_fields {
 public:
  text_fields(const line_reader& lines, std::string_view line, std::size_t at = 0)
      : m_lines(lines), m_line(line), m_at(at) {}

  std::string_view rest() const { return m_line.substr(m_at); }
  bool at_end() const { return m_at >= m_line.size(); }
  std::size_t position() const { return m_at; }

  /// Moves to this position, at most the length of the line.
  void go_to(std::size_t at) { m_at = at; }
  /// Moves behind the next `key`. False when it does not come, and then stays.
  bool find(std::string_view key) {
    const std::size_t found = m_line.find(key, m_at);
    if (found == std::string_view::npos) return false;
    m_at = found + key.size();
    return true;
  }
  /// Moves behind the next `key`; throws "no KEY in the line" when it does not come.
  void need(std::string_view key);
  /// Moves behind `key` if the rest begins with it.
  bool take(std::string_view key) {
    if (m_line.compare(m_at, key.size(), key) != 0) return false;
    m_at += key.size();
    return true;
  }
  /// A number, decimal or with 0x hexadecimal, spaces before it allowed. Throws when there is none,
  /// when it is above `max`, or when a letter or digit follows it.
  std::uint64_t number(std::uint64_t max = ~std::uint64_t{0});
  /// A number in hexadecimal digits, without 0x and without spaces before it.
  std::uint64_t hexadecimal(std::uint64_t max);
  /// As number(), or "-1", for which it gives false.
  bool number_or_any(std::uint64_t max, std::uint64_t& out);
  /// Up to the next `stop` or the end of the line; stays before it.
  std::string_view word(char stop);

  [[noreturn]] void fail(const std::string& message) const { fail_at(m_at, message); }
  [[noreturn]] void fail_at(std::size_t at, const std::string& message) const {
    m_lines.fail(at + 1, message);
  }

 private:
  std::uint64_t digits(std::size_t start, int base, std::uint64_t max);

  const line_reader& m_lines;
  std::string_view m_line;
  std::size_t m_at;
};

/// `text` quoted for a message, cut after 40 characters.
std::string quoted(std::string_view text);

}  // namespace svasim::workloads
