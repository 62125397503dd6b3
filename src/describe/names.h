// Dotted paths, and the names that a description may use.
#pragma once

#include <string>
#include <vector>

namespace svasim::describe {

inline std::string dotted(const std::string& path, const std::string& name) {
  return path.empty() ? name : path + "." + name;
}

/// Adds `name` to the names of the struct at `path`. Throws std::logic_error when it is taken, or
/// cannot be told apart from the syntax of documents and paths ("value", "$...", a dot, an empty
/// name).
void declare_name(std::vector<std::string>& names, const std::string& path,
                  const std::string& name);

}  // namespace svasim::describe
