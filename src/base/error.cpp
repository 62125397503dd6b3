#include "base/error.h"

#include <array>

namespace svasim::base {
namespace {

std::string joined(const std::vector<problem>& problems) {
  std::string out;
  for (const problem& p : problems) out += (out.empty() ? "" : "\n") + p.text();
  return out;
}

}  // namespace

std::string printable(const std::string& text) {
  constexpr std::array<char, 17> hex{"0123456789abcdef"};
  std::string out;
  for (const char c : text) {
    const auto u = static_cast<unsigned char>(c);
    if (u >= 0x20 && u != 0x7f) {
      out += c;
    } else {
      out += std::string("\\x") + hex[u >> 4] + hex[u & 15];
    }
  }
  return out;
}

std::string problem::text() const {
  std::string out;
  if (!file.empty()) out += file + ":";
  if (line != 0) out += std::to_string(line) + ":";
  if (line != 0 && column != 0) out += std::to_string(column) + ":";
  return printable(out + (out.empty() ? "" : " ") + message);
}

input_error::input_error(std::vector<problem> problems)
    : std::runtime_error(joined(problems)), m_problems(std::move(problems)) {}

}  // namespace svasim::base
