// The commands and options of the program as a manual page and as a bash completion. Both are made
// from the command line's own declarations (help_tree.h), so that they cannot fall behind it.
#pragma once

#include <string>
#include <vector>

namespace svasim::app {

struct option_help {
  std::vector<std::string> names;  ///< "-o", "--out"; a positional argument has one without dashes
  std::string value;               ///< "PATH=VALUE"; empty for a flag
  std::string text;
  std::string standard;              ///< its default; empty: none to tell
  std::vector<std::string> choices;  ///< where only these are legal
  bool positional = false;
  bool required = false;
};

struct command_help {
  std::string name, text;
  std::string footer;  ///< notes and examples, as --help prints them
  std::vector<option_help> options;
  std::vector<command_help> commands;
};

/// In troff, for section 1.
std::string man_page(const command_help& program, const std::string& version);

/// A script that defines and registers the completion.
std::string bash_completion(const command_help& program);

}  // namespace svasim::app
