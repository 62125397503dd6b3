// Problems found in what a user gave: each is one line "file:line:col: message" on stderr, exit
// code 2.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace svasim::base {

/// One problem of an input. `line` and `column` count from 1, 0 where they are not known.
struct problem {
  std::string file;
  std::uint64_t line = 0;
  std::uint64_t column = 0;
  std::string message;

  /// "file:line:col: message", leaving out what is not known. Control characters are escaped, so
  /// that text from an input cannot drive a terminal.
  std::string text() const;
};

/// Bad input or usage (exit code 2), with every problem found in one go.
class input_error : public std::runtime_error {
 public:
  explicit input_error(std::vector<problem> problems);
  explicit input_error(problem p) : input_error(std::vector<problem>{std::move(p)}) {}
  explicit input_error(std::string message) : input_error(problem{{}, 0, 0, std::move(message)}) {}
  const std::vector<problem>& problems() const { return m_problems; }

 private:
  std::vector<problem> m_problems;
};

/// `text` with control characters as \xNN, for messages that quote an input.
std::string printable(const std::string& text);

}  // namespace svasim::base
