#include "platforms/scenario/reader.h"

#include <fmt/format.h>

#include "base/error.h"
#include "describe/json_parse.h"
#include "platforms/scenario/case_parser.h"

namespace svasim::scenario {
namespace {

constexpr std::size_t chunk = std::size_t{64} << 10;

/// parse_json() sees one line and calls it line 1.
describe::json_value parse_line(const origin& from, const std::string& text) {
  std::size_t values_left = describe::max_values;
  try {
    return describe::parse_json(text, {from.file, 0, false, values_left});
  } catch (const base::input_error& e) {
    std::vector<base::problem> problems = e.problems();
    for (base::problem& p : problems) {
      if (p.line == 1) p.line = from.line;
      const std::string first = "; first at line 1,";
      const std::size_t at = p.message.rfind(first);
      if (at != std::string::npos) p.message.replace(at, first.size(), "; first at");
    }
    throw base::input_error(std::move(problems));
  }
}

}  // namespace

reader::reader(std::string file, source bytes)
    : m_file(std::move(file)), m_source(std::move(bytes)) {}

bool reader::next_line(std::string& line) {
  std::size_t searched = m_begin;
  for (;;) {
    const std::size_t end = m_buffer.find('\n', searched);
    const std::size_t held = (end == std::string::npos ? m_buffer.size() : end) - m_begin;
    if (held > max_line) {
      throw base::input_error(base::problem{
          m_file, m_line + 1, 0, fmt::format("the line is longer than {} MiB", max_line >> 20)});
    }
    if (end != std::string::npos) {
      line.assign(m_buffer, m_begin, held);
      m_begin = end + 1;
      break;
    }
    m_buffer.erase(0, m_begin);
    m_begin = 0;
    searched = m_buffer.size();
    m_buffer.resize(searched + chunk);
    m_buffer.resize(searched + m_source(m_buffer.data() + searched, chunk));
    if (m_buffer.size() != searched) continue;
    if (m_buffer.empty()) return false;
    line.swap(m_buffer);
    m_buffer.clear();
    break;
  }
  ++m_line;
  return true;
}

bool reader::next(scenario& out) {
  std::string line;
  do {
    if (!next_line(line)) return false;
  } while (line.find_first_not_of(" \t\r") == std::string::npos);
  const origin from{m_file, m_line};
  out = parse_case(from, parse_line(from, line));
  return true;
}

}  // namespace svasim::scenario
