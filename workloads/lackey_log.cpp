#include "workloads/lackey_log.h"

#include "workloads/text_fields.h"

namespace svasim::workloads {
namespace {

// Of one access: generous, the largest save all registers of a CPU at once.
constexpr std::uint64_t max_size = 1 << 16;

// "==PID== ": valgrind's own words.
bool is_message(std::string_view line) {
  if (line.substr(0, 2) != "==") return false;
  const std::size_t end = line.find_first_not_of("0123456789", 2);
  return end != 2 && end != std::string_view::npos && line.substr(end, 2) == "==";
}

bool is_prefix(std::string_view line) {
  for (const std::string_view known : {"I  ", " L ", " S ", " M "}) {
    if (line.substr(0, 3) == known) return true;
  }
  return false;
}

}  // namespace

// Behind valgrind's words there must be an access: other tools say words, too.
bool lackey_log::looks_like(std::string_view start) {
  bool said_lackey = false;
  while (!start.empty()) {
    const std::size_t end = start.find('\n');
    const std::string_view line = start.substr(0, end);
    if (!is_message(line)) {
      return is_prefix(line) && line.find(',') != std::string_view::npos;
    }
    said_lackey = said_lackey || line.find(" Lackey") != std::string_view::npos;
    start = end == std::string_view::npos ? std::string_view() : start.substr(end + 1);
  }
  return said_lackey;
}

bool lackey_log::next(trace::record& out) {
  std::string_view line;
  while (m_lines.next(line)) {
    if (is_message(line)) continue;
    text_fields f(m_lines, line);
    if (!is_prefix(line)) f.fail("expected I, L, S or M with ADDRESS,SIZE, not " + quoted(line));
    const char op = line[0] == 'I' ? 'I' : line[1];
    f.take(line.substr(0, 3));
    out = trace::record{};
    out.line = m_lines.number();
    out.address = base::iova(f.hexadecimal(~std::uint64_t{0}));
    if (!f.take(",")) f.fail("expected a comma and the size, not " + quoted(f.rest()));
    const std::size_t at = f.position();
    out.length = static_cast<std::uint32_t>(f.number(max_size));
    if (out.length == 0) f.fail_at(at, "an access of no bytes");
    if (out.address.value() + (out.length - 1) < out.address.value()) {
      f.fail_at(at, "the access runs over the end of the address space");
    }
    if (!f.at_end()) f.fail("expected the end of the line, not " + quoted(f.rest()));
    if (op == 'I') continue;
    out.write = op != 'L';
    return true;
  }
  return false;
}

}  // namespace svasim::workloads
