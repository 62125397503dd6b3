#include "workloads/page_runs.h"

#include <algorithm>

#include "workloads/text_fields.h"

namespace svasim::workloads {
namespace {

constexpr unsigned page_shift = 12;
constexpr std::uint64_t max_page = ~std::uint64_t{0} >> page_shift;
constexpr std::uint64_t max_count = std::uint64_t{1} << 32;

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

bool page_runs::looks_like(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  if (line.substr(0, 2) != "R " && line.substr(0, 2) != "W ") return false;
  line.remove_prefix(2);
  const std::size_t space = line.find(' ');
  if (space == 0 || space == std::string_view::npos || space + 1 == line.size()) return false;
  const std::string_view page = line.substr(0, space);
  const std::string_view count = line.substr(space + 1);
  return std::all_of(page.begin(), page.end(), is_hex) &&
         std::all_of(count.begin(), count.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool page_runs::next(trace::record& out) {
  std::string_view line;
  if (!m_lines.next(line)) return false;
  text_fields f(m_lines, line);
  out = trace::record{};
  out.line = m_lines.number();
  out.length = access_length;
  out.write = f.take("W ");
  if (!out.write && !f.take("R "))
    f.fail("expected \"R PAGE COUNT\" or \"W PAGE COUNT\", not " + quoted(line));
  out.address = base::iova(f.hexadecimal(max_page) << page_shift);
  if (!f.take(" ")) f.fail("expected a space and the count, not " + quoted(f.rest()));
  const std::size_t at = f.position();
  const std::uint64_t count = f.number(max_count);
  if (count == 0) f.fail_at(at, "a run of no accesses");
  out.repeats = static_cast<std::uint32_t>(count - 1);
  if (!f.at_end()) f.fail("expected the end of the line, not " + quoted(f.rest()));
  return true;
}

}  // namespace svasim::workloads
