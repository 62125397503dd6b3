#include "workloads/text_fields.h"

#include <fmt/format.h>

#include <charconv>

namespace svasim::workloads {
namespace {

bool is_alphanumeric(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

}  // namespace

std::string quoted(std::string_view text) {
  constexpr std::size_t longest = 40;
  const bool cut = text.size() > longest;
  return fmt::format("\"{}{}\"", text.substr(0, longest), cut ? "..." : "");
}

void text_fields::need(std::string_view key) {
  if (find(key)) return;
  while (!key.empty() && key.front() == ' ') key.remove_prefix(1);
  fail(fmt::format("no {} in the line", quoted(key)));
}

std::uint64_t text_fields::number(std::uint64_t max) {
  while (m_at < m_line.size() && m_line[m_at] == ' ') ++m_at;
  const std::size_t start = m_at;
  const bool hex = take("0x");
  return digits(start, hex ? 16 : 10, max);
}

std::uint64_t text_fields::hexadecimal(std::uint64_t max) {
  return digits(m_at, 16, max);
}

// The number begins at `start`, its digits here.
std::uint64_t text_fields::digits(std::size_t start, int base, std::uint64_t max) {
  const char* begin = m_line.data() + m_at;
  const char* end = m_line.data() + m_line.size();
  m_at = start;
  std::uint64_t value = 0;
  const auto [stop, code] = std::from_chars(begin, end, value, base);
  if (code == std::errc::result_out_of_range) fail("the number does not fit in 64 bits");
  if (code != std::errc() || (stop != end && is_alphanumeric(*stop))) {
    fail(fmt::format("expected a number, not {}", quoted(rest())));
  }
  if (value > max) {
    fail(base == 16 ? fmt::format("{:#x} is above {:#x}", value, max)
                    : fmt::format("{} is above {}", value, max));
  }
  m_at = static_cast<std::size_t>(stop - m_line.data());
  return value;
}

bool text_fields::number_or_any(std::uint64_t max, std::uint64_t& out) {
  if (take("-1")) return false;
  out = number(max);
  return true;
}

std::string_view text_fields::word(char stop) {
  const std::size_t found = m_line.find(stop, m_at);
  const std::string_view out = m_line.substr(m_at, found - m_at);
  m_at += out.size();
  return out;
}

}  // namespace svasim::workloads
